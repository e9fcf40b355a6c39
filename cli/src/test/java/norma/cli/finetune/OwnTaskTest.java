package norma.cli.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.ShipsTask;
import norma.cli.terminal.ExitCode;
import norma.datasets.base.Hashes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a task of one's own is called, what is held out of it, and how its scores are put together. */
@Tag("run")
class OwnTaskTest extends FinetuneTests {
    /** One epoch with one seed on a task in a folder. */
    private List<Object> onceOn(Path task, Object... more) {
        List<Object> words = new ArrayList<>(List.of("finetune", checkpoint, "--train", task.resolve("train.tsv")));
        words.addAll(List.of("--text-column", "body", "--label-column", "label", "--runs", runs, "--seeds", 1));
        words.addAll(List.of("--epochs", 1, "--batch-size", 8, "--learning-rate", 0.01, "--max-length", 16, "--json"));
        for (int i = 0; i < more.length; i += 2) { // in place of what is there
            int at = words.indexOf(more[i]);
            if (at >= 0) {
                words.subList(at, at + 2).clear();
            }
            words.addAll(List.of(more[i], more[i + 1]));
        }
        return words;
    }

    private Path task(String folderName) throws IOException {
        Path task = Files.createDirectories(folder.resolve(folderName));
        ShipsTask.in(task);
        return task;
    }

    private static JsonNode json(List<Object> words) throws IOException {
        CommandLineRun run = run(words);
        assertThat(run.code()).as(run.err()).isZero();
        return run.json();
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aTask_isCalledAsItsFolder_orAsItIsNamed_andTwoNeverShareARun() throws IOException {
        Path first = task("one/My Ships");
        Path second = task("two/My Ships");
        JsonNode json = json(onceOn(first, "--dev", 0.2));
        assertThat(json.get("task").asText()).isEqualTo("My Ships");
        assertThat(names(runs)).containsExactly("my-ships-a-step-00000006");

        json(onceOn(second, "--dev", 0.2));
        assertThat(names(runs)).hasSize(2);
        assertThat(names(runs).get(1)).matches("my-ships-a-step-00000006-[0-9a-f]{6}");
        run(onceOn(first, "--dev", 0.2)).assertRefused("my-ships-a-step-00000006: a run of this name is there already");
        run(onceOn(second, "--dev", 0.2)).assertRefused(names(runs).get(1) + ": a run of this name is there already");
        json(onceOn(first, "--dev", 0.5));
        assertThat(names(runs)).hasSize(3);

        JsonNode named = json(onceOn(first, "--dev", 0.2, "--name", "Sails"));
        assertThat(named.get("task").asText()).isEqualTo("Sails");
        assertThat(names(runs)).contains("sails-a-step-00000006");
    }

    @Test
    void aShare_isHeldOutOfTheTrainingFile_theSameForEverySeed() throws IOException {
        Path task = task("ships");
        CommandLineRun run = run(onceOn(task, "--dev", "0.25", "--seeds", 2));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("120 examples are held out (0.25), chosen by a hash of their texts");
        assertThat(run.json().get("training_examples").asInt()
                        + run.json().at("/best_epoch/dev/examples").asInt())
                .isEqualTo(120);
        Path ofShips = runs.resolve("ships-a-step-00000006");
        List<List<String>> held = new ArrayList<>();
        for (int seed = 1; seed <= 2; seed++) {
            held.add(Files.readAllLines(ofShips.resolve("seed-" + seed + "/predictions.tsv")).stream()
                    .map(line -> line.substring(line.lastIndexOf('\t')))
                    .toList());
        }
        assertThat(held.get(0)).isEqualTo(held.get(1)).hasSizeGreaterThan(30);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --dev 1         | command line: --dev: found 1.0, expected a share of the training file, above 0 and below 1
            --dev 0         | command line: --dev: found 0.0, expected a share of the training file
            --dev -0.5      | command line: --dev: found -0.5, expected a share of the training file
            --dev 0.001     | command line: --dev: found 0.001, expected a share that leaves some of the 120 examples of
            --dev 10%       | 10%: no such file, expected the held-out file
            --seeds 1       | command line: --dev: found none, expected the held-out file, or the share of the training file
            --name _        | command line: --name: found
            """)
    void whatIsNoHeldOutPart_isRefused(String options, String message) throws IOException {
        String[] option = options.split(" ", 2);
        List<Object> words = onceOn(task("ships"), option[0], option[1].replace('_', ' '));
        if (option[0].equals("--name")) {
            words.addAll(List.of("--dev", "0.1"));
        }
        run(words).assertRefused(message);
        assertThat(runs.resolve("ships-a-step-00000006")).doesNotExist();
    }

    @Test
    void oneSeed_hasNoSpread_andSeveralHaveTheSamples() throws IOException {
        Path task = task("ships");
        CommandLineRun one = run(onceOn(task, "--dev", 0.25, "--run", "one"));
        assertThat(one.json().at("/best_epoch/dev/accuracy_std").isNull()).isTrue();
        List<Object> words = onceOn(task, "--dev", 0.25, "--run", "three", "--seeds", 3);
        words.remove("--json");
        CommandLineRun three = run(words);
        assertThat(three.code()).as(three.err()).isZero();
        assertThat(three.out())
                .contains("best epoch of each of 3 seeds")
                .contains("std: sample standard deviation over the seeds (n - 1)")
                .contains("majority")
                .contains("outlier dimensions before")
                .contains("layer.1.output");
        words.set(words.indexOf("three"), "single");
        words.set(words.indexOf("--seeds") + 1, 1);
        CommandLineRun single = run(words);
        assertThat(single.out()).contains("best epoch of one seed:").doesNotContain("std");
    }

    @Test
    void aBestEpoch_isNotChosenAmongUndefinedScores() throws IOException {
        Path train = ShipsTask.tsv(
                folder.resolve("train.tsv"), "body\tlabel", 40, i -> "The " + i % 7 + " ships\t" + i + ".5");
        Path same = ShipsTask.tsv(folder.resolve("same.tsv"), "body\tlabel", 10, i -> "The old ships\t" + i + ".5");
        List<Object> words = onceOn(folder, "--dev", same, "--epochs", 2, "--micro-batch-size", 1, "--run", "same");
        CommandLineRun run = run(words);
        assertThat(train).exists();
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err())
                .contains(
                        "seed-1: no epoch is the best: after each of them pearson and spearman, by which epochs are compared, is"
                                + " undefined (NaN), as where");
        assertThat(runs.resolve("same/seed-1/result.json")).doesNotExist();
        assertThat(runs.resolve("same/seed-1/checkpoint")).doesNotExist();
        assertThat(CommandLineRun.of("resume", runs.resolve("same")).err()).contains("no epoch is the best");

        Path constant = ShipsTask.tsv(folder.resolve("constant.tsv"), "body\tlabel", 10, i -> "The " + i + "\t2.5");
        run(onceOn(folder, "--dev", constant, "--kind", "regression", "--run", "constant"))
                .assertRefused(
                        "constant.tsv: labels of dev: found 2.5 for each example, expected at least two different");
        assertThat(runs.resolve("constant")).doesNotExist();
    }

    @Test
    void theBestEpochsCard_hasItsScores_andNoPaths() throws IOException {
        json(onceOn(task("ships"), "--dev", 0.2));
        Path run = runs.resolve(names(runs).get(0));
        String card = Files.readString(run.resolve("seed-1/checkpoint/README.md"));

        JsonNode front = new YAMLMapper().readTree(card.substring(4, card.indexOf("\n---\n", 4) + 1));
        assertThat(front.path("pipeline_tag").asText()).isEqualTo("text-classification");
        JsonNode metrics = front.at("/model-index/0/results/0/metrics");
        JsonNode best = new YAMLMapper()
                .readTree(run.resolve("seed-1/result.json").toFile())
                .at("/epochs/0/dev/dev");
        assertThat(metrics).isNotEmpty();
        for (JsonNode metric : metrics) {
            assertThat(metric.path("value").asDouble())
                    .isEqualTo(best.path(metric.path("type").asText()).asDouble());
        }
        assertThat(card)
                .contains(
                        "# BertForSequenceClassification, fine-tuned on ships",
                        Hashes.sha256(checkpoint.resolve("model.safetensors")))
                .doesNotContain(folder.toString());
    }
}
