package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.TransformerShape;

/**
 * How far each head's output is let through, for each token: sigmoid(G(x)) of what the attention reads (Bondarenko,
 * Nagel and Blankevoort 2023, section 4.2). A head with D of the H positions has its own G on the D positions of x that
 * have its number, or all of x.
 */
sealed interface AttentionGate {
    /** (B*S, H) to (B*S, A). */
    NDArray of(ForwardPass pass, NDArray x);

    /** What it reads. */
    List<Parameter> parameters();

    /**
     * Makes the parameters: {@code gate.weight}, {@code gate.bias}, … after a prefix; null for attention without a
     * gate.
     *
     * @param prefix with its dot
     */
    static AttentionGate make(
            NetworkParameters parameters, TransformerShape shape, AttentionVariant attention, String prefix) {
        if (!attention.isGated()) {
            return null;
        }
        int heads = shape.numAttentionHeads();
        String name = prefix + "gate.";
        double bias = attention.gateBias();
        if (attention.gate().equals(AttentionVariant.ALL_HEADS_LINEAR)) {
            return new AllHeads(
                    parameters.matrix(name + "weight", HiddenAxes.SECOND, heads, shape.hiddenSize()),
                    parameters.bias(name + "bias", HiddenAxes.NONE, bias, heads));
        }
        if (attention.gate().equals(AttentionVariant.LINEAR)) {
            return new Linear(
                    shape,
                    parameters.matrix(name + "weight", heads, shape.headSize()),
                    parameters.bias(name + "bias", HiddenAxes.NONE, bias, heads));
        }
        int inner = attention.gateSize(shape.headSize());
        return new Perceptron(
                shape,
                parameters.matrix(name + "inner.weight", heads, inner, shape.headSize()),
                parameters.bias(name + "inner.bias", HiddenAxes.NONE, 0, (long) heads * inner),
                parameters.matrix(name + "output.weight", heads, inner),
                parameters.bias(name + "output.bias", HiddenAxes.NONE, bias, heads));
    }

    /** Names of what it reads; none of attention without a gate. */
    static List<String> names(AttentionGate gate) {
        List<String> names = new ArrayList<>();
        if (gate != null) {
            gate.parameters().forEach(parameter -> names.add(parameter.getName()));
        }
        return names;
    }

    /** The D positions of each head: (B*S, H) to (B*S, A, D). */
    private static NDArray heads(TransformerShape shape, NDArray x) {
        return x.reshape(-1, shape.numAttentionHeads(), shape.headSize());
    }

    /** w_h x + b_h, from all of x. */
    record AllHeads(Parameter weight, Parameter bias) implements AttentionGate {
        @Override
        public NDArray of(ForwardPass pass, NDArray x) {
            return sigmoid(Operators.linear(x, pass.value(weight), pass.value(bias))); // (B*S, A)
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(weight, bias);
        }
    }

    /** w_h x_h + b_h, from the head's positions of x. */
    record Linear(TransformerShape shape, Parameter weight, Parameter bias) implements AttentionGate {
        @Override
        public NDArray of(ForwardPass pass, NDArray x) {
            NDArray products = heads(shape, x).mul(pass.value(weight)); // (B*S, A, D)
            return sigmoid(products.sum(new int[] {2}).add(pass.value(bias))); // (B*S, A)
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(weight, bias);
        }
    }

    /** w_h relu(W_h x_h + b_h) + c_h, from the head's positions of x. */
    record Perceptron(
            TransformerShape shape, Parameter innerWeight, Parameter innerBias, Parameter weight, Parameter bias)
            implements AttentionGate {
        @Override
        public NDArray of(ForwardPass pass, NDArray x) {
            NDArray w = pass.value(innerWeight); // (A, M, D)
            NDArray b = pass.value(innerBias).reshape(shape.numAttentionHeads(), 1, -1); // (A, 1, M)
            NDArray inner =
                    heads(shape, x).swapAxes(0, 1).matMul(w.swapAxes(1, 2)).add(b); // (A, B*S, M)
            NDArray last = pass.value(weight).expandDims(1); // (A, 1, M)
            NDArray scores = Activation.relu(inner).mul(last).sum(new int[] {2}); // (A, B*S)
            return sigmoid(scores.swapAxes(0, 1).add(pass.value(bias))); // (B*S, A)
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(innerWeight, innerBias, weight, bias);
        }
    }

    private static NDArray sigmoid(NDArray x) {
        return Activation.sigmoid(x);
    }
}
