package norma.probes.verification;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import norma.datasets.base.InvalidInputException;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.Part;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsReader;
import norma.trainer.run.RunFiles;

/**
 * Where a run and another one of the same configuration part, up to a step: the first of the steps at which a logged
 * metric or a recorded LayerNorm value is not the same, bit for bit. What depends on the machine's speed is not
 * compared.
 *
 * @param metric the first difference of the metrics; null if there is none
 * @param recorded the first difference of the recordings; null if there is none
 * @param metricSteps steps whose metrics were compared
 * @param recordedSteps steps whose LayerNorm values were compared
 */
public record RunDifference(First metric, First recorded, long metricSteps, long recordedSteps) {
    /**
     * A difference.
     *
     * @param step at which it is
     * @param words what differs, and how
     */
    public record First(long step, String words) {}

    /**
     * Compares two runs.
     *
     * @param run what is to be the same
     * @param again the other one
     * @param upTo the last step that is compared
     * @throws InvalidInputException if a recording or the metrics of one cannot be read
     */
    public static RunDifference of(Path run, Path again, long upTo) throws IOException {
        Map<Long, JsonNode> logged = metrics(run, upTo);
        Map<Long, JsonNode> loggedAgain = metrics(again, upTo);
        LayerNormRecording recording = LayerNormRecording.whole(new RunFiles(run).layerNorms());
        LayerNormRecording recordedAgain = LayerNormRecording.whole(new RunFiles(again).layerNorms());
        List<Long> steps = new ArrayList<>();
        for (long row = 0; row < recording.size() && recording.step(row) <= upTo; row++) {
            if (recording.has(row)) {
                steps.add(recording.step(row));
            }
        }
        return new RunDifference(
                metrics(logged, loggedAgain), recorded(recording, recordedAgain, steps), logged.size(), steps.size());
    }

    /** Whether nothing differs. */
    public boolean none() {
        return metric == null && recorded == null;
    }

    /** The first step at which anything differs; empty if nothing does. */
    public Optional<Long> step() {
        if (metric == null || recorded == null) {
            return Optional.ofNullable(metric == null ? recorded : metric).map(First::step);
        }
        return Optional.of(Math.min(metric.step(), recorded.step()));
    }

    private static Map<Long, JsonNode> metrics(Path run, long upTo) throws IOException {
        Map<Long, JsonNode> lines = new TreeMap<>();
        MetricsReader.read(new RunFiles(run).metrics(), line -> {
            if (line.step() <= upTo) {
                lines.put(line.step(), line.json());
            }
            return line.step() < upTo;
        });
        return lines;
    }

    private static First metrics(Map<Long, JsonNode> logged, Map<Long, JsonNode> again) {
        for (Map.Entry<Long, JsonNode> line : logged.entrySet()) {
            JsonNode other = again.get(line.getKey());
            if (other == null) {
                return new First(line.getKey(), "metrics.jsonl has no line of it now");
            }
            Optional<String> difference = difference("", line.getValue(), other);
            if (difference.isPresent()) {
                return new First(line.getKey(), difference.get());
            }
        }
        return null;
    }

    /** What the first has and the second has not, or otherwise; a key that only the second has is no difference. */
    private static Optional<String> difference(String name, JsonNode one, JsonNode other) {
        if (!one.isObject()) {
            return one.equals(other)
                    ? Optional.empty()
                    : Optional.of(name + " was " + one + ", is now " + (other.isMissingNode() ? "missing" : other));
        }
        for (Map.Entry<String, JsonNode> field : one.properties()) {
            if (!MetricNames.OF_THE_MACHINE.contains(field.getKey())) {
                String inside = name.isEmpty() ? field.getKey() : name + "." + field.getKey();
                Optional<String> difference = difference(inside, field.getValue(), other.path(field.getKey()));
                if (difference.isPresent()) {
                    return difference;
                }
            }
        }
        return Optional.empty();
    }

    private static First recorded(LayerNormRecording recording, LayerNormRecording again, List<Long> steps)
            throws IOException {
        if (!recording.layout().equals(again.layout())) {
            return new First(steps.isEmpty() ? 0 : steps.get(0), "the recording has other sites now");
        }
        for (long step : steps) {
            long row = again.row(step);
            if (row < 0 || !again.has(row)) {
                return new First(step, "layernorm.zarr has no row of it now");
            }
            Optional<String> difference = difference(recording, recording.row(step), again, row);
            if (difference.isPresent()) {
                return new First(step, difference.get());
            }
        }
        return null;
    }

    private static Optional<String> difference(
            LayerNormRecording one, long row, LayerNormRecording other, long otherRow) throws IOException {
        float[] values = one.snapshot(row);
        float[] again = other.snapshot(otherRow);
        for (int site = 0; site < one.layout().size(); site++) {
            for (Part part : Part.values()) {
                int from = one.layout().offset(site, part);
                for (int d = 0; one.layout().has(site, part) && d < one.layout().width(site); d++) {
                    if (Float.floatToRawIntBits(values[from + d]) != Float.floatToRawIntBits(again[from + d])) {
                        return Optional.of(one.layout().site(site).name() + " " + part.label() + "[" + d + "] was "
                                + values[from + d] + ", is now " + again[from + d]);
                    }
                }
            }
        }
        return Optional.empty();
    }
}
