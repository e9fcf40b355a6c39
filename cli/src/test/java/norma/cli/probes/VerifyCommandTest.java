package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.terminal.ExitCode;
import norma.datasets.base.Hashes;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.safetensors.SafetensorsWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run as it was written, and copies of it in which one thing was changed, its manifest with it. */
@Tag("run")
class VerifyCommandTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String NORM = "bert.encoder.layer.1.output.LayerNorm.bias";

    @TempDir
    private static Path shared;

    private static Path run;

    @TempDir
    private Path folder;

    @BeforeAll
    static void train() throws IOException {
        run = CommandLineRun.tinyRun(shared, "checkpoints.log=2");
    }

    private Path copy() throws IOException {
        return CommandLineRun.copy(run, folder.resolve("b"));
    }

    private static Path checkpoint(Path run, int step) {
        return run.resolve("checkpoints").resolve("step-%08d".formatted(step));
    }

    /** Makes a checkpoint's manifest fit its files. */
    private static void seal(Path checkpoint) throws IOException {
        Path manifest = checkpoint.resolve("manifest.json");
        ObjectNode json = (ObjectNode) MAPPER.readTree(manifest.toFile());
        ObjectNode files = json.putObject("files");
        try (Stream<Path> list = Files.list(checkpoint)) {
            for (Path file : list.filter(one -> !one.equals(manifest)).toList()) {
                files.putObject(file.getFileName().toString())
                        .put("bytes", Files.size(file))
                        .put("sha256", Hashes.sha256(file));
            }
        }
        MAPPER.writeValue(manifest.toFile(), json);
    }

    private static void replace(Path checkpoint, Map<String, HostTensor> weights, Map<String, String> header)
            throws IOException {
        Files.delete(checkpoint.resolve("model.safetensors"));
        SafetensorsWriter.write(checkpoint.resolve("model.safetensors"), weights, header);
        seal(checkpoint);
    }

    private static JsonNode problems(Path run) throws IOException {
        CommandLineRun verify = CommandLineRun.of("verify", run, "--json");
        assertThat(verify.code()).as(verify.err()).isEqualTo(ExitCode.FAILED);
        assertThat(verify.json().get("verified").asBoolean()).isFalse();
        verify.json().get("problems").forEach(problem -> assertThat(verify.err())
                .contains("norma: " + problem.asText()));
        return verify.json().get("problems");
    }

    @Test
    void aRunAsItWasWritten_isWholeDistinctInOrderAndAsRecorded() throws IOException {
        CommandLineRun verify = CommandLineRun.of("verify", run, "--json");
        assertThat(verify.code()).as(verify.err()).isZero();
        JsonNode json = verify.json();
        assertThat(json.get("verified").asBoolean()).isTrue();
        assertThat(json.get("problems")).isEmpty();
        // Every third step, and of a decade 1, 3 and 10; at step 1 the rate was still 0, so its weights are those of
        // step 0.
        assertThat(json.get("checkpoints"))
                .extracting(one -> one.get("step").asInt())
                .containsExactly(0, 1, 3, 6);
        assertThat(json.at("/checkpoints/0/weights_sha256")).isEqualTo(json.at("/checkpoints/1/weights_sha256"));
        // 6 sites, weight and bias, 16 wide
        assertThat(json.get("checkpoints"))
                .extracting(one -> one.get("recorded_values_compared").asInt())
                .containsOnly(6 * 2 * 16);
        assertThat(CommandLineRun.of("verify", run, "--quiet").out())
                .contains("4 checkpoints, steps 0 to 6: whole, distinct, in order; LayerNorms of 4 as recorded");
    }

    @Test
    void aFileThatDiffersFromItsManifest_isDamage() throws IOException {
        Path copy = copy();
        Files.writeString(checkpoint(copy, 3).resolve("tokenizer.json"), "{}");
        assertThat(problems(copy)).hasSize(1);
        assertThat(problems(copy).get(0).asText())
                .startsWith("damaged checkpoint: ")
                .contains("tokenizer.json has 2 bytes");
    }

    @Test
    void theSameWeightsUnderAnotherStep_areFound_alsoWhenTheFileIsWrittenDifferently() throws IOException {
        Path copy = copy();
        Path last = checkpoint(copy, 6);
        replace(
                last,
                SafetensorsFile.readAll(checkpoint(copy, 3).resolve("model.safetensors")),
                Map.of("format", "pt", "note", "another header"));
        JsonNode problems = problems(copy);
        assertThat(problems.get(0).asText()).endsWith("step-00000006 holds the same weights as " + checkpoint(copy, 3));
        assertThat(problems.get(1).asText()).contains("the recording says").contains("values differ");
    }

    @Test
    void oneBitOfALayerNorm_isADifferenceFromTheRecording() throws IOException {
        Path copy = copy();
        Path last = checkpoint(copy, 6);
        Map<String, HostTensor> weights = SafetensorsFile.readAll(last.resolve("model.safetensors"));
        float[] bias = weights.get(NORM).values();
        bias[5] = Float.intBitsToFloat(Float.floatToRawIntBits(bias[5]) ^ 1);
        replace(last, weights, Map.of("format", "pt"));
        JsonNode problems = problems(copy);
        assertThat(problems).hasSize(1);
        assertThat(problems.get(0).asText())
                .contains("step-00000006: " + NORM + "[5] is ")
                .doesNotContain("values differ");
    }

    @Test
    void aDataPositionThatDoesNotAscend_isOutOfOrder() throws IOException {
        Path copy = copy();
        Path state = checkpoint(copy, 6).resolve("state.json");
        ObjectNode json = (ObjectNode) MAPPER.readTree(state.toFile());
        json.put("next_example", 12);
        MAPPER.writeValue(state.toFile(), json);
        seal(checkpoint(copy, 6));
        assertThat(problems(copy).get(0).asText())
                .endsWith("step-00000006: next_example is 12, expected more than the 12 of step 3");
    }

    @Test
    void whatIsNoRun_isRefused() throws IOException {
        CommandLineRun.of("verify", shared, "--json").assertRefused("expected the folder of a run");
        CommandLineRun.of("verify", shared.resolve("none"), "--json").assertRefused("no such folder");
    }
}
