package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import norma.datasets.objectives.Objective;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.pretrained.PretrainedModel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command on a short run of each architecture's shipped configuration, {@code configs/ARCHITECTURE-tiny.yaml}.
 */
@Tag("run")
class EveryArchitectureTest {
    private static final Path CONFIGS =
            Path.of(System.getProperty("norma.root", "..")).resolve("configs");

    private static final List<String> SHORT = List.of(
            "training.steps=6",
            "training.batch_size=4",
            "data.sequence_length=24",
            "data.validation_fraction=0.002",
            "tokenizer.vocab_size=500",
            "schedule.warmup_ratio=0.3",
            "evaluation.every=3",
            "evaluation.examples=8",
            "checkpoints.every=3",
            "logging.every=1");

    /** What of {@code model:} makes it small; every architecture has its own keys. */
    private static final Map<String, List<String>> SMALL = Map.of(
            "bert", List.of("model.hidden_size=32", "model.intermediate_size=48"),
            "roberta", List.of("model.hidden_size=32", "model.intermediate_size=48"),
            "electra", List.of("model.hidden_size=32", "model.embedding_size=16", "model.intermediate_size=48"),
            "gpt2", List.of("model.n_embd=32", "model.n_inner=48"),
            "bart", List.of("model.d_model=32", "model.encoder_ffn_dim=48", "model.decoder_ffn_dim=48"),
            "xlnet", List.of("model.d_model=32", "model.d_inner=48"));

    @TempDir
    private Path folder;

    static Stream<String> architectures() {
        return Architectures.ALL.stream().map(one -> one.modelType());
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void aRunOfItsTinyConfig_isResumedProbedReportedAndFineTuned(String modelType) throws IOException {
        Path runs = folder.resolve("runs");
        Path run = shortRun(modelType, runs);
        CommandLineRun.copy(run, runs.resolve("killed"));
        delete(runs.resolve("killed/checkpoints/step-00000006"));
        run("resume", runs.resolve("killed"));
        Path last = run.resolve("checkpoints/step-00000006");
        List<Path> tensors = tensors(last);
        assertThat(tensors).hasSizeGreaterThanOrEqualTo(2);
        for (Path file : tensors) {
            assertThat(runs.resolve("killed/checkpoints/step-00000006").resolve(last.relativize(file)))
                    .hasSameBinaryContentAs(file);
        }
        run("verify", run);

        JsonNode outliers = run("outliers", run, "--json").json();
        int outputs;
        try (PretrainedModel model = PretrainedModel.open(last, Device.cpu())) {
            outputs = model.config().numHiddenLayers();
        }
        assertThat(outliers.path("sites")).hasSize(outputs);
        JsonNode emergence = run("emergence", run, "--json").json();
        assertThat(emergence.at("/0/last_step").asInt(emergence.at("/last_step").asInt()))
                .isEqualTo(6);
        JsonNode ablation = run("ablate", run, "--dims", "3,5", "--baseline", "random:2", "--json")
                .json();
        boolean overVocabulary = ablation.at("/full").has("perplexity");
        assertThat(ablation.at("/full/loss").asDouble())
                .isBetween(overVocabulary ? 3.0 : 0.2, overVocabulary ? 8.0 : Math.log(2));
        JsonNode first = ablation.at("/ablations/0");
        assertThat(first.path("dimensions")).hasSize(2);
        assertThat(first.path("loss").asDouble())
                .isNotEqualTo(ablation.at("/full/loss").asDouble());
        Objective objective =
                RunConfigYaml.read(run.resolve("config.yaml"), List.of()).data().toObjective();
        String text = objective.fillsBlanks() || objective.decodes() ? "a kind of [MASK] tree" : "a kind of";
        JsonNode filled =
                run("fill", predictor(last), text, "--dims", "3", "--json").json();
        assertThat(filled.toString()).contains("probability");
        run("attention", run, "--json").json();
        run("report", run);
        assertThat(run.resolve("report.html")).isNotEmptyFile();

        Path task = task();
        run(
                "finetune",
                run,
                "--train",
                task.resolve("train.csv"),
                "--dev",
                task.resolve("dev.csv"),
                "--text-column",
                "text",
                "--text-pair-column",
                "other",
                "--label-column",
                "label",
                "--epochs",
                "1",
                "--seeds",
                "1",
                "--max-length",
                "20",
                "--runs",
                runs,
                "--run",
                "tuned");
        assertThat(runs.resolve("tuned/seed-1/checkpoint/config.json")).isNotEmptyFile();
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void aKilledRun_endsAsTheOneThatNeverWas(String modelType) throws Exception {
        int steps = 30;
        List<String> settings = List.of("training.steps=" + steps, "checkpoints.every=10");
        Path runs = folder.resolve("runs");
        run(pretraining(modelType, runs, "whole", settings));
        Path killed = runs.resolve("killed");
        Path checkpoint = killed.resolve("checkpoints/step-00000010");
        boolean ended = NormaProcess.start(folder.resolve("output"), pretraining(modelType, runs, "killed", settings))
                .await(() -> Files.exists(checkpoint))
                .kill();
        assertThat(ended).isFalse();
        run("resume", killed);
        SameRun.assertSame(killed, runs.resolve("whole"), steps);
    }

    /** A run of six steps of an architecture's shipped configuration: {@code a} among the runs. */
    static Path shortRun(String modelType, Path runs) {
        run(pretraining(modelType, runs, "a", List.of()));
        return runs.resolve("a");
    }

    private static Object[] pretraining(String modelType, Path runs, String name, List<String> settings) {
        Path config = CONFIGS.resolve(modelType + "-tiny.yaml");
        assertThat(RunConfigYaml.read(config, List.of()).model().modelType()).isEqualTo(modelType);
        return Stream.concat(
                        Stream.of("pretrain", config, "--runs", runs, "--run", name),
                        Stream.of(SHORT, SMALL.get(modelType), settings)
                                .flatMap(List::stream)
                                .flatMap(setting -> Stream.of("--set", setting)))
                .toArray();
    }

    /** The weights and moments of every network. */
    private static List<Path> tensors(Path checkpoint) throws IOException {
        try (Stream<Path> files = Files.walk(checkpoint)) {
            return files.filter(file -> file.toString().endsWith(".safetensors"))
                    .sorted()
                    .toList();
        }
    }

    /** The network that predicts tokens. */
    static Path predictor(Path checkpoint) {
        Path generator = checkpoint.resolve("generator");
        return Files.isDirectory(generator) ? generator : checkpoint;
    }

    private Path task() throws IOException {
        StringBuilder rows = new StringBuilder("text,other,label\n");
        for (int i = 0; i < 16; i++) {
            rows.append("a plant of number ")
                    .append(i)
                    .append(",a tree ")
                    .append(i % 3)
                    .append(i % 2 == 0 ? ",yes\n" : ",no\n");
        }
        Files.writeString(folder.resolve("train.csv"), rows);
        Files.writeString(folder.resolve("dev.csv"), rows);
        return folder;
    }

    private static CommandLineRun run(Object... arguments) {
        CommandLineRun run = CommandLineRun.of(arguments);
        assertThat(run.code())
                .as(String.join(" ", List.of(arguments).toString(), run.err()))
                .isZero();
        return run;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
