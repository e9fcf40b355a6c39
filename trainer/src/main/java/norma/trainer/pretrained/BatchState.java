package norma.trainer.pretrained;

import ai.djl.ndarray.NDManager;
import norma.datasets.batches.Batch;
import norma.trainer.model.StageState;

/**
 * A batch on its way through a {@link PretrainedModel}: what a stage takes. Whatever is edited in parameters that this
 * stage or a later one reads first, the state stays valid, so many ablations can go on from one.
 */
public final class BatchState implements AutoCloseable {
    private final NDManager manager;
    private final int stage;
    private final StageState state;

    BatchState(NDManager manager, int stage, StageState state) {
        this.manager = manager;
        this.stage = stage;
        this.state = state;
    }

    /** The batch. */
    public Batch batch() {
        return state.batch().host();
    }

    /** The stage that comes next. */
    public int stage() {
        return stage;
    }

    /** Bytes of the arrays that it takes. */
    public long bytes() {
        return state.streams().stream()
                .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
                .sum();
    }

    /** What it takes. */
    StageState state() {
        return state;
    }

    @Override
    public void close() {
        manager.close();
    }
}
