package norma.trainer.bert;

import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.model.LayerNormSite;

/** A BERT with its heads: a DJL block whose parameters are known by their Hugging Face names. */
public sealed interface BertModel permits BertForPreTraining, BertForSequenceClassification {
    BertEncoder encoder();

    BertPooler pooler();

    /** Every parameter in the order of the forward pass, each under its Hugging Face name. */
    public List<Parameter> parameters();

    /** The LayerNorm sites in the order of the forward pass: the encoder's, then those of the heads. */
    List<LayerNormSite> layerNormSites();
}
