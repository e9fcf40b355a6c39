package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.blocks.Operators;
import norma.trainer.blocks.ResidualChain;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TransformerShape;

/** Word, position and token-type embeddings, summed and normalised (Devlin et al. 2019, figure 2). */
final class BertEmbeddings implements ResidualChain.Start {
    private static final int DROPOUT_SITE = 0;

    private final TransformerShape shape;
    private final Parameter words;
    private final Parameter places;
    private final Parameter types;
    private final Norm norm;

    BertEmbeddings(NetworkParameters parameters, BertConfig config) {
        shape = config.shape();
        int h = config.hiddenSize();
        words = parameters.matrix(BertArchitecture.WORD_EMBEDDINGS, config.vocabSize(), h);
        places = parameters.matrix(BertArchitecture.POSITION_EMBEDDINGS, config.maxPositionEmbeddings(), h);
        types = parameters.matrix(BertArchitecture.TYPE_EMBEDDINGS, config.typeVocabSize(), h);
        norm = parameters.layerNorm("bert.embeddings.LayerNorm", h, config.layerNormEps());
    }

    /** The table that the language-model head shares. */
    Parameter words() {
        return words;
    }

    @Override
    public NDArray sum(ForwardPass pass, DeviceBatch batch) {
        NDArray ids = batch.inputIds(); // (B, S)
        NDArray positions = ids.getManager().arange(0, batch.length(), 1, DataType.INT64); // (S)
        return Operators.rows(ids, pass.value(words)) // (B, S, H)
                .add(Operators.rows(batch.tokenTypeIds(), pass.value(types))) // (B, S, H)
                .add(Operators.rows(positions, pass.value(places))) // (S, H) to each sequence
                .reshape(-1, shape.hiddenSize()); // (B*S, H)
    }

    @Override
    public List<String> parameterNames() {
        return List.of(words.getName(), places.getName(), types.getName());
    }

    /** The LayerNorm of the embeddings, with its dropout. */
    ResidualChain.Link link() {
        LayerNormSite site = norm.site(
                "embeddings", LayerNormSite.Stack.ENCODER, LayerNormSite.NO_LAYER, LayerNormSite.Kind.EMBEDDINGS);
        return new ResidualChain.Link(
                null,
                List.of(),
                (pass, sum) -> pass.kernels(shape).dropout(pass, norm.apply(pass, sum), DROPOUT_SITE),
                site);
    }
}
