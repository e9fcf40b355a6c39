package norma.cli.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.NormaProcess;
import norma.cli.ShipsTask;
import norma.cli.terminal.ExitCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fine-tuning of a tiny model on made-up tasks, as users call it. */
@Tag("run")
class FinetuneCommandTest extends FinetuneTests {
    @Test
    void aMadeUpTask_isLearnt_andEverythingIsKept() throws IOException {
        CommandLineRun run = run(classes("--seeds", 2, "--epochs", 8, "--run", "ships", "--json"));
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.at("/majority_baseline/dev/accuracy").asDouble()).isBetween(0.6, 0.7);
        assertThat(json.at("/best_epoch/dev/accuracy").asDouble()).isGreaterThan(0.9);
        assertThat(json.at("/seeds")).hasSize(2);
        CommandLineRun again = CommandLineRun.of("resume", runs.resolve("ships"));
        assertThat(again.out())
                .contains("majority")
                .contains("outlier dimensions before")
                .contains("layer.1.output");
        assertThat(again.err()).doesNotContain("memory: ", "watch it");
        assertThat(json.at("/best_epoch/dev/accuracy_std").isNumber()).isTrue();

        Path seed = runs.resolve("ships/seed-2");
        assertThat(list(seed))
                .containsExactly(
                        "against-parent.json",
                        "checkpoint",
                        "layernorm.zarr",
                        "metrics.jsonl",
                        "predictions.tsv",
                        "result.json",
                        "tensorboard");
        List<String> metrics = Files.readAllLines(seed.resolve("metrics.jsonl"));
        assertThat(metrics).hasSize(120);
        assertThat(metrics.get(14)).contains("\"epoch\":1").contains("\"dev\":{\"dev\":{\"accuracy\":");
        JsonNode config = new ObjectMapper()
                .readTree(seed.resolve("checkpoint/config.json").toFile());
        assertThat(config.at("/architectures/0").asText()).isEqualTo("BertForSequenceClassification");
        assertThat(config.at("/id2label").properties()).hasSize(2);
        assertThat(config.at("/problem_type").asText()).isEqualTo("single_label_classification");
        assertThat(new ObjectMapper()
                        .readTree(runs.resolve("ships/results.json").toFile())
                        .path("best_epoch"))
                .isEqualTo(json.path("best_epoch"));

        List<String> predictions = Files.readAllLines(seed.resolve("predictions.tsv"));
        assertThat(predictions.get(0))
                .startsWith("split\tindex\tgold\tpredicted\tp(")
                .endsWith("\ttext");
        long right = predictions.stream()
                .skip(1)
                .map(line -> line.split("\t"))
                .filter(row -> row[2].equals(row[3]))
                .count();
        int best = json.at("/seeds/1/best_epoch").asInt();
        double accuracy =
                json.at("/seeds/1/epochs/" + (best - 1) + "/dev/dev/accuracy").asDouble();
        assertThat(right / 30.0).isEqualTo(accuracy);
    }

    /** tf32 is float32 on a CPU; auto is what the run's own settings then say. */
    @Test
    void aPrecision_isAsked_decidedAndKept_andResumedWith() throws IOException {
        CommandLineRun exact = run(classes("--seeds", 1, "--epochs", 1, "--run", "exact"));
        CommandLineRun auto = run(classes("--seeds", 1, "--epochs", 1, "--precision", "auto", "--run", "auto"));
        assertThat(exact.code()).as(exact.err()).isZero();
        assertThat(auto.code()).as(auto.err()).isZero();
        assertThat(Files.readString(runs.resolve("exact/finetune.yaml"))).contains("precision: \"float32\"");
        boolean bf16 = auto.err().contains("precision: bf16 (auto: ");
        assertThat(auto.err()).contains(bf16 ? "precision: bf16 (auto: " : "precision: float32 (auto: ");
        assertThat(Files.readString(runs.resolve("auto/finetune.yaml")))
                .contains(bf16 ? "precision: \"bf16\"" : "precision: \"float32\"");
        byte[] weights = Files.readAllBytes(runs.resolve("exact/seed-1/checkpoint/model.safetensors"));
        byte[] others = Files.readAllBytes(runs.resolve("auto/seed-1/checkpoint/model.safetensors"));
        assertThat(Arrays.equals(weights, others)).isEqualTo(!bf16);
        assertThat(CommandLineRun.of("resume", runs.resolve("auto")).code()).isZero();
    }

    @Test
    void whatLabelsWereTakenFor_andThoseThatLookAlike_areSaidBeforeTraining() throws IOException {
        Path train = ShipsTask.tsv(
                folder.resolve("w.tsv"), "y\ta", 50, i -> 1 + i % 25 + (i == 3 ? " " : "") + "\tThe old ships");
        CommandLineRun run = run(List.of(
                "finetune",
                checkpoint,
                "--train",
                train,
                "--dev",
                train,
                "--text-column",
                "a",
                "--label-column",
                "y",
                "--runs",
                runs,
                "--run",
                "said",
                "--seeds",
                1,
                "--epochs",
                1));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err())
                .contains(train
                        + ", column y: the labels are 25 whole numbers from 1 to 25 without a gap, so each is a class"
                        + " (--kind regression makes them numbers to predict)\n")
                .contains("warning: " + train
                        + ": \"4\" and \"4 \" count as different labels; they differ only in blanks\n");
        assertThat(run.err().indexOf("so each is a class")).isLessThan(run.err().indexOf("training"));

        Path tuned = runs.resolve("said/seed-1/checkpoint");
        for (String command : List.of("evaluate", "ablate")) {
            CommandLineRun measured = run(List.of(
                    command, tuned, "--train", train, "--dev", train, "--text-column", "a", "--label-column", "y"));
            assertThat(measured.code()).as(measured.err()).isZero();
            assertThat(measured.err())
                    .contains("\n" + train + ", column y: the labels are 25 whole numbers from 1 to 25 without a gap")
                    .contains("warning: " + train + ": \"4\" and \"4 \" count as different labels");
        }
    }

    @Test
    void numbersAndSeveralLabels_areLearntToo() throws IOException {
        Path train = ShipsTask.tsv(
                folder.resolve("n.tsv"), "y\ta\tb", 60, i -> i % 5 + ".5\tThe old ships\t" + i % 5 + " sail");
        CommandLineRun numbers = run(List.of(
                "finetune",
                checkpoint,
                "--train",
                train,
                "--dev",
                train,
                "--text-column",
                "a",
                "--text-pair-column",
                "b",
                "--label-column",
                "y",
                "--runs",
                runs,
                "--run",
                "numbers",
                "--seeds",
                1,
                "--epochs",
                6,
                "--batch-size",
                8,
                "--learning-rate",
                0.02,
                "--max-length",
                16,
                "--kind",
                "regression",
                "--json"));
        assertThat(numbers.code()).as(numbers.err()).isZero();
        assertThat(numbers.json().at("/best_epoch/dev/pearson").asDouble()).isGreaterThan(0.5);
        assertThat(numbers.json().at("/majority_baseline/dev/pearson").isNull()).isTrue();

        Path labels = ShipsTask.tsv(
                folder.resolve("l.tsv"),
                "y\ta",
                60,
                i -> (i % 2 == 0 ? i % 3 == 0 ? "even,three" : "even" : i % 3 == 0 ? "three" : "none") + "\t"
                        + (i % 2 == 0 ? "sail " : "old ") + (i % 3 == 0 ? "dawn" : "ships"));
        CommandLineRun several = run(List.of(
                "finetune",
                checkpoint,
                "--train",
                labels,
                "--dev",
                labels,
                "--text-column",
                "a",
                "--label-column",
                "y",
                "--label-separator",
                ",",
                "--kind",
                "multi-label",
                "--runs",
                runs,
                "--run",
                "several",
                "--seeds",
                1,
                "--epochs",
                8,
                "--batch-size",
                8,
                "--learning-rate",
                0.02,
                "--max-length",
                16,
                "--json"));
        assertThat(several.code()).as(several.err()).isZero();
        assertThat(several.json().at("/best_epoch/dev/micro_f1").asDouble())
                .isGreaterThan(
                        several.json().at("/majority_baseline/dev/micro_f1").asDouble() + 0.1);
    }

    @Test
    void theSameSeed_givesTheSameBytes() throws IOException {
        List<Object> words = classes("--seeds", 1, "--epochs", 2);
        assertThat(run(with(words, "--run", "one")).code()).isZero();
        assertThat(run(with(words, "--run", "two")).code()).isZero();
        assertSame(runs.resolve("one"), runs.resolve("two"), 1);
    }

    @Test
    void killed_andResumed_itEndsAsIfItNeverWas() throws Exception {
        List<Object> words = classes("--seeds", 2, "--epochs", 5, "--checkpoint-every", 4);
        assertThat(run(with(words, "--run", "whole")).code()).isZero();
        Path killed = runs.resolve("killed");
        start(with(words, "--run", "killed"))
                .await(() -> Files.exists(killed.resolve("seed-1/checkpoints/step-00000020")))
                .kill();
        int code = start(List.of("resume", killed))
                .await(() -> Files.exists(killed.resolve("seed-2/checkpoints/step-00000004")))
                .terminate()
                .finish();
        assertThat(code).isEqualTo(ExitCode.INTERRUPTED);
        CommandLineRun resumed = CommandLineRun.of("resume", killed, "--json");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.json().at("/seeds")).hasSize(2);
        assertSame(killed, runs.resolve("whole"), 2);
    }

    private static List<Object> with(List<Object> words, Object... more) {
        List<Object> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return all;
    }

    private static List<String> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** Every file of two runs, but those that say when they ran and where. */
    private static void assertSame(Path ours, Path theirs, int seeds) throws IOException {
        List<Path> compared = new ArrayList<>(List.of(Path.of("results.json"), Path.of("finetune.yaml")));
        for (int seed = 1; seed <= seeds; seed++) {
            int number = seed;
            Path root = theirs.resolve("seed-" + seed);
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(Files::isRegularFile)
                        .map(theirs::relativize)
                        .filter(file -> !file.startsWith(Path.of("seed-" + number, "tensorboard"))) // times of day
                        .forEach(compared::add);
            }
            assertThat(list(ours.resolve("seed-" + seed))).isEqualTo(list(root));
        }
        assertThat(compared).hasSizeGreaterThan(10 * seeds);
        for (Path file : compared) {
            assertThat(ours.resolve(file)).as(file.toString()).hasSameBinaryContentAs(theirs.resolve(file));
        }
    }

    private NormaProcess start(List<Object> words) throws IOException {
        return NormaProcess.start(folder.resolve("output"), words.toArray());
    }
}
