package norma.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.trainer.device.DeviceBatch;
import norma.trainer.dropout.DropoutSite;

/**
 * The weights of one network and the passes through it. Parameters have shapes and names from the start, arrays later.
 */
public interface Network {
    /** Its shape. */
    ModelConfig config();

    /** Every parameter in file order, each under its Hugging Face name; of any number of dimensions. */
    List<Parameter> parameters();

    /** Parameters that are stored with the others and that no step changes. */
    default Set<Parameter> buffers() {
        return Set.of();
    }

    /** Buffers that a file may lack, and that are 0 then. */
    default Set<Parameter> optional() {
        return Set.of();
    }

    /** Which axes of its parameters count the positions of the hidden vector; empty if the network does not say. */
    default Map<Parameter, HiddenAxes> hiddenAxes() {
        return Map.of();
    }

    /** What is recorded, in the order of the forward pass: the stacks' sites, then those of the heads. */
    List<LayerNormSite> layerNormSites();

    /**
     * Groups of parameters that one matrix product uses together, so that their arrays must lie one after the other.
     */
    List<List<Parameter>> stacks();

    /**
     * Every place of dropout, in the order of the forward pass.
     *
     * @see ModelConfig#dropoutSites
     */
    List<DropoutSite> dropoutSites(long length, long longest);

    /**
     * The same where a decoder's rows have a length of their own.
     *
     * @param lengths of a micro-batch
     * @param longest of the step
     */
    default List<DropoutSite> dropoutSites(BatchLengths lengths, BatchLengths longest) {
        return dropoutSites(lengths.source(), longest.source());
    }

    /** The pass up to the last hidden state. */
    Stages stages();

    /** The heads that it has. */
    Set<Head> heads();

    /** Width of a head's output: V, 2, 1, or the outputs of a classifier. */
    int outputs(Head head);

    /**
     * A head's logits.
     *
     * @param hidden rows of the last hidden state (N, H) for {@link Head#LANGUAGE_MODEL} and
     *     {@link Head#REPLACED_TOKENS}, all of it (B*S, H) for heads on whole sequences
     * @param batch what the hidden states are of: B, and where each sequence ends
     * @return (N, outputs) or (B, outputs)
     */
    NDArray head(ForwardPass pass, Head head, NDArray hidden, DeviceBatch batch);
}
