package norma.trainer.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.trainer.layernorm.RecordingDigest;

/** Reads what a run has recorded once, from its first step on, and sums it up at steps that ascend. */
public final class RecordedHistory {
    private final RecordingDigest recording;
    private final List<JsonNode> lines;
    private final MetricsDigest metrics = new MetricsDigest();
    private int line;

    /**
     * The history of a run.
     *
     * @throws InvalidInputException if recording or metrics are missing or damaged
     */
    public RecordedHistory(RunFiles files) throws IOException {
        recording = RecordingDigest.of(files.layerNorms());
        lines = MetricsLog.read(files.metrics());
    }

    /**
     * Everything up to a step.
     *
     * @param step not before the one asked for last
     * @throws InvalidInputException naming the file that is missing or damaged
     */
    public RecordedDigests through(long step) throws IOException {
        String layerNorms = recording.through(step);
        while (line < lines.size() && lines.get(line).path("step").longValue() <= step) {
            metrics.add(lines.get(line++));
        }
        return new RecordedDigests(layerNorms, metrics.sha256());
    }
}
