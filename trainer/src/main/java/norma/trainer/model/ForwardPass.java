package norma.trainer.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import norma.trainer.blocks.FusedSums;

/**
 * What a forward pass takes besides its inputs: where parameters come from, what is dropped out, who watches. The
 * default reads DJL's parameter store, drops nothing and watches nothing.
 */
public interface ForwardPass {
    /** The array of a parameter. */
    NDArray value(Parameter parameter);

    /** Parameters of equal width, one above the other, as one array. */
    NDArray stacked(Parameter... parameters);

    /**
     * Dropout.
     *
     * @param x activations of any shape
     * @param site which dropout of the model, counted in the order of the forward pass
     */
    default NDArray dropout(NDArray x, int site) {
        return x;
    }

    /** The functions that compute what lies between LayerNorms; null to do it by DJL's operators one by one. */
    default FusedSums fused() {
        return null;
    }

    /** Called with the embedding output and then with every layer's output, (B*S, H). */
    default void hiddenState(NDArray hiddenState) {}

    /** Called with every layer's attention probabilities, (B, A, S, S), before dropout. */
    default void attentionProbs(NDArray probs) {}

    /**
     * The pass that DJL's own {@code Block.forward} makes.
     *
     * @param input of the block: on its device it runs, and its manager keeps what the pass makes of parameters alone
     */
    static ForwardPass of(ParameterStore store, NDArray input, boolean training) {
        Device device = input.getDevice();
        return new ForwardPass() {
            @Override
            public NDArray value(Parameter parameter) {
                return store.getValue(parameter, device, training);
            }

            @Override
            public NDArray stacked(Parameter... parameters) {
                NDList values = new NDList(parameters.length);
                for (Parameter parameter : parameters) {
                    values.add(value(parameter));
                }
                NDArray stack = NDArrays.concat(values, 0);
                stack.attach(input.getManager()); // a result belongs to its first operand's manager: the model's
                return stack;
            }
        };
    }
}
