package norma.cli.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.cli.ShipsTask;
import norma.cli.terminal.ExitCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What fine-tuning refuses, and where it gives up. */
@Tag("run")
class FinetuneBadInputTest extends FinetuneTests {
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
            --max-length 17      | command line: --max-length: found 17, expected at most 16, the longest sequence of
            --micro-batch-size 0 | command line: --micro-batch-size: found 0, expected a whole number of at least 1, or auto
            --micro-batch-size x | command line: --micro-batch-size: found x, expected a whole number of at least 1, or auto
            --epochs 0           | command line: --epochs: found 0, expected a whole number of at least 1
            --kind numbers       | command line: --kind: found numbers, expected one of classification, multi-label, regression
            --task rte           | command line: --name: found ships, expected none beside a task that Norma knows
            --run a/b            | command line: --run: found a/b
            --label-column topic        | topic
            --device gpu:99      | device: found gpu:99
            --precision fp8      | command line: --precision: found fp8, expected float32, tf32, bf16 or auto
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
    void aLengthThatNoPairFitsInto_isRefused() throws IOException {
        Path rows = ShipsTask.tsv(folder.resolve("pairs.tsv"), "label\ta\tb", 8, i -> i % 2 + "\tship\tsails");
        List<Object> words = new ArrayList<>(List.of("finetune", checkpoint, "--train", rows, "--dev", rows));
        words.addAll(
                List.of("--text-column", "a", "--text-pair-column", "b", "--label-column", "label", "--runs", runs));
        assertRefused(
                with(words, "--max-length", 4),
                "pairs.tsv: longest sequence: found 4 tokens, expected at least 5, for special tokens and one of each"
                        + " text");
    }

    @Test
    void missingFilesAndFolders_areNamed() throws IOException {
        List<Object> missingDev = classes();
        missingDev.set(missingDev.indexOf("--dev") + 1, folder.resolve("no.tsv"));
        assertRefused(missingDev, "no.tsv");
        assertRefused(
                List.of("finetune", checkpoint, "--task", "rtee", "--runs", runs),
                "command line: --task: found rtee, expected a task's name, did you mean rte?");
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
        assertThat(refused.err()).contains("again: a run of this name is there already");
        assertThat(run(with(words, "--force")).code()).isZero();

        Files.writeString(
                runs.resolve("again/finetune.yaml"), Files.readString(runs.resolve("again/finetune.yaml")) + "#\n");
        CommandLineRun changed = CommandLineRun.of("resume", runs.resolve("again"));
        assertThat(changed.code()).isEqualTo(ExitCode.INVALID_INPUT);
        assertThat(changed.err()).contains("finetune.yaml: was changed since the run began");
    }

    @Test
    void force_neverDeletesTheCheckpointOrTheTask() throws IOException {
        Path run = CommandLineRun.tinyRun(folder);
        Path weights = run.resolve("checkpoints/step-00000006/model.safetensors");
        byte[] before = Files.readAllBytes(weights);
        List<Object> words = with(classes(), "--run", "a", "--force");
        words.set(1, run);
        run(words)
                .assertRefused(
                        run + ": --force: found " + weights.getParent() + " inside, which the new run is made from");

        Path train = Files.copy(ships.train(), run.resolve("train.tsv"));
        List<Object> ownTask = with(classes(), "--run", "a", "--force");
        ownTask.set(ownTask.indexOf("--train") + 1, train);
        run(ownTask).assertRefused(run + ": --force: found " + train + " inside");
        assertThat(train).exists();
        assertThat(weights).hasBinaryContent(before);
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

    private void assertRefused(List<Object> words, String message) throws IOException {
        run(words).assertRefused(message);
        if (Files.exists(runs)) {
            assertThat(runs).isEmptyDirectory();
        }
    }
}
