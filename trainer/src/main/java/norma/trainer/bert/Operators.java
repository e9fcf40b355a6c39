package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;

/**
 * The operators of BERT's equations on DJL's functional API. Data comes first, parameters second (see DJL's managers).
 */
final class Operators {
    private Operators() {}

    /** x W^T + b: (N, in), (out, in), (out) to (N, out). */
    static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        return Linear.linear(x, weight, bias).singletonOrThrow();
    }

    /** Rows of a table: (…) indices, (rows, H) to (…, H). */
    static NDArray rows(NDArray indices, NDArray table) {
        return Embedding.embedding(indices, table, SparseFormat.DENSE).singletonOrThrow();
    }

    /** (x - mean) / sqrt(variance + eps) * weight + bias over the last axis (Ba, Kiros and Hinton 2016). */
    static NDArray layerNorm(NDArray x, NDArray weight, NDArray bias, double eps) {
        return LayerNorm.layerNorm(x, weight.getShape(), weight, bias, (float) eps)
                .singletonOrThrow();
    }

    /** The activation function that {@code hidden_act} names. */
    static NDArray activation(NDArray x, String hiddenAct) {
        return switch (hiddenAct) {
            case "gelu" -> Activation.gelu(x);
            case "gelu_new" -> geluTanh(x);
            case "relu" -> Activation.relu(x);
            default -> throw new IllegalArgumentException(hiddenAct);
        };
    }

    /** 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel 2016, section 2). */
    private static NDArray geluTanh(NDArray x) {
        NDArray inner = x.mul(x).mul(x).mul(0.044715f).add(x).mul((float) Math.sqrt(2 / Math.PI));
        return inner.tanh().add(1f).mul(x).mul(0.5f);
    }
}
