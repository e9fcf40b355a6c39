package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.TransformerShape;

/** A linear layer on the pooled token, with dropout before it if it has a site for it. */
public final class PooledHead implements HeadBlock {
    /** The site of a head without dropout. */
    public static final int NO_DROPOUT = -1;

    private final Pooler pooler;
    private final TransformerShape shape;
    private final int dropout;
    private final Parameter weight;
    private final Parameter bias;

    /**
     * Makes the parameters.
     *
     * @param prefix of weight and bias, without dot
     * @param outputs number of logits
     * @param dropout number of the dropout on the pooled token, or {@link #NO_DROPOUT}
     */
    public PooledHead(
            NetworkParameters parameters,
            Pooler pooler,
            TransformerShape shape,
            String prefix,
            int outputs,
            int dropout) {
        this.pooler = pooler;
        this.shape = shape;
        this.dropout = dropout;
        weight = parameters.matrix(prefix + ".weight", HiddenAxes.NONE, outputs, shape.hiddenSize());
        bias = parameters.bias(prefix + ".bias", HiddenAxes.NONE, outputs);
    }

    /** Its own parameters, without the pooler's. */
    public List<Parameter> parameters() {
        return List.of(weight, bias);
    }

    @Override
    public int outputs() {
        return Math.toIntExact(bias.getShape().size());
    }

    /** (B*S, H) to (B, outputs). */
    @Override
    public NDArray logits(ForwardPass pass, NDArray hidden, DeviceBatch batch) {
        NDArray pooled = pooler.logits(pass, hidden, batch); // (B, H)
        NDArray kept = dropout == NO_DROPOUT ? pooled : pass.kernels(shape).dropout(pass, pooled, dropout);
        return Operators.linear(kept, pass.value(weight), pass.value(bias)); // (B, outputs)
    }
}
