package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.Kernels;
import norma.trainer.model.SoftmaxStretch;
import norma.trainer.model.TransformerShape;
import norma.trainer.torchscript.TorchScript;

/** Kernels whose parts are TorchScript functions; what those for a GPU and those for a CPU have in common. */
abstract class ScriptKernels implements Kernels {
    private final TorchScript script;

    /**
     * Of compiled functions.
     *
     * @param script has {@code predict}, {@code product} and {@code activated}, and whatever the subclass calls
     */
    ScriptKernels(TorchScript script) {
        this.script = script;
    }

    /** A source with a shape's activation function, stretch of the softmax, epsilon and sizes. */
    static String sized(String source, TransformerShape shape) {
        String activation =
                switch (shape.activation()) {
                    case "gelu" -> "torch.gelu(inner)";
                    case "gelu_new" -> "torch.gelu(inner, approximate=\"tanh\")";
                    case "relu" -> "torch.relu(inner)";
                    default -> throw new IllegalArgumentException(shape.activation());
                };
        SoftmaxStretch stretch = shape.stretch();
        return source.replace("ACTIVATION_INNER", activation)
                .replace("STRETCH", number(stretch.zeta() - stretch.gamma()))
                .replace("SHIFT", number(stretch.gamma()))
                .replace("EPSILON", number(shape.layerNormEps()))
                .replace("HEADS", Integer.toString(shape.numAttentionHeads()))
                .replace("HEAD_SIZE", Integer.toString(shape.headSize()))
                .replace("HIDDEN", Integer.toString(shape.hiddenSize()));
    }

    /** A number as TorchScript writes it. */
    static String number(double value) {
        return Double.toString(value).replace('E', 'e');
    }

    /**
     * Relative attention by {@link RelativeScript}.
     *
     * @param absent an array without elements
     * @param dropProbs mask of the probabilities; absent where there is none, or where functions draw it
     * @param drop mask of the output, as well
     */
    final NDArray relativeAttention(
            RelativeWeights weights,
            RelativeKeys keys,
            NDArray x,
            Reach reach,
            NDArray absent,
            NDArray dropProbs,
            NDArray drop) {
        return call(
                "relative_attention",
                new NDList(
                        x,
                        keys.keys(),
                        keys.values(),
                        keys.positions(),
                        reach.mask() == null ? absent : reach.mask(),
                        reach.otherSegment() == null ? absent : reach.otherSegment(),
                        reach.distances() == null ? absent : reach.distances(),
                        reach.present() == null ? absent : reach.present(),
                        dropProbs,
                        drop,
                        weights.query(),
                        weights.output(),
                        weights.contentBias(),
                        weights.positionBias(),
                        weights.segmentBias(),
                        weights.segments())); // (B*Q, H)
    }

    @Override
    public NDArray activation(NDArray x) {
        return call("activated", new NDList(x));
    }

    @Override
    public NDArray vocabularyLogits(VocabularyWeights weights, NDArray hidden) {
        return call(
                "predict",
                new NDList(
                        hidden,
                        weights.transformWeight(),
                        weights.transformBias(),
                        weights.normWeight(),
                        weights.normBias(),
                        weights.wordEmbeddings(),
                        weights.bias())); // (N, V)
    }

    @Override
    public NDArray product(NDArray x, NDArray weight) {
        return call("product", new NDList(x, weight)); // (N, out)
    }

    /** Rows of a batch apart: (B*S, H) to (B, S, H). */
    static NDArray rows(NDArray x, DeviceBatch batch) {
        return x.reshape(batch.rows(), -1, x.getShape().get(1));
    }

    /** The one result of a function. */
    final NDArray call(String function, NDList arguments) {
        return script.call(function, arguments).singletonOrThrow();
    }

    @Override
    public void close() {
        script.close();
    }
}
