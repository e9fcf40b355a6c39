package norma.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;

/**
 * What a forward pass takes besides its inputs: where parameters come from, what computes, what is dropped, who
 * watches.
 */
public interface ForwardPass {
    /** The array of a parameter. */
    NDArray value(Parameter parameter);

    /** Parameters of equal width that {@link Network#stacks} lists together, one above the other, as one array. */
    NDArray stacked(Parameter... parameters);

    /** What computes between LayerNorms. */
    Kernels kernels(TransformerShape shape);

    /**
     * The mask of a dropout: 0 where dropped, 1 / (1 - p) elsewhere, flat; of attention probabilities in bytes, 1
     * elsewhere, for kernels that take them so. Those that draw by themselves do not ask for it.
     *
     * @param site which dropout of the model, counted in the order of the forward pass
     * @return null where nothing is dropped
     */
    default NDArray dropoutMask(int site) {
        return null;
    }

    /**
     * Dropout by the site's mask.
     *
     * @param x activations of any shape
     */
    default NDArray dropout(NDArray x, int site) {
        NDArray mask = dropoutMask(site);
        return mask == null ? x : x.mul(mask.reshape(x.getShape()));
    }

    /**
     * Called with the embedding output (0) and then with every layer's output (1 … N) of a stack, which live as long as
     * the stage.
     *
     * @param hiddenState (B*S, H)
     */
    default void hiddenState(LayerNormSite.Stack stack, int index, NDArray hiddenState) {}

    /**
     * Called with the first state (0) and every layer's state (1 … N) of a stream beside the hidden states that asks
     * for what is predicted, which live as long as the stage.
     *
     * @param state (B*P, H), P places for each sequence
     */
    default void queryState(int index, NDArray state) {}

    /**
     * Called with attention probabilities before dropout, which live as long as the stage.
     *
     * @param layer counted from 0 within its stack
     * @param probs (B, A, queries, keys)
     */
    default void attentionProbs(AttentionKind kind, int layer, NDArray probs) {}
}
