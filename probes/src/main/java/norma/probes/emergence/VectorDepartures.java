package norma.probes.emergence;

import java.util.List;

/**
 * What left the threshold in one weight or bias vector.
 *
 * @param lasting dimensions beyond it at the end of the recording, those that left first in front
 * @param returned how many others were beyond it at some step, and came back
 */
public record VectorDepartures(List<Departure> lasting, int returned) {
    public VectorDepartures {
        lasting = List.copyOf(lasting);
    }

    /**
     * One dimension.
     *
     * @param dimension its position
     * @param passage when it left
     * @param z its z at the last recorded step
     */
    public record Departure(int dimension, Passage passage, double z) {}
}
