package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.cli.CommandLineRun;
import norma.trainer.checkpoint.Checkpoint;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code model.variant.pad_vocab_to_multiple_of} from the configuration to what is predicted. */
@Tag("run")
class PaddedVocabularyRunTest {
    private static final int MULTIPLE = 64;

    @TempDir
    private Path folder;

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void aRun_isThatWithoutPadding_itsCheckpointSaysSo_andCommandsListTokensOnly() throws Exception {
        Path plain = CommandLineRun.tinyRun(Files.createDirectory(folder.resolve("plain")));
        Path padded = CommandLineRun.tinyRun(
                Files.createDirectory(folder.resolve("padded")), "model.variant.pad_vocab_to_multiple_of=" + MULTIPLE);
        Path checkpoint = padded.resolve("checkpoints/step-00000006");
        JsonNode config = json(checkpoint.resolve("config.json"));
        int tokens = json(plain.resolve("checkpoints/step-00000006/config.json"))
                .get("vocab_size")
                .asInt();
        int rows = config.get("vocab_size").asInt();
        assertThat(rows % MULTIPLE).isZero();
        assertThat(rows).isGreaterThan(tokens);
        assertThat(config.get("model_type").asText()).isEqualTo("bert");
        assertThat(config.at("/norma_variant/unpadded_vocab_size").asInt()).isEqualTo(tokens);
        float[] bias = new Checkpoint(checkpoint, 6)
                .weights()
                .get("cls.predictions.bias")
                .values();
        assertThat(bias).hasSize(rows);
        assertThat(bias[rows - 1]).isEqualTo(-10_000f);

        JsonNode a = json(plain, "ablate", "--dims", "3", "--eval-rows", "4");
        JsonNode b = json(padded, "ablate", "--dims", "3", "--eval-rows", "4");
        assertThat(b.at("/full/loss").asDouble()).isCloseTo(a.at("/full/loss").asDouble(), within(1e-4));
        CommandLineRun all = fill(checkpoint, tokens);
        assertThat(all.code()).as(all.err()).isZero();
        fill(checkpoint, tokens + 1).assertRefused("expected 1 to " + tokens);

        assertThat(CommandLineRun.of("verify", padded).code()).isZero();
        CommandLineRun.of(
                        "pretrain",
                        "--from",
                        padded + "@3",
                        "--runs",
                        folder,
                        "--set",
                        "model.variant.pad_vocab_to_multiple_of=8")
                .assertRefused(
                        "--set model.variant.pad_vocab_to_multiple_of=8: found 8, expected 64: the weights are the parent's");
        Path imported = folder.resolve("imported");
        CommandLineRun copy = CommandLineRun.of("import", checkpoint, "--out", imported);
        assertThat(copy.code()).as(copy.err()).isZero();
        assertThat(json(imported.resolve("config.json")).get("norma_variant")).isEqualTo(config.get("norma_variant"));
        assertThat(copy.err() + copy.out()).doesNotContain("are for no token");
    }

    private static JsonNode json(Path run, String command, String... options) throws IOException {
        Object[] words = new Object[options.length + 3];
        words[0] = command;
        words[1] = run;
        System.arraycopy(options, 0, words, 2, options.length);
        words[words.length - 1] = "--json";
        CommandLineRun done = CommandLineRun.of(words);
        assertThat(done.code()).as(done.err()).isZero();
        return done.json();
    }

    private static CommandLineRun fill(Path checkpoint, int top) {
        return CommandLineRun.of("fill", checkpoint, "the old [MASK] sail", "--top", top, "--json");
    }
}
