package norma.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import norma.trainer.device.DeviceBatch;

/**
 * A pass that can begin at any stage, so that what lies below an edit is computed once for many edits. The state before
 * a stage stays valid whatever is edited in parameters that this stage or a later one reads first.
 */
public interface Stages {
    /** The place of a parameter that {@link #begin} reads. */
    int BEGIN = -1;

    /** How many. */
    int count();

    /** The first stage that reads a parameter; {@link #BEGIN} for embeddings, {@link #count} for what heads read. */
    int firstReading(String parameter);

    /** The state before stage 0. */
    StageState begin(ForwardPass pass, DeviceBatch batch);

    /** From the state before a stage to the state after it. */
    StageState run(ForwardPass pass, int stage, StageState state);

    /** What heads read of the state after the last stage: (B*S, H). */
    NDArray hidden(StageState state);

    /**
     * All stages: the last hidden state, (B*S, H). What a stage makes on the way is freed when it ends, but for what
     * autograd keeps for the way back.
     */
    default NDArray forward(ForwardPass pass, DeviceBatch batch) {
        StageState state = begin(pass, batch);
        NDManager owner = batch.owner();
        for (int stage = 0; stage < count(); stage++) {
            try (NDManager scope = owner.newSubManager()) {
                state.streams().attach(scope);
                state = run(pass, stage, state);
                state.streams().attach(owner);
            }
        }
        return hidden(state);
    }
}
