package norma.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class MetricsLogTest {
    @TempDir
    private Path folder;

    private Path write(int from, int to) throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsLog log = new MetricsLog(file)) {
            for (int step = from; step <= to; step += 10) {
                ObjectNode line = MetricsLog.line(step);
                MetricsLog.put(line, "loss", 0.1 + step);
                log.write(line);
            }
            log.force();
        }
        return file;
    }

    @Test
    void numbersThatJsonLacks_becomeNull() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsLog log = new MetricsLog(file)) {
            ObjectNode line = MetricsLog.line(1);
            MetricsLog.put(line, "nan", Double.NaN);
            MetricsLog.put(line, "infinite", Double.NEGATIVE_INFINITY);
            MetricsLog.put(line, "loss", 0.1);
            log.write(line);
        }
        assertThat(file).hasContent("{\"step\":1,\"nan\":null,\"infinite\":null,\"loss\":0.1}\n");
    }

    @Test
    void cutAfter_thenWritingOn_givesTheFileOfARunNeverStopped() throws IOException {
        byte[] whole = Files.readAllBytes(write(0, 100));
        Path file = folder.resolve("metrics.jsonl");
        MetricsLog.cutAfter(file, 40);
        assertThat(Files.readAllLines(file)).hasSize(5).last().isEqualTo("{\"step\":40,\"loss\":40.1}");
        write(50, 100);
        assertThat(Files.readAllBytes(file)).isEqualTo(whole);
    }

    @Test
    void aFileCutOffAtAnyByte_keepsItsWholeLinesUpToTheStep() throws IOException {
        Path file = write(0, 30);
        byte[] whole = Files.readAllBytes(file);
        List<String> lines = Files.readAllLines(file);
        for (int length = 0; length <= whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            MetricsLog.cutAfter(file, 20);
            List<String> kept = Files.readAllLines(file);
            assertThat(kept).isEqualTo(lines.subList(0, kept.size()));
            assertThat(kept).hasSizeLessThanOrEqualTo(3);
            for (String line : kept) {
                new ObjectMapper().readTree(line);
            }
        }
        assertThat(Files.readAllLines(file)).hasSize(3);
        assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void zerosThatALossOfPowerLeft_areDropped() throws IOException {
        Path file = write(0, 20);
        List<String> lines = Files.readAllLines(file);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length + 100));
        MetricsLog.cutAfter(file, 1000);
        assertThat(Files.readAllLines(file)).isEqualTo(lines);
    }

    @Test
    void cutAfterMinus1_leavesNothing_andAMissingFileIsNone() throws IOException {
        MetricsLog.cutAfter(folder.resolve("none"), 3);
        assertThat(folder.resolve("none")).doesNotExist();
        Path file = write(0, 20);
        MetricsLog.cutAfter(file, -1);
        assertThat(file).isEmptyFile();
    }

    @Test
    void aLineThatIsNoneOfOurs_isNamed() throws IOException {
        Path file = write(0, 30);
        byte[] bytes = Files.readAllBytes(file);
        int second = Files.readAllLines(file).get(0).length() + 1;
        bytes[second + 3] = (byte) 0xff;
        Files.write(file, bytes);
        assertThatThrownBy(() -> MetricsLog.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": line 2: the byte 0xff, at offset " + (second + 3)
                        + ", is not UTF-8, expected a JSON object a line");

        Files.writeString(file, "{\"step\": 0}\n\"" + "x".repeat(200_000) + "\"\n");
        assertThatThrownBy(() -> MetricsLog.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(file + ": line 2: found \"xxx")
                .hasMessageEndingWith("\u2026 (200002 characters), expected a JSON object");

        Files.writeString(file, "{\"step\": 0, \"loss\": \"1.5\"}\n");
        assertThatThrownBy(() -> MetricsLog.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": line 1: loss: found \"1.5\", expected a number or null");
    }
}
