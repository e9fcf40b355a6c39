package norma.trainer.model;

/** Watches a forward pass; arrays are copies. Every method may be left out. */
public interface ForwardObserver {
    /** Watches nothing. */
    ForwardObserver NONE = new ForwardObserver() {};

    /** Whether {@link #hiddenState} is wanted; otherwise nothing is copied. */
    default boolean wantsHiddenStates() {
        return false;
    }

    /** Whether {@link #attentionProbs} is wanted; otherwise nothing is copied. */
    default boolean wantsAttentionProbs() {
        return false;
    }

    /**
     * Called with the embedding output (0) and every layer's output (1 … N) of a stack.
     *
     * @param index as in Hugging Face's {@code hidden_states}
     * @param values (B*S, H), row-major
     */
    default void hiddenState(LayerNormSite.Stack stack, int index, float[] values) {}

    /**
     * Called with the attention probabilities of every layer.
     *
     * @param layer counted from 0 within its stack
     * @param values (B, A, queries, keys), row-major
     */
    default void attentionProbs(AttentionKind kind, int layer, float[] values) {}
}
