package norma.trainer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.model.Precision;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class RunConfigYamlTest {
    private static final String SOURCE = "configs/a.yaml";

    @TempDir
    private Path folder;

    @Test
    void emptyMapping_givesTheDocumentedDefaults() {
        RunConfig config = parse("{}");

        assertThat(config.seed()).isEqualTo(1);
        assertThat(config.device()).isEqualTo("cpu");
        assertThat(config.data().corpus()).isEqualTo("wordnet");
        assertThat(config.tokenizer().vocabSize()).isEqualTo(8192);
        assertThat(config.model().hiddenSize()).isEqualTo(768);
        assertThat(config.training())
                .isEqualTo(new TrainingConfig(1000L, 32, new MicroBatchSize(32), Precision.FLOAT32, false, 1));
        assertThat(config.optimizer())
                .isEqualTo(new OptimizerConfig("adamw", 1e-4, 0.9, 0.999, 1e-8, null, null, 0.01, false, false, 1.0));
        assertThat(config.schedule()).isEqualTo(new ScheduleConfig(ScheduleConfig.Type.LINEAR, 0L, null));
        assertThat(config.record().every()).isEqualTo(1);
        assertThat(config.checkpoints().keep()).isEqualTo(KeptCheckpoints.ALL);
    }

    @Test
    void everyKindOfValue_isReadAsWritten() {
        RunConfig config = parse("""
                seed: 9007199254740993
                device: gpu:1
                data: {corpus: text, paths: [a b, "*.gz"], whole_word_masking: true}
                training: {steps: 300, batch_size: 64, micro_batch_size: 16}
                optimizer: {learning_rate: 1e-3, epsilon: 1.0e-6, weight_decay: 0}
                schedule: {type: cosine, warmup_steps: 300}
                checkpoints: {every: 50, at: [7, 3, 7], keep: 2}
                """);

        assertThat(config.seed()).isEqualTo(9007199254740993L);
        assertThat(config.device()).isEqualTo("gpu:1");
        assertThat(config.data().paths()).containsExactly("a b", "*.gz");
        assertThat(config.data().wholeWordMasking()).isTrue();
        assertThat(config.training().microBatchSize().rows()).isEqualTo(16);
        assertThat(config.optimizer().learningRate()).isEqualTo(1e-3);
        assertThat(config.optimizer().epsilon()).isEqualTo(1e-6);
        assertThat(config.optimizer().weightDecay()).isZero();
        assertThat(config.schedule().type()).isEqualTo(ScheduleConfig.Type.COSINE);
        assertThat(config.checkpoints().at()).containsExactly(3L, 7L);
        assertThat(config.checkpoints().keep().newest()).isEqualTo(2);
    }

    @Test
    void checkpointsOfEachDecade_areThePowersOfTen_roundedToWholeSteps() {
        CheckpointsConfig three = parse(
                        "{training: {steps: 5000}, checkpoints: {every: 400, at: [7, 5000], log: 3, keep: 2}}")
                .checkpoints();
        assertThat(three.staying(1000)).containsExactly(1L, 2L, 5L, 7L, 10L, 22L, 46L, 100L, 215L, 464L, 1000L);
        assertThat(three.staying(99)).containsExactly(1L, 2L, 5L, 7L, 10L, 22L, 46L);
        assertThat(LongStream.rangeClosed(0, 1001).filter(step -> three.isDue(step, 1001)))
                .containsExactly(0L, 1L, 2L, 5L, 7L, 10L, 22L, 46L, 100L, 215L, 400L, 464L, 800L, 1000L, 1001L);
        for (int log : new int[] {1, 2, 4, 7, 10, 100}) {
            CheckpointsConfig config =
                    parse("checkpoints: {every: 1000000000, log: " + log + "}").checkpoints();
            assertThat(LongStream.rangeClosed(1, 20_000)
                            .filter(step -> config.isDue(step, 1L << 40))
                            .boxed())
                    .containsExactlyElementsOf(config.staying(20_000));
        }
        assertThat(parse("checkpoints: {log: 1}").checkpoints().staying(1_000_000_000))
                .containsExactly(
                        1L,
                        10L,
                        100L,
                        1_000L,
                        10_000L,
                        100_000L,
                        1_000_000L,
                        10_000_000L,
                        100_000_000L,
                        1_000_000_000L);
        assertThat(RunConfigYaml.write(parse("{}")))
                .as("a run without has the text that it had")
                .doesNotContain("log:");
        assertThatThrownBy(() -> parse("checkpoints: {log: 0}"))
                .hasMessageContaining("log: found 0, expected 1 to 100 checkpoints in a decade");
    }

    @Test
    void writtenConfig_readsBackAsAnEqualRecordAndTheSameText() {
        RunConfig config = parse("""
                seed: -3
                data: {corpus: text, paths: ["no", "1e5", "~", "a: b # c", "ünï"], column: "null"}
                optimizer: {learning_rate: 1.2e-3, epsilon: 1.0e-12}
                checkpoints: {keep: 3}
                """).forTokenizer(5000, 0, OptionalInt.empty());

        String yaml = RunConfigYaml.write(config);

        assertThat(RunConfigYaml.parse(yaml, "config.yaml", List.of())).isEqualTo(config);
        assertThat(RunConfigYaml.write(RunConfigYaml.parse(yaml, "config.yaml", List.of())))
                .isEqualTo(yaml);
        assertThat(yaml).contains("vocab_size: 5000", "max_grad_norm: 1.0", "keep: 3", "warmup_steps: 0");
    }

    @Test
    void settings_overrideTheFile_andMayNameGroupsThatItLacks() {
        RunConfig config = RunConfigYaml.parse(
                "training: {steps: 300, batch_size: 8}",
                SOURCE,
                List.of(
                        "training.steps=200",
                        "data.corpus=text",
                        "data.paths=[x, y]",
                        "seed=7",
                        "schedule.type=constant"));

        assertThat(config.training().steps()).isEqualTo(200);
        assertThat(config.training().batchSize()).isEqualTo(8);
        assertThat(config.data().paths()).containsExactly("x", "y");
        assertThat(config.seed()).isEqualTo(7);
        assertThat(config.schedule().type()).isEqualTo(ScheduleConfig.Type.CONSTANT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            training: {step: 5}                       | line 1: training.step: unknown key, did you mean training.steps?
            trainings: {steps: 5}                     | line 1: trainings: unknown key, did you mean training?
            training: {zzzzzzzz: 5}                   | line 1: training.zzzzzzzz: unknown key, expected one of batch_size, check_every, emulate_bf16, micro_batch_size, precision, steps
            training: {steps: many}                   | line 1: training.steps: found "many", expected a whole number
            training: {steps: "200"}                  | line 1: training.steps: found "200", expected a whole number
            training: {steps: 2.5}                    | line 1: training.steps: found 2.5, expected a whole number
            training: {steps: true}                   | line 1: training.steps: found true, expected a whole number
            training: {steps: [1]}                    | line 1: training.steps: found [1], expected a whole number
            training: {batch_size: 3000000000}        | line 1: training.batch_size: found 3000000000, expected a whole number below
            training: {steps: -5}                     | line 1: training.steps: found -5, expected a whole number of at least 1
            training: {steps: 9223372036854775807}    | line 1: training.steps: found 9223372036854775807, expected a whole number of at least 1 and at most 1000000000
            training: {steps: }                       | line 1: training.steps: found nothing, expected a value
            training: 5                               | line 1: training: found 5, expected a mapping
            training: [1]                             | line 1: training: found [1], expected a mapping
            training: {micro_batch_size: most}        | line 1: training.micro_batch_size: found "most", expected a whole number of at least 1, or auto
            training: {micro_batch_size: 0}           | line 1: training.micro_batch_size: found 0, expected a whole number of at least 1, or auto
            training: {micro_batch_size: 5}           | line 1: training.micro_batch_size: found 5, expected a divisor of batch_size (32)
            training: {precision: fp16}               | line 1: training.precision: found "fp16", expected one of float32, tf32, bf16, auto
            training: {check_every: 0}                | line 1: training.check_every: found 0, expected a whole number of at least 1
            optimizer: {learning_rate: .nan}          | line 1: not valid YAML: Malformed numeric value
            optimizer: {learning_rate: .inf}          | line 1: not valid YAML: Malformed numeric value
            optimizer: {learning_rate: 0}             | line 1: optimizer.learning_rate: found 0.0, expected a number above 0
            optimizer: {beta2: 1.0}                   | line 1: optimizer.beta2: found 1.0, expected a number of at least 0 and below 1
            optimizer: {decay_bias: "yes"}            | line 1: optimizer.decay_bias: found "yes", expected true or false
            schedule: {type: polynomial}              | line 1: schedule.type: found "polynomial", expected one of linear, cosine, constant
            schedule: {type: 1}                       | line 1: schedule.type: found 1, expected one of linear, cosine, constant
            schedule: {warmup_steps: 1001}            | line 1: schedule.warmup_steps: found 1001, expected at most training.steps (1000)
            model: {hidden_size: 100}                 | line 1: model.hidden_size: found 100, expected a multiple of num_attention_heads (12)
            model: {hidden_act: 3}                    | line 1: model.hidden_act: found 3, expected text
            data: {sequence_length: 513}              | line 1: data.sequence_length: found 513, expected at most model.max_position_embeddings (512)
            {training: {batch_size: 171}, data: {sequence_length: 512}} | line 1: training.micro_batch_size: found 171, expected at most 170 sequences of 512,
            data: {paths: a.txt}                      | line 1: data.paths: found [a.txt], expected none, because corpus wordnet has its own text
            data: {paths: [3]}                        | line 1: data.paths: found [3], expected text
            checkpoints: {keep: none}                 | line 1: checkpoints.keep: found "none", expected all, or a whole number of at least 1
            checkpoints: {keep: 0}                    | line 1: checkpoints.keep: found 0, expected all, or a whole number of at least 1
            checkpoints: {at: [-1]}                   | line 1: checkpoints.at: found -1, expected a list of steps of at least 0
            checkpoints: {at: [2000]}                 | line 1: checkpoints.at: found 2000, expected steps of at most training.steps (1000)
            device: tpu                               | line 1: device: found tpu, expected cpu, gpu, gpu:N, several GPUs as gpu:0,1, or cpu,cpu for replicas
            device: "gpu:0,x"                         | line 1: device: found gpu:0,x, expected cpu, gpu, gpu:N, several
            {device: "cpu,cpu", training: {batch_size: 3}} | line 1: training.batch_size: found 3, expected a multiple of the number of devices (2)
            {device: "cpu,cpu", training: {micro_batch_size: 32}} | line 1: training.micro_batch_size: found 32, expected a divisor of training.batch_size (32) divided by the number of devices (2)
            seed: 1.5                                 | line 1: seed: found 1.5, expected a whole number
            seed: {a: 1}                              | line 1: seed: found {"a":1}, expected a whole number
            """)
    void badValue_isNamedWithFileLineKeyValueAndExpectation(String yaml, String message) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(SOURCE + ", " + message);
    }

    @Test
    void typeVocabularyOfOne_doesNotSuitNextSentencePrediction() {
        assertThatThrownBy(() -> parse("data: {objective: mlm+nsp}\nmodel: {type_vocab_size: 1}"))
                .hasMessageStartingWith(SOURCE + ", line 2: model.type_vocab_size: found 1, expected at least 2");
    }

    @Test
    void lineOfTheKey_isGivenInBlockStyle() {
        assertThatThrownBy(() -> parse("# a comment\n\ntraining:\n  steps: 5\n  batch_size: x\n"))
                .hasMessageStartingWith(SOURCE + ", line 5: training.batch_size: found \"x\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'a: b: c'                      | line 1: not valid YAML
            'training: {steps: 5'          | line 1: not valid YAML
            'seed: 1\nseed: 2'             | line 2: not valid YAML: Duplicate field 'seed'
            'a: &x 1\nb: *x'               | line 2: b: found *x, expected the value itself
            """)
    void textThatIsNotPlainYaml_isRefusedWithItsLine(String yaml, String message) {
        assertThatThrownBy(() -> parse(yaml.replace("\\n", "\n")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(SOURCE + ", " + message);
    }

    @ParameterizedTest
    @CsvSource({"'- a', [\"a\"]", "'hello', \"\"\"hello\"\"\"", "'', nothing", "'# only a comment', nothing"})
    void documentThatIsNoMapping_isRefused(String yaml, String found) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        SOURCE + ": found " + found.replace("\"\"\"", "\"") + ", expected a mapping of keys to values");
    }

    @Test
    void secondDocument_isRefused() {
        assertThatThrownBy(() -> parse("seed: 1\n---\nseed: 2\n")).hasMessageContaining("second document");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            training.steps=many | settings: training.steps: found "many", expected a whole number
            training.stepz=5    | settings: training.stepz: unknown key, did you mean training.steps?
            trainign.steps=5    | settings: trainign: unknown key, did you mean training?
            steps=5             | settings: steps: unknown key, did you mean training.steps?
            training.steps=     | settings: training.steps: found nothing, expected a value
            training.steps      | settings: override: found training.steps, expected key=value
            seed.a=1            | settings: seed: found 1, expected a group with the key a
            data.paths=[a       | settings: data.paths: found [a, expected a YAML value
            device=gpux         | settings: device: found gpux, expected cpu, gpu, gpu:N, several GPUs as gpu:0,1, or cpu,cpu for replicas
            """)
    void badSetting_isNamedAsOne(String setting, String message) {
        assertThatThrownBy(() -> RunConfigYaml.parse("seed: 1", SOURCE, List.of(setting)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void aValueIsASettings_whereItsGroupIsOne_andTheFilesElsewhere() {
        String yaml = "training: {steps: 5, batch_size: 4}\nschedule: {warmup_steps: 3}";
        assertThatThrownBy(() -> RunConfigYaml.parse(yaml, SOURCE, List.of("training={steps: many}")))
                .hasMessageStartingWith("settings: training.steps: found \"many\", expected a whole number");
        assertThatThrownBy(() -> RunConfigYaml.parse(yaml, SOURCE, List.of("training.steps=2")))
                .hasMessageStartingWith(SOURCE + ", line 2: schedule.warmup_steps: found 3, expected at most");
        assertThatThrownBy(() -> RunConfigYaml.parse(yaml, SOURCE, List.of("intervention.clamp.from_step=2")))
                .hasMessageStartingWith("settings: intervention.clamp.dimension: found nothing");
    }

    @Test
    void aRuleOfOneGroupThatAnotherBreaks_namesTheFullKey() {
        String yaml = "model: {model_type: gpt2}\ndata: {objective: clm}\ntokenizer: {type: bpe}";
        assertThatThrownBy(() -> RunConfigYaml.parse(yaml, SOURCE, List.of("tokenizer.type=wordpiece")))
                .hasMessageStartingWith("settings: tokenizer.type: found wordpiece, expected bpe or file");
        assertThatThrownBy(() -> parse(yaml.replace("bpe", "wordpiece")))
                .hasMessageStartingWith(SOURCE + ", line 3: tokenizer.type: found wordpiece, expected bpe or file");
    }

    @Test
    void fileThatIsMissingOrAFolderOrNotText_isNamed() throws IOException {
        Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe9});

        assertThatThrownBy(() -> RunConfigYaml.read(folder.resolve("no.yaml"), List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no.yaml: no such file");
        assertThatThrownBy(() -> RunConfigYaml.read(folder, List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(folder + ": is a folder, expected a run's configuration in YAML");
        assertThatThrownBy(() -> RunConfigYaml.read(latin, List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("latin.yaml: line 1: the byte 0xe9, at offset 3, is not UTF-8");
    }

    @Test
    void modelVocabulary_followsTheTokenizer_mayBeLarger_neverSmaller() {
        assertThat(parse("{}")
                        .forTokenizer(5000, 0, OptionalInt.empty())
                        .model()
                        .vocabSize())
                .isEqualTo(5000);
        assertThat(parse("model: {vocab_size: 6000}")
                        .forTokenizer(5000, 0, OptionalInt.empty())
                        .model()
                        .vocabSize())
                .isEqualTo(6000);
        assertThatThrownBy(() -> parse("model: {vocab_size: 4000}").forTokenizer(5000, 0, OptionalInt.empty()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(
                        "model.vocab_size: found 4000, expected at least 5000, the tokenizer's vocabulary");
        assertThat(parse("tokenizer: {type: bpe}")
                        .forTokenizer(5000, 1, OptionalInt.empty())
                        .model()
                        .padTokenId())
                .isEqualTo(1);
        assertThatThrownBy(() -> parse("model: {pad_token_id: 3}").forTokenizer(5000, 0, OptionalInt.empty()))
                .hasMessageContaining("model.pad_token_id: found 3, expected 0");
    }

    private static RunConfig parse(String yaml) {
        return RunConfigYaml.parse(yaml, SOURCE, List.of());
    }

    @Test
    void anotherBatch_isInMemoryAtOnceAsTheOldOneWas_unlessASettingSaysOtherwise() {
        String whole = "training: {batch_size: 64, micro_batch_size: 64}";
        assertThat(microBatch(whole, "training.batch_size=16")).isEqualTo(16);
        assertThat(microBatch(whole, "training.batch_size=16", "training.micro_batch_size=8"))
                .isEqualTo(8);
        assertThat(microBatch("training: {batch_size: 64, micro_batch_size: 16}", "training.batch_size=32"))
                .isEqualTo(16);
        assertThat(microBatch(whole)).isEqualTo(64);
    }

    private static int microBatch(String yaml, String... settings) {
        return RunConfigYaml.parse(yaml, "a.yaml", List.of(settings))
                .training()
                .microBatchSize()
                .rows();
    }
}
