package norma.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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
    void itsDigest_isOfTheLinesLessWhatIsOfTheMachine_asItIsRead() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        String first = "{\"step\":0,\"loss\":0.1}\n";
        String second = "{\"step\":10,\"loss\":null,\"rate\":1.0E-5}\n";
        try (MetricsLog log = new MetricsLog(file)) {
            ObjectNode line = MetricsLog.line(0).put("loss", 0.1).put("step_seconds", 0.5);
            log.write(line.put("tokens_per_second", 7.0).put("resident_bytes", 123L));
            assertThat(log.sha256()).isEqualTo(Hashes.sha256(first));
        }
        try (MetricsLog log = new MetricsLog(file)) { // a run that goes on
            log.write(MetricsLog.line(10).putNull("loss").put("rate", 1e-5).put("step_seconds", 1.5));
            assertThat(log.sha256()).isEqualTo(Hashes.sha256(first + second));
        }
        assertThat(MetricsLog.requireThrough(file, 0)).isEqualTo(Hashes.sha256(first));
        assertThat(MetricsLog.requireUpTo(file, 9)).isEqualTo(Hashes.sha256(first));
        assertThat(MetricsLog.requireThrough(file, 10)).isEqualTo(Hashes.sha256(first + second));
        assertThat(MetricsLog.requireThrough(file, -1)).isEqualTo(Hashes.sha256(""));
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
    void aFileCutOffAtAnyByte_keepsItsLinesUpToTheStep_orIsRefusedForWantOfThem() throws IOException {
        Path file = write(0, 30);
        byte[] whole = Files.readAllBytes(file);
        List<String> lines = Files.readAllLines(file);
        int needed = String.join("\n", lines.subList(0, 3)).length() + 1;
        for (int length = 0; length <= whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            if (length < needed) {
                int cut = length;
                assertThatThrownBy(() -> MetricsLog.cutAfter(file, 20))
                        .as("cut to %d bytes", cut)
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageStartingWith(file + ": lines: found none after ")
                        .hasMessageEndingWith("expected the line of step 20");
                assertThat(Files.size(file)).isEqualTo(length);
            } else {
                MetricsLog.cutAfter(file, 20);
                assertThat(Files.readAllLines(file)).isEqualTo(lines.subList(0, 3));
            }
        }
        assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void whatALossOfPowerLeftAfterTheLastLineThatCounts_isDropped() throws IOException {
        Path file = write(0, 20);
        List<String> lines = Files.readAllLines(file);
        byte[] whole = Files.readAllBytes(file);
        byte[] damaged = Arrays.copyOf(whole, whole.length + 100);
        damaged[whole.length + 50] = '\n';
        Files.write(file, damaged);
        MetricsLog.cutAfter(file, 20);
        assertThat(Files.readAllLines(file)).isEqualTo(lines);
    }

    /** Each of them was passed over or taken for metrics once. */
    @Test
    void aLineThatNoRunWrites_isRefusedWithItsNumber_byEveryReader() throws IOException {
        Path file = write(0, 30);
        List<String> lines = Files.readAllLines(file);
        String quote = "\"" + "x".repeat(200_000) + "\"";
        for (String bad : List.of(
                quote,
                "[1]",
                "7",
                "",
                "{\"step\":10,",
                "{\"step\":10}}",
                "{\"loss\":1.5}",
                "{\"step\":\"10\",\"loss\":1.5}",
                "{\"step\":10.5}",
                "{\"step\":0,\"loss\":1.5}",
                "{\"step\":-10}",
                "{\"step\":99999999999999999999}",
                "{\"step\":10,\"loss\":" + quote + "}",
                "{\"step\":10,\"loss\":1e999}",
                "{\"step\":10,\"loss\":{\"mean\":1}}",
                "{\"step\":10,\"validation\":1.5}",
                "{\"step\":10,\"validation\":{\"mlm_loss\":\"1\"}}")) {
            Files.writeString(file, lines.get(0) + "\n" + bad + "\n" + lines.get(2) + "\n");
            for (ThrowingCallable reading : List.<ThrowingCallable>of(
                    () -> MetricsLog.read(file),
                    () -> MetricsLog.requireThrough(file, 20),
                    () -> MetricsLog.cutAfter(file, 20))) {
                assertThatThrownBy(reading)
                        .as(bad.length() > 200 ? "a long string" : bad)
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageStartingWith(file + ": line 2: ")
                        .satisfies(e -> assertThat(e.getMessage().length())
                                .isLessThan(500 + file.toString().length()));
            }
        }
    }

    @Test
    void aLineThatIsGone_isMissed() throws IOException {
        Path file = write(0, 10);
        assertThatThrownBy(() -> MetricsLog.requireThrough(file, 20))
                .hasMessage(file + ": lines: found none after step 10, expected the line of step 20");
        write(30, 40);
        assertThatThrownBy(() -> MetricsLog.requireThrough(file, 20))
                .hasMessage(file + ": lines: found one of step 30 instead, expected the line of step 20");
        assertThatThrownBy(() -> MetricsLog.requireThrough(folder.resolve("none"), 0))
                .hasMessageContaining("found none after the beginning, expected the line of step 0");
    }

    @Test
    void cutAfterMinus1_leavesNothing_andAMissingFileIsNone() throws IOException {
        MetricsLog.cutAfter(folder.resolve("none"), -1);
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
