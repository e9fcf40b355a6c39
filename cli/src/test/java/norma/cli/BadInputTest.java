package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.device.CudaDriver;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user can get wrong: exit code 2, one sentence, nothing on standard output, no run folder. */
@Tag("engine")
class BadInputTest extends TinyRunTests {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            training.stepz=5               | --set training.stepz=5: unknown key, did you mean training.steps?
            trainign.steps=5               | --set trainign.steps=5: trainign: unknown key, did you mean training?
            steps=5                        | --set steps=5: unknown key, did you mean training.steps?
            training.steps.most=5          | --set training.steps.most=5: training.steps: found 6, expected a group with the key most
            training.steps=many            | --set training.steps=many: found "many", expected a whole number
            training.steps=                | --set training.steps=: found nothing, expected a value after the equals sign
            training.steps=0               | --set training.steps=0: found 0, expected a whole number of at least 1
            training={steps: many}         | --set training={steps: many}: training.steps: found "many", expected a whole number
            schedule.type=steep            | --set schedule.type=steep: found "steep", expected one of linear, cosine, constant
            optimizer.type=adam            | --set optimizer.type=adam: found adam, expected adamw, sgd or rotated-adamw
            model.hidden_size=17           | --set model.hidden_size=17: found 17, expected a multiple of num_attention_heads (2)
            schedule.warmup_steps=7        | --set schedule.warmup_steps=7: found 7, expected at most training.steps (6)
            data.sequence_length=32        | --set data.sequence_length=32: found 32, expected at most model.max_position_embeddings (16)
            training.micro_batch_size=3    | --set training.micro_batch_size=3: found 3, expected a divisor of batch_size (4)
            device=gpu:77                  | --set device=gpu:77: found gpu:77, expected
            data.paths=[/no/such/file.txt] | --set data.paths=[/no/such/file.txt]: found /no/such/file.txt, expected an existing file, folder or glob
            model.hidden_size=100000       | tiny.yaml: model.hidden_size, num_hidden_layers and the others: found 240,014,
            model.num_hidden_layers=2147483647 | --set model.num_hidden_layers=2147483647: found 2147483647, expected a whole number from 1 to 10000
            training.batch_size=100000     | --set training.batch_size=100000: found 100000, expected at most
            model.vocab_size=10            | --set model.vocab_size=10: found 10, expected at least 131, the tokenizer's vocabulary
            """)
    void badSetting_isRefused_asItWasTyped_withItsFullKey(String setting, String message) {
        assertRefused(message, "--set", setting);
    }

    /** What the file says is the file's, also where it is a setting that it does not go with. */
    @Test
    void aValueOfTheFile_isRefusedAsTheFiles() {
        assertRefused(
                "tiny.yaml, line 9: schedule.warmup_steps: found 2, expected at most", "--set", "training.steps=1");
    }

    @Test
    void anOptionForAKey_isNamed() {
        assertRefused("command line: --precision: found \"fp8\", expected one of float32", "--precision", "fp8");
        assertRefused("command line: --device: found tpu, expected cpu, gpu", "--device", "tpu");
        assertRefused("--precision: found \"x\"", "--set", "training.precision=bf16", "--precision", "x");
        assertRefused("--set training.precision=x: found \"x\"", "--set", "training.precision=x");
    }

    @Test
    void gpuOnAMachineWithoutOne_isRefused() {
        assumeFalse(!CudaDriver.ask().cards().isEmpty(), "this machine has a GPU");
        assertRefused(
                "--set device=gpu: found gpu, expected cpu: there is no NVIDIA driver here", "--set", "device=gpu");

        CommandLineRun doctor = CommandLineRun.of("doctor", "--device", "gpu");
        assertThat(doctor.code()).isEqualTo(2);
        assertThat(doctor.err()).contains("device: found gpu, expected cpu: there is no NVIDIA driver here");
    }

    @Test
    void aSeedOfTwoMillionDigits_isNotEchoedWhole() {
        String digits = "9".repeat(2_000_000);
        assertRefused(
                "--set seed=" + "9".repeat(55) + "\u2026: found \"" + "9".repeat(199)
                        + "\u2026 (2000002 characters), expected a whole number",
                "--set",
                "seed=" + digits);

        CommandLineRun run = CommandLineRun.of("ablate", folder, "--dims", "1", "--seed", digits);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("9".repeat(200) + "\u2026 (2000000 characters)")
                .hasSizeLessThan(500);
    }

    @Test
    void missingConfig_isRefused() {
        CommandLineRun run = CommandLineRun.of("pretrain", folder.resolve("no.yaml"), "--runs", runs);

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("no.yaml: no such file").doesNotContain("\tat ");
    }

    @Test
    void emptyCorpus_isRefused() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.txt"), " \n\n ");
        assertRefused(
                "empty.txt: found no text, expected at least one document with text",
                "--set",
                "data.paths=[" + empty + "]");
    }

    @Test
    void invalidUtf8_isRefusedWithTheFile() throws IOException {
        Path latin = Files.write(folder.resolve("latin.txt"), new byte[] {'o', 'l', (byte) 0xe9, '\n'});
        assertRefused(
                "latin.txt: line 1, byte 2: found 0xe9, expected valid UTF-8", "--set", "data.paths=[" + latin + "]");
    }

    @Test
    void corpusShorterThanABatch_isRefused() throws IOException {
        Path brief = Files.writeString(folder.resolve("brief.txt"), "A ship sails.\n\nAnother ship sails.\n");
        assertRefused(
                "brief.txt: training.batch_size: found 4, expected at most",
                "--set",
                "data.paths=[" + brief + "]",
                "--set",
                "tokenizer.vocab_size=30");
    }

    @ParameterizedTest
    @CsvSource({"../x", "a/b", ".cache", "''"})
    void runNameThatIsNoPlainFolderName_isRefused(String name) {
        assertRefused("command line: --run: found " + name, "--run", name);
    }

    @Test
    void runFolderThatExists_isRefusedAndUntouched() throws IOException {
        Path run = Files.createDirectories(runs.resolve("tiny"));
        Files.writeString(run.resolve("notes.txt"), "mine");

        CommandLineRun refused = CommandLineRun.of("pretrain", config, "--runs", runs);

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err())
                .contains(
                        "tiny: something that is not a run is there already; --run NAME gives the new one another name")
                .doesNotContain("--force", "resume")
                .doesNotContain("\tat ");
        assertThat(run.toFile().list()).containsExactly("notes.txt");
        assertThat(run.resolve("notes.txt")).hasContent("mine");
    }

    @Test
    void runsFolderWithoutPermission_isRefused() throws IOException {
        Path locked = Files.createDirectories(folder.resolve("locked"));
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeFalse(Files.isWritable(locked), "the tests run as a user who may write everywhere");

        CommandLineRun refused = CommandLineRun.of("pretrain", config, "--runs", locked);

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("locked: no permission to write");
    }

    @Test
    void runsFolderThatIsAFile_isRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        CommandLineRun refused = CommandLineRun.of("pretrain", config, "--runs", file);

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains(file + ": ").doesNotContain("\tat ");
    }

    @Test
    void resumeOfSomethingElse_isRefused() throws IOException {
        Path other = Files.createDirectories(folder.resolve("other"));

        assertThat(CommandLineRun.of("resume", folder.resolve("no")).code()).isEqualTo(2);
        CommandLineRun refused = CommandLineRun.of("resume", other);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("expected the folder of a run");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            pretrain                              | CONFIG: found nothing, expected either a configuration
            pretrain a.yaml --sets x=1            | Unknown options: '--sets', 'x=1'; did you mean --set?
            prtrain a.yaml                        | Unmatched arguments from index 0: 'prtrain', 'a.yaml'; did you mean pretrain?
            tokenizer train --vocab-size x        | Invalid value for option '--vocab-size'
            tokenizer train                       | Missing required option: '--out=FILE'
            tokenizer train my/books --out a.json | did you mean --data my/books?
            predict model new.tsv                 | did you mean --text new.tsv?
            ablate model --text a.txt             | did you mean --eval a.txt?
            finetune model my/train.tsv           | did you mean --train my/train.tsv?
            tokenizer encode --tokenizer no.json a| no.json
            bench                                 | Missing required parameter: 'CONFIG'
            bench a.yaml --steps 0                | command line: --steps: found 0, expected a whole number of at least 1
            bench a.yaml --warmup -1              | command line: --warmup: found -1
            bench data                            | Missing required parameter: 'CONFIG'
            bench padding no.yaml                 | no.yaml
            bench data no.yaml                    | no.yaml
            bench data configs/quickstart.yaml --rounds x | Invalid value for option '--rounds'
            bench padding                         | Missing required parameter: 'CONFIG'
            bench long                            | Missing required parameter: 'CONFIG'
            bench long a.yaml --comparisons 0     | command line: --comparisons: found 0, expected a whole number of at least 1
            bench long a.yaml --steps 0           | command line: --steps: found 0
            bench --json data configs/quickstart.yaml | --json: found before 'data', expected behind it
            bench --steps 3 probes models         | --steps: found before 'probes', expected behind it
            bench scaling                         | Missing required parameter: 'CONFIG'
            bench scaling no.yaml                 | no.yaml
            """)
    void wrongArguments_areNamedInOneSentence(String words, String message) {
        CommandLineRun run = CommandLineRun.of((Object[]) words.split(" +"));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("norma: ").contains(message).hasLineCount(1);
    }

    private void assertRefused(String message, String... options) {
        List<Object> words = new ArrayList<>(List.of("pretrain", config, "--runs", runs, "--json", "--quiet"));
        words.addAll(List.of(options));
        CommandLineRun run = CommandLineRun.of(words.toArray());

        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("norma: ").contains(message).doesNotContain("\tat ", "Exception");
        assertThat(runs.resolve("tiny")).doesNotExist();
    }
}
