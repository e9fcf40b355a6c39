package norma.cli.imports;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.terminal.ExitCode;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A published folder becomes a checkpoint folder; what is no model, or would overwrite something, is refused. */
@Tag("engine")
class ImportCommandTest {
    @TempDir
    Path folder;

    private Path source;

    @BeforeEach
    void thePublishedModel() throws IOException {
        Path golden = GoldenFixture.of("bert").folder();
        source = Files.createDirectory(folder.resolve("published"));
        for (String file : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(golden.resolve(file), source.resolve(file));
        }
    }

    @Test
    void aHuggingFaceFolder_keepsEveryTensor_andTheResultOpensAgain() throws IOException {
        Path target = folder.resolve("new/imported");
        CommandLineRun imported = CommandLineRun.of("import", source, "--out", target, "--json");
        assertThat(imported.code()).as(imported.err()).isZero();
        JsonNode json = imported.json();
        assertThat(json.get("folder").asText()).isEqualTo(target.toString());
        assertThat(json.get("architecture").asText()).isEqualTo("BertForPreTraining");
        assertThat(json.get("source_files")).hasSize(2);
        long parameters = 0;
        try (SafetensorsFile theirs = SafetensorsFile.open(source.resolve("model.safetensors"));
                SafetensorsFile ours = SafetensorsFile.open(target.resolve("model.safetensors"))) {
            assertThat(theirs.names()).containsAll(ours.names());
            for (String name : ours.names()) {
                assertThat(ours.shape(name)).as(name).isEqualTo(theirs.shape(name));
                assertThat(ours.read(name).values())
                        .as(name)
                        .isEqualTo(theirs.read(name).values());
                parameters += ours.read(name).values().length;
            }
            assertThat(json.get("tensors").asInt()).isEqualTo(ours.names().size());
        }
        assertThat(json.get("parameters").asLong()).isEqualTo(parameters);
        CommandLineRun outliers = CommandLineRun.of("outliers", target, "--json");
        assertThat(outliers.code()).as(outliers.err()).isZero();
        JsonNode config =
                new ObjectMapper().readTree(source.resolve("config.json").toFile());
        assertThat(outliers.json().get("sites"))
                .hasSize(config.get("num_hidden_layers").asInt());
        CommandLineRun again = CommandLineRun.of("import", target, "--out", folder.resolve("again"), "--json");
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(folder.resolve("again/model.safetensors"))
                .hasSameBinaryContentAs(target.resolve("model.safetensors"));
    }

    @Test
    void aFolderThatIsThere_isReplacedByForceOnly_andOnlyIfAnImportMadeIt() throws IOException {
        Path mine = Files.createDirectory(folder.resolve("mine"));
        Files.writeString(mine.resolve("thesis.txt"), "years of work");
        refused("mine: exists already, expected a new folder", source, "--out", mine);
        refused("mine: --force: found something that no import made", source, "--out", mine, "--force");
        assertThat(mine.resolve("thesis.txt")).hasContent("years of work");
        Path target = folder.resolve("imported");
        assertThat(CommandLineRun.of("import", source, "--out", target, "--quiet")
                        .code())
                .isZero();
        refused("imported: exists", source, "--out", target);
        assertThat(CommandLineRun.of("import", source, "--out", target, "--quiet", "--force")
                        .code())
                .isZero();
        Path inside = Files.move(source, target.resolve("published"));
        refused(
                "imported: --force: found " + inside + " inside, which is to be imported",
                inside,
                "--out",
                target,
                "--force");
        assertThat(inside.resolve("model.safetensors")).exists();
    }

    @Test
    void whatIsNoModel_isRefused_andLeavesNothingBehind() throws IOException {
        refused(
                "nowhere: no such file or folder, expected a model to import",
                folder.resolve("nowhere"),
                "--out",
                to());
        Files.delete(source.resolve("config.json"));
        refused("published: models: found none, expected config.json of Hugging Face", source, "--out", to());
        Files.writeString(source.resolve("config.json"), "{\"model_type\": \"bert\", ");
        refused("config.json: ends in the middle", source, "--out", to());
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(source);
        }
    }

    @Test
    void optionsThatContradictEachOther_areRefused() {
        refused("--cased: found --uncased too, expected one of them", source, "--out", to(), "--cased", "--uncased");
        refused("--heads: found -1, expected a whole number of at least 1", source, "--out", to(), "--heads", "-1");
        refused("--heads: found 0, expected a whole number of at least 1", source, "--out", to(), "--heads", "0");
    }

    private Path to() {
        return folder.resolve("imported");
    }

    private static void refused(String message, Object... words) {
        CommandLineRun run = CommandLineRun.of(
                Stream.concat(Stream.of("import"), Stream.concat(Stream.of(words), Stream.of("--json")))
                        .toArray());
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(message).doesNotContain("\tat ");
        assertThat(run.err().lines().filter(line -> line.startsWith("norma: "))).hasSize(1);
    }
}
