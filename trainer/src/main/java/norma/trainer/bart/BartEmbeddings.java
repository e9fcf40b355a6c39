package norma.trainer.bart;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.blocks.NetworkParameters;
import norma.trainer.blocks.Norm;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;

/** Word and position embeddings of one stack, summed; the words are those of both stacks. */
final class BartEmbeddings {
    private static final int OFFSET = 2; // rows of the position table before that of the first position

    private final Parameter words;
    private final Parameter positions;
    private final BartLink link;

    /**
     * Makes the position table and the LayerNorm.
     *
     * @param words (V, H)
     * @param name of the stack in the tensors' names
     */
    BartEmbeddings(NetworkParameters parameters, BartConfig config, Parameter words, Stack stack, String name) {
        this.words = words;
        String prefix = "model." + name + ".";
        long rows = (long) config.maxPositionEmbeddings() + OFFSET;
        positions = parameters.normal(
                prefix + "embed_positions.weight", config.initStd(), HiddenAxes.SECOND, rows, config.dModel());
        Norm norm = parameters.layerNorm(prefix + "layernorm_embedding", config.dModel(), BartConfig.LAYER_NORM_EPS);
        LayerNormSite site = norm.site(name + ".layernorm_embedding", stack, LayerNormSite.NO_LAYER, Kind.EMBEDDINGS);
        link = new BartLink(null, List.of(), norm, site);
    }

    /** The LayerNorm of the sum. */
    BartLink link() {
        return link;
    }

    /** Names of the tables. */
    List<String> parameterNames() {
        return List.of(words.getName(), positions.getName());
    }

    /** The sum, before its LayerNorm: (B*S, H). */
    NDArray sum(ForwardPass pass, DeviceBatch batch) {
        NDArray places =
                batch.inputIds().getManager().arange(OFFSET, OFFSET + batch.length(), 1, DataType.INT64); // (S)
        NDArray sum = Operators.rows(batch.inputIds(), pass.value(words)) // (B, S, H)
                .add(Operators.rows(places, pass.value(positions))); // (S, H)
        return sum.reshape(-1, words.getShape().get(1)); // (B*S, H)
    }
}
