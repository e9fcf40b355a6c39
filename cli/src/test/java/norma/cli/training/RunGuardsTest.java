package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.TinyRunTests;
import norma.cli.terminal.ExitCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What stops a run, or refuses to go on with one. */
@Tag("run")
class RunGuardsTest extends TinyRunTests {
    private CommandLineRun pretrain(String name, String... settings) {
        return pretrain(List.of("--run", name), settings);
    }

    private CommandLineRun pretrain(List<String> options, String... settings) {
        List<Object> words = new ArrayList<>(List.of("pretrain", config, "--runs", runs));
        words.addAll(options);
        Stream.of(settings).forEach(setting -> words.addAll(List.of("--set", setting)));
        return CommandLineRun.of(words.toArray());
    }

    private List<String> checkpoints(String name) throws IOException {
        try (Stream<Path> list = Files.list(runs.resolve(name).resolve("checkpoints"))) {
            return list.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    /** Nothing here is NaN or infinite: the loss alone says that the model is gone. */
    @Test
    void aLossThatExplodesButStaysFinite_isDivergenceToo() throws IOException {
        CommandLineRun run = pretrain(
                "explodes",
                "optimizer.learning_rate=50",
                "optimizer.weight_decay=0",
                "schedule.warmup_steps=0",
                "training.steps=30",
                "checkpoints.every=2",
                "evaluation.every=3");

        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err())
                .contains("training diverged at step 3: validation loss ", " at learning rate ")
                .contains("more than 10 times the 4.9 of guessing every token alike")
                .contains("the last good checkpoint is " + runs.resolve("explodes/checkpoints/step-00000000"))
                .doesNotContain("\tat ", "NaN");
        assertThat(Files.readString(runs.resolve("explodes/metrics.jsonl"))).contains("\"step\":3,");
    }

    @Test
    void aRunBeginsWithWhatItIsAndWhereToWatchIt() throws IOException {
        CommandLineRun run = pretrain("begins", "training.steps=3");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err())
                .containsPattern(
                        "training: [\\d,]+ parameters on cpu in float32; 3 steps of 4 sequences of 16 tokens, 192"
                                + " tokens in all, 0\\.\\d epochs")
                .contains("watch it: ", "tensorboard --logdir " + runs)
                .contains("tokenizer.vocab_size: the text gives 131 tokens, not the 200 asked for");
    }

    @Test
    void aRunFromARelativePath_isResumedFromAnywhere_andAChangedTextIsNamed() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path text = folder.resolve("ships.txt");
        CommandLineRun run = pretrain("relative", "data.paths=" + here.relativize(text.toRealPath()));
        assertThat(run.code()).as(run.err()).isZero();
        Path written = runs.resolve("relative/config.yaml");
        assertThat(written).content().contains("\"" + text.toRealPath() + "\"");
        Files.writeString(text, Files.readString(text) + "One more ship.\n");
        CommandLineRun.of("resume", runs.resolve("relative"))
                .assertRefused("config.yaml: data: the text has changed since the run began (written since: "
                        + text.toRealPath() + "), expected it as it was");
    }

    @Test
    void divergence_stopsTheRun_namingStepRateAndTheLastGoodCheckpoint() throws IOException {
        CommandLineRun run = pretrain(
                "diverges",
                "optimizer.learning_rate=1e38",
                "optimizer.weight_decay=0",
                "schedule.warmup_steps=0",
                "training.steps=30");

        assertThat(run.code()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err())
                .contains("training diverged at step ", "at learning rate ", "the last good checkpoint is ")
                .contains("checkpoints/step-00000000")
                .doesNotContain("\tat ");
        assertThat(checkpoints("diverges")).containsExactly("step-00000000");
        System.out.println(run.err()
                .lines()
                .filter(line -> line.contains("diverged"))
                .findFirst()
                .orElseThrow());
    }

    @Test
    void force_neverDeletesTheTextOrTheTokenizer() throws IOException {
        assertThat(pretrain("a").code()).isZero();
        Path run = runs.resolve("a");
        Path text = Files.copy(
                folder.resolve("ships.txt"),
                Files.createDirectory(run.resolve("texts")).resolve("ships.txt"));
        List<String> force = List.of("--run", "a", "--force");
        for (String data : List.of(text.toString(), text.getParent().toString(), run + "/*/ships.txt")) {
            pretrain(force, "data.paths=[\"" + data + "\"]")
                    .assertRefused(run + ": --force: found " + text + " inside, which the new run is made from");
        }
        Path tokenizer = run.resolve("tokenizer.json");
        pretrain(force, "tokenizer.type=file", "tokenizer.path=" + tokenizer)
                .assertRefused(run + ": --force: found " + tokenizer + " inside");
        assertThat(text).hasSameTextualContentAs(folder.resolve("ships.txt"));
        assertThat(checkpoints("a")).contains("step-00000006");
    }

    @Test
    void keep_leavesTheNewestAndTheListedCheckpoints() throws IOException {
        CommandLineRun run = pretrain(
                "keeps", "training.steps=8", "checkpoints.every=2", "checkpoints.keep=2", "checkpoints.at=[3]");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(checkpoints("keeps")).containsExactly("step-00000003", "step-00000006", "step-00000008");
    }

    @Test
    void resumeWithAChangedConfiguration_isRefused_andTheRunUntouched() throws IOException {
        assertThat(pretrain("changed").code()).isZero();
        Path written = runs.resolve("changed/config.yaml");
        Files.writeString(written, "\n# a longer run\n", StandardOpenOption.APPEND);

        CommandLineRun resumed = CommandLineRun.of("resume", runs.resolve("changed"));

        assertThat(resumed.code()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(resumed.err()).contains(written + ": was changed since the run began");
        assertThat(checkpoints("changed")).contains("step-00000006");
    }

    @Test
    void checkpointOfAnotherArchitecture_isRefusedWithTheTensorAndBothShapes() throws IOException {
        assertThat(pretrain("narrow").code()).isZero();
        assertThat(pretrain("wide", "model.hidden_size=32").code()).isZero();
        Path target = runs.resolve("narrow/checkpoints/step-00000006");
        try (Stream<Path> files = Files.list(runs.resolve("wide/checkpoints/step-00000006"))) {
            for (Path file : files.toList()) {
                Files.write(target.resolve(file.getFileName()), Files.readAllBytes(file));
            }
        }

        CommandLineRun resumed = CommandLineRun.of("resume", runs.resolve("narrow"));

        assertThat(resumed.code()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(resumed.err())
                .contains(
                        target.resolve("model.safetensors") + ": tensor bert.embeddings.word_embeddings.weight: "
                                + "found shape [",
                        ", 32], expected shape [",
                        ", 16], as in this run's model");
    }
}
