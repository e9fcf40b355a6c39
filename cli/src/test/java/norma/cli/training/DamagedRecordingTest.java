package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.TrainedRunTests;
import norma.datasets.files.DurableFiles;
import norma.datasets.random.CounterHash;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Damage in what a run has recorded: it is named by whatever reads it, and a run does not go on over it. The run
 * stopped at step 3 of 6.
 */
@Tag("run")
class DamagedRecordingTest extends TrainedRunTests {
    private Path copy;
    private Path recording;

    @BeforeEach
    void copy() throws IOException {
        Files.createDirectories(folder.resolve("runs"));
        copy = CommandLineRun.copy(run, folder.resolve("runs/a"));
        DurableFiles.delete(copy.resolve("checkpoints/step-00000006"));
        recording = copy.resolve("layernorm.zarr");
    }

    private static Map<String, byte[]> contents(Path folder) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("norma.log"))
                    .toList()) {
                contents.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return contents;
    }

    /** The run does not go on, the file is named, and nothing of the run has changed. */
    private void assertNotResumed(Path damaged) throws IOException {
        Map<String, byte[]> before = contents(copy);
        CommandLineRun.of("resume", copy).assertRefused(damaged.toString());
        Map<String, byte[]> after = contents(copy);
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((file, bytes) -> assertThat(after.get(file)).as(file).isEqualTo(bytes));
    }

    @Test
    void anUndamagedRun_goesOn_andEndsAsTheOneThatWasNotStopped() throws IOException {
        CommandLineRun resumed = CommandLineRun.of("resume", copy);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(copy.resolve("checkpoints/step-00000006/model.safetensors"))
                .hasSameBinaryContentAs(run.resolve("checkpoints/step-00000006/model.safetensors"));
        Map<String, byte[]> chunks = contents(recording);
        contents(run.resolve("layernorm.zarr"))
                .forEach((file, bytes) -> assertThat(chunks.get(file)).as(file).isEqualTo(bytes));
    }

    @Test
    void aFlippedBit_aCutAndAnEmptyFile_ofEveryChunk_areNamedByEveryReader() throws IOException {
        for (String name : List.of("weight/0.0.0", "bias/0.0.0", "step/0")) {
            Path chunk = recording.resolve(name);
            byte[] good = Files.readAllBytes(chunk);
            for (byte[] bad : damages(good)) {
                Files.write(chunk, bad);
                assertNotResumed(chunk);
                CommandLineRun.of("emergence", copy).assertRefused(chunk + ": damaged chunk");
            }
            CommandLineRun.of("report", copy).assertRefused(chunk + ": damaged chunk");
            Files.write(chunk, good);
        }
    }

    /** Six bits all over the file; half of it; none of it. */
    private static List<byte[]> damages(byte[] good) {
        List<byte[]> damages = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            byte[] bad = good.clone();
            bad[CounterHash.below(7, i, good.length)] ^= (byte) (1 << CounterHash.below(8, i, 8));
            damages.add(bad);
        }
        damages.add(Arrays.copyOf(good, good.length / 2));
        damages.add(new byte[0]);
        return damages;
    }

    @Test
    void coordinatesAndMetadata_whichOtherReadersNeed_areReadBeforeTheRunGoesOn() throws IOException {
        for (String name : List.of(
                "hidden/0",
                "site/0",
                "hidden/.zarray",
                "site/.zarray",
                "weight/.zarray",
                "bias/.zattrs",
                "site/.zattrs",
                "step/.zattrs",
                ".zattrs",
                ".zgroup")) {
            Path file = recording.resolve(name);
            byte[] good = Files.readAllBytes(file);
            byte[] flipped = good.clone();
            flipped[good.length / 2] ^= 1;
            for (byte[] bad :
                    List.of(flipped, Arrays.copyOf(good, good.length / 2), "{}".getBytes(StandardCharsets.UTF_8))) {
                Files.write(file, bad);
                assertNotResumed(file);
            }
            Files.delete(file);
            assertNotResumed(file);
            Files.write(file, good);
        }
        Path copies = recording.resolve(".zmetadata");
        Files.writeString(copies, Files.readString(copies).substring(9));
        assertNotResumed(copies);
    }

    @Test
    void metadataThatReadWell_butSayAnotherThanTheirCopy_areNamed() throws IOException {
        Path attributes = recording.resolve(".zattrs");
        String good = Files.readString(attributes);
        Files.writeString(attributes, good.replace("layer.1.output\"", "layer.0.output\""));
        CommandLineRun.of("emergence", copy).assertRefused(attributes + ": damaged: differs from its copy in");
        Files.writeString(attributes, good);
        Path weight = recording.resolve("weight/.zarray");
        String shape = Files.readString(weight);
        assertThat(shape).contains("[ 7,");
        Files.writeString(weight, shape.replace("[ 7,", "[ 5,")); // shorter than it was
        CommandLineRun.of("emergence", copy).assertRefused(weight + ": damaged: differs from its copy in");
        CommandLineRun.of("report", copy).assertRefused(weight + ": damaged: differs from its copy in");
    }

    @Test
    void aChunkThatIsGone_isMissed() throws IOException {
        Files.delete(recording.resolve("bias/0.0.0"));
        assertNotResumed(recording);
    }

    @Test
    void damagedLinesOfMetrics_areNamedByResumeAndReport_andALostLineByResume() throws IOException {
        Path metrics = copy.resolve("metrics.jsonl");
        List<String> lines = Files.readAllLines(metrics);
        String quote = "\"" + "x".repeat(200_000) + "\"";
        for (String bad : List.of(
                quote, "{\"step\":2,\"loss\":" + quote + "}", lines.get(2).substring(5))) {
            List<String> damaged = new ArrayList<>(lines);
            damaged.set(2, bad);
            Files.write(metrics, damaged);
            assertNotResumed(metrics);
            CommandLineRun report = CommandLineRun.of("report", copy);
            report.assertRefused(metrics + ": line 3: ");
            assertThat(report.err()).hasSizeLessThan(1500);
        }
        Files.write(metrics, lines.subList(0, 3)); // step 3 is gone
        assertNotResumed(metrics);
    }

    /** A number that any reader takes, in a file that is whole. */
    @Test
    void aChangedDigitOfMetrics_isSeenByResumeForkAndVerify_butWhatIsOfTheMachineIsNot() throws IOException {
        Path metrics = copy.resolve("metrics.jsonl");
        List<String> lines = Files.readAllLines(metrics);
        List<String> damaged = new ArrayList<>(lines);
        damaged.set(2, lines.get(2).replaceFirst("(\"loss\":\\d\\.)(\\d)", "$19$2"));
        assertThat(damaged).isNotEqualTo(lines);
        Files.write(metrics, damaged);
        String words = metrics + ": the lines up to step 3 differ from their SHA-256 in "
                + copy.resolve("checkpoints/step-00000003/state.json");
        assertNotResumed(metrics);
        CommandLineRun.of("pretrain", "--from", copy + "@3", "--runs", copy.getParent(), "--run", "b")
                .assertRefused(words);
        CommandLineRun verify = CommandLineRun.of("verify", copy);
        assertThat(verify.code()).isEqualTo(1);
        assertThat(verify.err()).contains(words + "; up to step 0 they are as recorded");

        damaged.set(2, lines.get(2).replaceFirst("(\"step_seconds\":\\d\\.)(\\d)", "$19$2"));
        assertThat(damaged).isNotEqualTo(lines);
        Files.write(metrics, damaged);
        assertThat(CommandLineRun.of("verify", copy).code()).isZero();
        assertThat(CommandLineRun.of("resume", copy).code()).isZero();
        assertThat(copy.resolve("checkpoints/step-00000006/manifest.json"))
                .hasSameBinaryContentAs(run.resolve("checkpoints/step-00000006/manifest.json"));
    }

    /** Each is whole, and its checksum right. */
    @Test
    void exchangedChunks_areSeenByResumeForkAndVerify() throws IOException {
        Path weight = recording.resolve("weight/0.0.0");
        Path bias = recording.resolve("bias/0.0.0");
        byte[] weights = Files.readAllBytes(weight);
        Files.write(weight, Files.readAllBytes(bias));
        Files.write(bias, weights);
        String words = recording + ": the values up to step 3 differ from their SHA-256 in ";
        assertNotResumed(recording);
        CommandLineRun.of("resume", copy).assertRefused(words);
        CommandLineRun.of("pretrain", "--from", copy + "@3", "--runs", copy.getParent(), "--run", "b")
                .assertRefused(words);
        CommandLineRun verify = CommandLineRun.of("verify", copy);
        assertThat(verify.code()).isEqualTo(1);
        assertThat(verify.err()).contains(recording + ": the values up to step 0 differ from their SHA-256 in ");
    }

    @Test
    void whatLiesAfterTheCheckpoint_isRecordedAgain_damagedOrNot() throws IOException {
        Path metrics = copy.resolve("metrics.jsonl");
        List<String> lines = new ArrayList<>(Files.readAllLines(metrics));
        lines.set(5, "damaged");
        Files.write(metrics, lines);
        CommandLineRun resumed = CommandLineRun.of("resume", copy);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(Files.readAllLines(metrics)).hasSize(7);
    }

    @Test
    void aRunWithoutAWholeCheckpoint_startsOver_andNeedsNothingOfItsRecording() throws IOException {
        DurableFiles.delete(copy.resolve("checkpoints"));
        Files.write(recording.resolve("weight/0.0.0"), new byte[3]);
        Files.writeString(copy.resolve("metrics.jsonl"), "damaged");
        CommandLineRun resumed = CommandLineRun.of("resume", copy);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(copy.resolve("checkpoints/step-00000006/model.safetensors"))
                .hasSameBinaryContentAs(run.resolve("checkpoints/step-00000006/model.safetensors"));
    }

    @Test
    void aProbesFile_thatLacksWhatItsProbeWrites_isRefusedByTheReport_withFileAndKey() throws IOException {
        assertThat(CommandLineRun.of("outliers", copy).code()).isZero();
        assertThat(CommandLineRun.of("emergence", copy).code()).isZero();
        assertThat(CommandLineRun.of("ablate", copy, "--checkpoints", "all", "--dims", "2", "--baseline", "none")
                        .code())
                .isZero();
        assertThat(CommandLineRun.of("report", copy).code()).isZero();
        ObjectMapper mapper = new ObjectMapper();
        String quote = "\"" + "x".repeat(200_000) + "\"";
        for (List<String> damage : List.of(
                List.of("outliers", "definitions", ""),
                List.of("outliers", "definitions", "7"),
                List.of("outliers", "rule", quote),
                List.of("outliers", "dimensions", "[{\"dimension\": \"2\"}]"),
                List.of("outliers", "dimensions", "{}"),
                List.of("emergence", "dimensions", ""),
                List.of("emergence", "outlier_count", "[{\"step\": 1}]"),
                List.of("ablation", "checkpoints", ""),
                List.of("ablation", "checkpoints", "[" + quote + "]"))) {
            Path file = copy.resolve("probes/" + damage.get(0) + ".json");
            byte[] good = Files.readAllBytes(file);
            ObjectNode json = (ObjectNode) mapper.readTree(good);
            if (damage.get(2).isEmpty()) {
                json.remove(damage.get(1));
            } else {
                JsonNode value = mapper.readTree(damage.get(2));
                json.set(damage.get(1), value);
            }
            mapper.writeValue(file.toFile(), json);
            CommandLineRun report = CommandLineRun.of("report", copy);
            report.assertRefused(file + ": " + damage.get(1));
            assertThat(report.err()).contains("expected a").hasSizeLessThan(1500);
            Files.write(file, good);
        }
    }
}
