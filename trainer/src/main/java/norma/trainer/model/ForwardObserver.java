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
     * Called with the embedding output (0) and every layer's output (1 … N).
     *
     * @param index as in Hugging Face's {@code hidden_states}
     * @param values (B*S, H), row-major
     */
    default void hiddenState(int index, float[] values) {}

    /**
     * Called with every layer's attention probabilities.
     *
     * @param layer counted from 0
     * @param values (B, A, S, S): query before key, row-major
     */
    default void attentionProbs(int layer, float[] values) {}
}
