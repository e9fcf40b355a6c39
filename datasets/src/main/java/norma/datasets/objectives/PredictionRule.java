package norma.datasets.objectives;

/** What is predicted in a sequence, and what the model reads instead of what it is to predict. */
@FunctionalInterface
public interface PredictionRule {
    /**
     * Notes what is predicted in a sequence whose text is written, and hides in it what has to be hidden.
     *
     * @param key the stream of draws of this sequence
     */
    void apply(Sequence sequence, long key);
}
