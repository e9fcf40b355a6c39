package norma.datasets.batches;

/**
 * Batches by number: each is a pure function of (seed, numbers asked for), whatever was asked before and on whichever
 * thread.
 */
public interface BatchSource extends AutoCloseable {
    /** Sequences in one pass over the training split. */
    long trainingExamples();

    /**
     * Training sequences {@code firstExample … firstExample + rows - 1}, counted from the start of the run. Example e
     * belongs to epoch e / {@link #trainingExamples()}; each epoch has its own order and its own masks.
     */
    Batch trainingBatch(long firstExample, int rows);

    /** Sequences of the held-out split. */
    int validationExamples();

    /** Held-out sequences {@code first … first + rows - 1}; their masks never change. */
    Batch validationBatch(int first, int rows);

    @Override
    void close();
}
