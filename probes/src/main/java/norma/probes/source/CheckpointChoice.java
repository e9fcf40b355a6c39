package norma.probes.source;

import java.util.List;

/** Which checkpoints of a run are looked at. */
public sealed interface CheckpointChoice {
    /** The last one alone. */
    record Last() implements CheckpointChoice {}

    /** Each Nth, counted back from the last; of stride 1 all. */
    record EveryNth(int stride) implements CheckpointChoice {
        public EveryNth {
            if (stride < 1) {
                throw new IllegalArgumentException("stride " + stride);
            }
        }
    }

    /** Those of these steps, in this order. */
    record Steps(List<Long> steps) implements CheckpointChoice {
        public Steps {
            steps = List.copyOf(steps);
        }
    }
}
