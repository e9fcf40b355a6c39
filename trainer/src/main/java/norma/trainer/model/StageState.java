package norma.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import norma.trainer.device.DeviceBatch;

/**
 * What a stage takes: as many arrays as the architecture has streams; one residual, memory and decoder, or content and
 * query with what both read.
 */
public record StageState(NDList streams, DeviceBatch batch) {
    /** Of one stream. */
    public static StageState of(NDArray stream, DeviceBatch batch) {
        return new StageState(new NDList(stream), batch);
    }
}
