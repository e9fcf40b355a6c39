package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import norma.trainer.layernorm.LayerNormRecording;

/** Whether a run that was stopped and resumed has become the one that never was. */
public final class SameRun {
    private SameRun() {}

    /**
     * Its last checkpoint with those of all its networks, its metrics but for times and memory, and what it recorded,
     * bit for bit.
     *
     * @param steps of both
     */
    public static void assertSame(Path run, Path whole, int steps) throws IOException {
        Path last = Path.of(String.format("checkpoints/step-%08d", steps));
        try (Stream<Path> files = Files.walk(whole.resolve(last))) {
            List<Path> kept = files.filter(Files::isRegularFile).toList();
            assertThat(kept).hasSizeGreaterThanOrEqualTo(4);
            for (Path file : kept) {
                if (!file.endsWith("manifest.json")) { // which has the times of the metrics in its digest
                    assertThat(run.resolve(whole.relativize(file))).hasSameBinaryContentAs(file);
                }
            }
        }
        assertThat(metrics(run)).isEqualTo(metrics(whole)).hasSize(steps + 1);
        LayerNormRecording ours = LayerNormRecording.open(run.resolve("layernorm.zarr"));
        LayerNormRecording theirs = LayerNormRecording.open(whole.resolve("layernorm.zarr"));
        assertThat(ours.steps()).isEqualTo(theirs.steps()).hasSize(steps + 1);
        for (long row = 0; row < theirs.size(); row++) {
            assertThat(ours.snapshot(row)).isEqualTo(theirs.snapshot(row));
        }
    }

    private static List<String> metrics(Path run) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            ObjectNode json = (ObjectNode) new ObjectMapper().readTree(line);
            json.remove(List.of("step_seconds", "tokens_per_second", "resident_bytes"));
            lines.add(json.toString());
        }
        return lines;
    }
}
