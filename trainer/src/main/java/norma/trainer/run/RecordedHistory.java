package norma.trainer.run;

import java.io.IOException;
import norma.datasets.base.InvalidInputException;
import norma.trainer.layernorm.RecordingDigest;

/** Reads what a run has recorded once, from its first step on, and sums it up at steps that ascend. */
public final class RecordedHistory {
    private final RecordingDigest recording;
    private final MetricsReader lines;
    private final MetricsDigest metrics = new MetricsDigest();
    private MetricsLine next;

    /**
     * The history of a run.
     *
     * @throws InvalidInputException if recording or metrics are missing or damaged
     */
    public RecordedHistory(RunFiles files) throws IOException {
        recording = RecordingDigest.of(files.layerNorms());
        MetricsReader.read(files.metrics(), line -> true); // to the end, where damage is damage too
        lines = new MetricsReader(files.metrics());
    }

    /**
     * Everything up to a step.
     *
     * @param step not before the one asked for last
     * @throws InvalidInputException naming the file that is missing or damaged
     */
    public RecordedDigests through(long step) throws IOException {
        String layerNorms = recording.through(step);
        if (next == null || next.step() <= step) {
            if (next != null) {
                metrics.add(next);
                next = null;
            }
            lines.readOn(line -> {
                if (line.step() > step) {
                    next = line;
                } else {
                    metrics.add(line);
                }
                return next == null;
            });
        }
        return new RecordedDigests(layerNorms, metrics.sha256());
    }
}
