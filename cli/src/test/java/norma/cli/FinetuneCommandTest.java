package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fine-tuning of a tiny model on made-up tasks, as users call it. */
@Tag("run")
class FinetuneCommandTest {
    @TempDir
    private static Path shared;

    private static Path checkpoint;

    @TempDir
    private Path folder;

    private Path runs;

    @BeforeAll
    static void pretrain() throws IOException {
        Path config = CommandLineRun.tinyConfig(shared);
        CommandLineRun run = CommandLineRun.of("pretrain", config, "--runs", shared.resolve("runs"), "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        checkpoint = shared.resolve("runs/tiny/checkpoints/step-00000006");
    }

    @BeforeEach
    void chooseRuns() {
        runs = folder.resolve("runs");
    }

    /** A header and so many rows. */
    private Path tsv(String name, String header, int rows, IntFunction<String> row) throws IOException {
        StringBuilder text = new StringBuilder(header).append('\n');
        for (int i = 0; i < rows; i++) {
            text.append(row.apply(i)).append('\n');
        }
        return Files.writeString(folder.resolve(name), text);
    }

    private static String ship(int i) {
        return "The " + i % 7 + " old ships " + (i % 3 == 0 ? "sail" : "dawn") + " to " + i * i % 97;
    }

    /** A third of the rows sail. */
    private List<Object> classes(Object... options) throws IOException {
        Path train = tsv("train.tsv", "label\tbody", 120, i -> (i % 3 == 0 ? "sails" : "waits") + "\t" + ship(i));
        Path dev =
                tsv("dev.tsv", "body\tlabel", 30, i -> ship(i + 200) + "\t" + ((i + 200) % 3 == 0 ? "sails" : "waits"));
        List<Object> words = new ArrayList<>(List.of("finetune", checkpoint, "--train", train, "--dev", dev));
        words.addAll(List.of("--text", "body", "--label", "label", "--runs", runs, "--batch-size", 8));
        words.addAll(List.of("--learning-rate", 0.01, "--max-length", 16));
        words.addAll(List.of(options));
        return words;
    }

    private static CommandLineRun run(List<Object> words) {
        return CommandLineRun.of(words.toArray());
    }

    @Test
    void aMadeUpTask_isLearnt_andEverythingIsKept() throws IOException {
        CommandLineRun run = run(classes("--seeds", 2, "--epochs", 8, "--run", "ships", "--json"));
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.at("/majority_baseline/dev/accuracy").asDouble()).isBetween(0.6, 0.7);
        assertThat(json.at("/best_epoch/dev/accuracy").asDouble()).isGreaterThan(0.9);
        assertThat(json.at("/seeds")).hasSize(2);
        assertThat(run.err())
                .contains("majority")
                .contains("outlier dimensions before")
                .contains("layer.1.output");

        Path seed = runs.resolve("ships/seed-2");
        assertThat(list(seed))
                .containsExactly(
                        "against-parent.json",
                        "checkpoint",
                        "layernorm.zarr",
                        "metrics.jsonl",
                        "predictions.tsv",
                        "result.json");
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

    @Test
    void numbersAndSeveralLabels_areLearntToo() throws IOException {
        Path train = tsv("n.tsv", "y\ta\tb", 60, i -> i % 5 + ".5\tThe old ships\t" + i % 5 + " sail");
        CommandLineRun numbers = run(List.of(
                "finetune",
                checkpoint,
                "--train",
                train,
                "--dev",
                train,
                "--text",
                "a",
                "--text-pair",
                "b",
                "--label",
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

        Path labels = tsv(
                "l.tsv",
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
                "--text",
                "a",
                "--label",
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
        Process process = start(with(words, "--run", "killed"));
        await(process, killed.resolve("seed-1/checkpoints/step-00000020"));
        process.destroyForcibly().waitFor();
        process = start(List.of("resume", killed));
        await(process, killed.resolve("seed-2/checkpoints/step-00000004"));
        process.destroy();
        assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(ExitCode.INTERRUPTED);
        CommandLineRun resumed = CommandLineRun.of("resume", killed, "--json");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.json().at("/seeds")).hasSize(2);
        assertSame(killed, runs.resolve("whole"), 2);
    }

    @Test
    void aRateThatIsTooHigh_endsWithStepAndRate() throws IOException {
        List<Object> words = classes("--seeds", 1);
        words.set(words.indexOf("--learning-rate") + 1, 1e30);
        CommandLineRun run = run(words);
        assertThat(run.code()).isEqualTo(ExitCode.FAILED);
        assertThat(run.err())
                .contains("diverged at step ")
                .contains(" at learning rate ")
                .doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --seeds 0            | command line: --seeds: found 0, expected a whole number from 1 to 1000
            --learning-rate 0    | command line: --learning-rate: found 0.0, expected a number above 0
            --learning-rate -1   | command line: --learning-rate: found -1.0, expected a number above 0
            --max-length 17      | command line: --max-length: found 17, expected at most 16, the max_position_embeddings of
            --epochs 0           | command line: --epochs: found 0, expected a whole number of at least 1
            --kind numbers       | command line: --kind: found numbers, expected one of classification, multi-label, regression
            --task rte           | command line: --train: found
            --run a/b            | command line: --run: found a/b
            --label topic        | topic
            --device gpu:99      | device: found gpu:99
            """)
    void aWrongOption_isNamed(String options, String message) throws IOException {
        List<Object> words = classes();
        List<String> replaced = Arrays.asList(options.split(" "));
        int at = words.indexOf(replaced.get(0));
        if (at >= 0) {
            words.subList(at, at + 2).clear();
        }
        words.addAll(replaced);
        assertRefused(words, message);
    }

    @Test
    void missingFilesAndFolders_areNamed() throws IOException {
        List<Object> missingDev = classes();
        missingDev.set(missingDev.indexOf("--dev") + 1, folder.resolve("no.tsv"));
        assertRefused(missingDev, "no.tsv");
        assertRefused(
                List.of("finetune", checkpoint, "--task", "rtee", "--runs", runs),
                "command line: --task: found rtee, expected did you mean rte?");
        assertRefused(
                List.of("finetune", checkpoint, "--task", "rte", "--runs", runs),
                "command line: --data: found nothing");
        assertRefused(List.of("finetune", checkpoint, "--runs", runs), "command line: --task: found none");
        assertRefused(
                List.of("finetune", folder.resolve("no"), "--task", "wordnet", "--runs", runs), "no: no such folder");

        Path bare = copy("bare");
        Files.delete(bare.resolve("tokenizer.json"));
        assertRefused(List.of("finetune", bare, "--task", "wordnet", "--runs", runs), "bare: has no tokenizer.json");
    }

    @Test
    void aTokenizerLargerThanTheVocabulary_isRefused() throws IOException {
        Path other = copy("other");
        Path text = Files.writeString(
                folder.resolve("more.txt"),
                "many more words of another language ".repeat(20)
                        + "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 äöüßéèêñ абвгдежзийклмнопрстуфхцчшщъыьэюя"
                        + " αβγδεζηθικλμνξοπρστυφχψω אבגדהוזחטיכלמנסעפצקרשת");
        Path tokenizer = folder.resolve("large.json");
        assertThat(CommandLineRun.of(
                                "tokenizer",
                                "train",
                                "--data",
                                text,
                                "--vocab-size",
                                400,
                                "--cased",
                                "--out",
                                tokenizer)
                        .code())
                .isZero();
        Files.copy(tokenizer, other.resolve("tokenizer.json"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        List<Object> words = classes();
        words.set(1, other);
        assertRefused(words, "tokens, expected at most");
    }

    @Test
    void aFolderThatExists_isRefused_untilForced() throws IOException {
        List<Object> words = classes("--seeds", 1, "--epochs", 1, "--run", "again");
        assertThat(run(words).code()).isZero();
        CommandLineRun refused = run(words);
        assertThat(refused.code()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(refused.err()).contains("again: exists");
        assertThat(run(with(words, "--force")).code()).isZero();

        Files.writeString(
                runs.resolve("again/finetune.yaml"), Files.readString(runs.resolve("again/finetune.yaml")) + "#\n");
        CommandLineRun changed = CommandLineRun.of("resume", runs.resolve("again"));
        assertThat(changed.code()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(changed.err()).contains("finetune.yaml: was changed since the run began");
    }

    private Path copy(String name) throws IOException {
        Path copy = Files.createDirectory(folder.resolve(name));
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(checkpoint.resolve(file), copy.resolve(file));
        }
        return copy;
    }

    private static List<Object> with(List<Object> words, Object... more) {
        List<Object> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return all;
    }

    private void assertRefused(List<Object> words, String message) {
        CommandLineRun run = run(words);
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains("norma: ").contains(message).doesNotContain("\tat ", "Exception");
        if (Files.exists(runs)) {
            assertThat(runs).isEmptyDirectory();
        }
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
            Path root = theirs.resolve("seed-" + seed);
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(Files::isRegularFile).map(theirs::relativize).forEach(compared::add);
            }
            assertThat(list(ours.resolve("seed-" + seed))).isEqualTo(list(root));
        }
        assertThat(compared).hasSizeGreaterThan(10 * seeds);
        for (Path file : compared) {
            assertThat(ours.resolve(file)).as(file.toString()).hasSameBinaryContentAs(theirs.resolve(file));
        }
    }

    private Process start(List<Object> words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "norma.cli.Norma"));
        words.forEach(word -> command.add(word.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
    }

    private void await(Process process, Path file) throws Exception {
        while (!Files.exists(file)) {
            assertThat(process.isAlive())
                    .as(Files.readString(folder.resolve("output")))
                    .isTrue();
            Thread.sleep(1);
        }
    }
}
