package norma.datasets.tasks;

import java.util.List;

/**
 * The training batches of a task, by step: each is a pure function of (seed, step), whatever was asked before. Not for
 * several threads at once.
 */
public final class TaskBatches {
    private static final int MOST_EXAMPLES = 1 << 20; // of a batch: no memory holds more

    private final EncodedSplit training;
    private final int batchSize;
    private final long seed;
    private long orderedEpoch = -1;
    private List<int[]> order;

    /**
     * Batches of a split.
     *
     * @param batchSize examples of a batch; one batch of each epoch has fewer if they do not come out even
     */
    public TaskBatches(EncodedSplit training, int batchSize, long seed) {
        if (batchSize < 1 || batchSize > MOST_EXAMPLES) {
            throw new IllegalArgumentException("batch size " + batchSize);
        }
        this.training = training;
        this.batchSize = batchSize;
        this.seed = seed;
    }

    /** Batches of one pass over the split. */
    public int batchesPerEpoch() {
        return (training.size() + batchSize - 1) / batchSize;
    }

    /** The batch of a step, counted from 0; step s belongs to epoch s / {@link #batchesPerEpoch()}. */
    public LabelledBatch batch(long step) {
        long epoch = step / batchesPerEpoch();
        if (epoch != orderedEpoch) {
            order = TaskOrder.training(training, batchSize, seed, epoch);
            orderedEpoch = epoch;
        }
        return training.batch(order.get((int) (step % batchesPerEpoch())));
    }
}
