package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Named pipes in place of every file that a command reads: refused, where opening one would wait for ever. */
@Tag("run")
@Timeout(300)
class SpecialFilesTest extends TinyRunTests {
    private Path pipe(Path pipe) throws IOException, InterruptedException {
        Files.deleteIfExists(pipe);
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        return pipe;
    }

    @Test
    void pipesThatAreNamed_areRefused() throws Exception {
        Path pipe = pipe(folder.resolve("pipe"));
        Path table = pipe(folder.resolve("pipe.tsv"));
        Path safetensors = pipe(folder.resolve("pipe.safetensors"));
        for (List<Object> words : List.<List<Object>>of(
                List.of("pretrain", pipe, "--runs", runs),
                List.of("pretrain", config, "--runs", runs, "--set", "data.paths=[" + pipe + "]"),
                List.of(
                        "pretrain",
                        config,
                        "--runs",
                        runs,
                        "--set",
                        "tokenizer.type=file",
                        "--set",
                        "tokenizer.path=" + pipe),
                List.of("tokenizer", "encode", "--tokenizer", pipe, "a"),
                List.of("fill", pipe, "a [MASK]"),
                List.of("outliers", pipe),
                List.of("import", pipe, "--out", folder.resolve("imported")),
                List.of("import", safetensors, "--out", folder.resolve("imported")),
                List.of("tokenizer", "train", "--data", pipe, "--out", folder.resolve("t.json")))) {
            CommandLineRun.of(words.toArray()).assertRefused(" is a named pipe, expected ");
        }
        Path run = CommandLineRun.tinyRun(folder);
        CommandLineRun.of(
                        "finetune",
                        run,
                        "--train",
                        table,
                        "--dev",
                        table,
                        "--text-column",
                        "a",
                        "--label-column",
                        "b",
                        "--runs",
                        runs)
                .assertRefused(table + ": is a named pipe, expected the training file");
        CommandLineRun.of("ablate", run, "--eval", safetensors, "--dims", "1")
                .assertRefused(safetensors + ": is a named pipe, expected a safetensors file");
    }

    @Test
    void pipesAmongAModelsFiles_areRefused() throws Exception {
        Path run = CommandLineRun.tinyRun(folder);
        for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Path model = CommandLineRun.copy(
                    run.resolve("checkpoints").resolve("step-00000006"), folder.resolve("with-" + name));
            Path pipe = pipe(model.resolve(name));
            for (List<Object> words : List.<List<Object>>of(
                    List.of("outliers", model),
                    List.of("fill", model, "a [MASK]"),
                    List.of("import", model, "--out", folder.resolve("imported")),
                    List.of("finetune", model, "--task", "wordnet", "--runs", runs))) {
                CommandLineRun.of(words.toArray())
                        .assertRefused(pipe + ": is a named pipe, expected the files of a model");
            }
        }
        assertThat(folder.resolve("imported")).doesNotExist();
    }
}
