package norma.cli.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.terminal.ExitCode;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.corpus.Documents;
import norma.datasets.json.JsonFile;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tokenizer.Casing;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.emergence.LossesAtSteps;
import norma.probes.evaluation.EvaluationText;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.probes.report.Report;
import norma.probes.source.ModelSource;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.config.TaskConfig;
import norma.trainer.figure.FigureWidth;
import norma.trainer.finetuning.Finetuning;
import norma.trainer.imports.ImportOptions;
import norma.trainer.imports.ModelImport;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.run.MetricsLine;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.Provenance;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunListener;
import norma.trainer.run.RunState;
import norma.trainer.run.RunStates;
import norma.trainer.run.RunStatus;
import norma.trainer.run.StopRequest;
import norma.trainer.safetensors.SafetensorsFile;

/** Every format that Norma reads, with the reader that its commands use. */
final class Formats {
    private static final String STEP_20 = "checkpoints/step-00000020/";

    private final Samples samples;

    Formats(Path folder) {
        samples = new Samples(folder);
    }

    List<Format> all() throws Exception {
        return Stream.of(ofRuns(), ofStoppedRuns(), ofProbes(), ofModels(), ofTexts())
                .flatMap(List::stream)
                .toList();
    }

    private List<Format> ofRuns() throws IOException {
        Path run = samples.run();
        return List.of(
                new Format("config.yaml", run, List.of("config.yaml"), 6, Formats::yaml),
                new Format("provenance.json", run, List.of("provenance.json"), 4, Formats::provenance),
                new Format("status.json", run, List.of("status.json"), 2, Formats::status),
                new Format("metrics.jsonl", run, List.of("metrics.jsonl"), 4, Formats::metrics),
                new Format("layernorm.zarr", run, filesOfRecording(run), 8, Formats::recording),
                new Format(
                                "checkpoint",
                                run,
                                List.of(
                                        STEP_20 + "manifest.json",
                                        STEP_20 + "state.json",
                                        STEP_20 + "optimizer.safetensors"),
                                6,
                                Formats::checkpoint)
                        .withGuard(),
                new Format("tokenizer.json", run, List.of("tokenizer.json"), 6, Formats::tokenizer));
    }

    private List<Format> ofStoppedRuns() throws IOException {
        Path stopped = samples.stoppedRun();
        List<String> recorded = new ArrayList<>(filesIn(stopped, "runs/a/layernorm.zarr"));
        recorded.add("runs/a/metrics.jsonl");
        return List.of(
                new Format("resumed recording", stopped, recorded, 2, Formats::resumed)
                        .withGuard()
                        .withTraining(),
                new Format("resumed checkpoint", stopped, filesIn(stopped, "runs/a/checkpoints"), 1, Formats::resumed)
                        .withGuard()
                        .withTraining(),
                new Format("prepared data", stopped, filesIn(stopped, "runs/.cache"), 4, Formats::prepared)
                        .withGuard());
    }

    private List<Format> ofProbes() throws IOException {
        Path probed = samples.probedRun();
        return List.of(
                new Format("scan", probed, filesIn(probed, "probes/scans"), 2, Formats::scan),
                new Format(
                        "probes' JSON",
                        probed,
                        List.of(
                                "probes/outliers.json",
                                "probes/emergence.json",
                                "probes/ablation.json",
                                "probes/ablation-each.json"),
                        2,
                        Formats::report),
                new Format(
                                "fine-tuning",
                                samples.fineTuned(),
                                List.of("seed-1/result.json", "provenance.json", "finetune.yaml"),
                                2,
                                Formats::fineTuning)
                        .withGuard()
                        .withTraining(),
                new Format(
                        "masked sequences",
                        samples.evaluation(),
                        List.of("masked.safetensors"),
                        4,
                        Formats::evaluation));
    }

    private static List<String> filesOfRecording(Path run) throws IOException {
        return filesIn(run, "layernorm.zarr").stream()
                .filter(file -> !file.endsWith(".zmetadata") && !file.matches(".*/(site|hidden)/.*|.*/\\.zattrs"))
                .toList();
    }

    /** The files below a folder of a sample that hold something, as the sample names them. */
    private static List<String> filesIn(Path sample, String folder) throws IOException {
        try (Stream<Path> files = Files.walk(sample.resolve(folder))) {
            return files.filter(
                            file -> Files.isRegularFile(file) && file.toFile().length() > 0)
                    .map(file -> sample.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private List<Format> ofModels() throws IOException {
        Path huggingFace = samples.huggingFace();
        return List.of(
                new Format("config.json", huggingFace, List.of("config.json"), 6, Formats::model),
                new Format("model.safetensors", huggingFace, List.of("model.safetensors"), 6, Formats::model),
                new Format(
                        "Hugging Face folder",
                        huggingFace,
                        List.of("config.json", "tokenizer_config.json", "vocab.txt"),
                        4,
                        Formats::imported),
                new Format(
                        "tokenizer settings",
                        samples.tokenizer(),
                        List.of(
                                "tokenizer_config.json",
                                "added_tokens.json",
                                "special_tokens_map.json",
                                "vocab.txt",
                                "tokenizer.json"),
                        4,
                        Formats::tokenizers),
                new Format(
                        "safetensors index",
                        samples.shards(),
                        List.of("model.safetensors.index.json", "model-0.safetensors"),
                        4,
                        Formats::imported),
                new Format(
                        "TensorFlow checkpoint",
                        samples.tensorFlow(),
                        List.of("bert_model.ckpt.index", "bert_model.ckpt.data-00000-of-00001", "bert_config.json"),
                        4,
                        Formats::imported),
                new Format("zip in a jar", samples.jar(), List.of("bert.jar"), 4, Formats::imported),
                new Format("ONNX", samples.onnx(), List.of("encoder.onnx"), 6, Formats::imported));
    }

    private List<Format> ofTexts() throws IOException {
        Path corpora = samples.corpora();
        Path tables = samples.tables();
        return List.of(
                corpus("text", corpora, "ships.txt", "corpus: text"),
                corpus("gzip", corpora, "ships.txt.gz", "corpus: text"),
                corpus("Zstandard", corpora, "ships.txt.zst", "corpus: text"),
                corpus("JSON Lines corpus", corpora, "ships.jsonl", "corpus: jsonl"),
                corpus("Parquet", corpora, "ships.parquet", "corpus: parquet"),
                table("TSV", tables, "ships.tsv"),
                table("CSV", tables, "ships.csv"),
                table("JSON Lines table", tables, "ships.jsonl"));
    }

    private static String yaml(Path run) {
        return RunConfigYaml.write(RunConfigYaml.read(run.resolve("config.yaml"), List.of()));
    }

    private static String provenance(Path run) throws IOException {
        Provenance provenance = Provenance.read(run.resolve("provenance.json"));
        provenance.resumed(3);
        return provenance.changes() + provenance.configSha256() + provenance.corpusSha256() + provenance.data();
    }

    private static String status(Path run) {
        RunStatus status = new RunStates().read(new RunFiles(run));
        if (status.state() == RunState.UNREADABLE) {
            throw new InvalidInputException(status.sentence().orElseThrow());
        }
        return status.toString();
    }

    private static String metrics(Path run) throws IOException {
        Path file = run.resolve("metrics.jsonl");
        LossesAtSteps.read(run);
        return MetricsLog.read(file).toString();
    }

    private static String recording(Path run) throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(run.resolve("layernorm.zarr"));
        int hash = recording.layout().hashCode() + recording.every();
        for (long step : recording.steps()) {
            hash = 31 * hash + Arrays.hashCode(recording.snapshot(recording.row(step)));
        }
        return recording.layout() + " " + recording.steps().length + " " + hash;
    }

    private static String checkpoint(Path run) {
        Checkpoint checkpoint = new Checkpoint(run.resolve(STEP_20), 20);
        checkpoint.damage().ifPresent(damage -> {
            throw new InvalidInputException(damage);
        });
        return checkpoint.state() + checkpoint.optimizerState().keySet().toString();
    }

    /** Trains a run that was stopped to its end: the weights, what was recorded, and what was logged but for times. */
    private static String resumed(Path folder) throws IOException {
        Path run = folder.resolve("runs/a");
        CommandLineRun command = CommandLineRun.of("resume", run, "--quiet");
        if (command.code() == ExitCode.INVALID_INPUT) {
            String all = command.err().strip();
            throw new InvalidInputException(all.substring(all.lastIndexOf('\n') + 1));
        }
        assertThat(command.code()).as(command.err()).isZero();
        StringBuilder lines = new StringBuilder();
        for (MetricsLine line : MetricsLog.read(run.resolve("metrics.jsonl"))) {
            JsonNode json = line.json();
            lines.append(json.path("step")).append(json.path("loss")).append(json.path("validation"));
        }
        String weights = Hashes.sha256(run.resolve("checkpoints/step-00000006/model.safetensors"));
        return weights + recording(run) + lines;
    }

    /** The tokens of a run's corpus, from the cache or anew. */
    private static String prepared(Path folder) {
        RunConfig config = RunConfigYaml.read(folder.resolve("runs/a/config.yaml"), List.of());
        try (PretrainingData data = PretrainingData.prepare(
                config.data(),
                config.tokenizer(),
                SequenceFormat.BERT,
                config.seed(),
                folder.resolve("runs/.cache"),
                Progress.NONE)) {
            int hash = data.tokenizer().json().hashCode();
            int examples = Math.toIntExact(data.batches().trainingExamples());
            return data.size()
                    + hash
                    + Arrays.hashCode(data.batches().trainingBatch(0, examples).inputIds());
        }
    }

    private static String report(Path run) throws IOException {
        Path page = run.resolve("report.html");
        Report.write(run, page, FigureWidth.TWO_COLUMNS, "norma report", probe -> "norma " + probe, warning -> {});
        return Files.readString(page);
    }

    /** A scan of single dimensions that was stopped goes on with what its file holds. */
    private static String scan(Path run) {
        CommandLineRun command = CommandLineRun.of("ablate", run, "--each", "--eval-rows", 4, "--json", "--quiet");
        if (command.code() == ExitCode.INVALID_INPUT) {
            throw new InvalidInputException(command.err().strip());
        }
        assertThat(command.code()).as(command.err()).isZero();
        return command.out();
    }

    private static String fineTuning(Path folder) {
        return new Finetuning(new StopRequest(), RunListener.NONE)
                .resume(folder)
                .json()
                .toString();
    }

    private static String evaluation(Path folder) {
        Path file = folder.resolve("masked.safetensors");
        ModelSource model = ModelSource.of(folder.resolve("run"), warning -> {});
        LanguageModelEvaluation evaluation =
                new EvaluationText(new EvaluationText.Frozen(file), 4, 12, 4).prepare(model, Progress.NONE);
        try (PretrainedModel bert = PretrainedModel.open(model.last().folder(), Device.cpu())) {
            evaluation.requireFits(bert);
            evaluation.requireReads(bert);
        }
        return evaluation.describe().toString();
    }

    private static String tokenizer(Path run) {
        return tokens(run.resolve("tokenizer.json"));
    }

    private static String tokenizers(Path folder) {
        return tokens(folder.resolve("tokenizer.json")) + tokens(folder.resolve("vocab.txt"));
    }

    private static String tokens(Path file) {
        try (Tokenizer tokenizer = Tokenizer.load(file)) {
            List<int[]> ids = tokenizer.encode(List.of("The 3 old ships sail.", "[MASK] Dawn[ENT] \u00fc\u6f22", ""));
            return tokenizer.vocabularySize()
                    + ids.stream().map(Arrays::toString).toList().toString()
                    + tokenizer.decode(ids.get(0));
        }
    }

    /** A folder of Hugging Face's as a command opens one. */
    private static String model(Path folder) throws IOException {
        try (PretrainedModel model = PretrainedModel.open(folder, Device.cpu());
                SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            int hash = file.metadata().hashCode();
            for (String name : file.names()) {
                hash = 31 * hash + Arrays.hashCode(file.read(name).values());
            }
            return model.config().toJson() + " " + file.names() + " " + hash;
        }
    }

    /** What an import makes of a folder, or of the one archive in it. */
    private static String imported(Path folder) throws IOException {
        Path jar = folder.resolve("bert.jar");
        Path target = folder.resolve("imported");
        ModelImport.run(
                Files.exists(jar) ? jar : folder,
                target,
                new ImportOptions(TinyBert.HEADS, Casing.FROM_SOURCE, false),
                false);
        String weights = Hashes.sha256(target.resolve("model.safetensors"));
        return JsonFile.read(target.resolve("config.json")).node()
                + weights
                + Files.readString(target.resolve("tokenizer.json"));
    }

    private static Format corpus(String name, Path corpora, String file, String kind) {
        return new Format(name, corpora, List.of(file), 4, folder -> {
            String yaml = "data: {" + kind + ", paths: ['" + folder.resolve(file) + "']}";
            StringBuilder all = new StringBuilder();
            try (Documents documents = RunConfigYaml.parse(yaml, "fuzz", List.of())
                    .data()
                    .toCorpus()
                    .open()) {
                documents.forEachRemaining(document -> all.append(document).append('\n'));
            }
            return all.toString();
        });
    }

    private static Format table(String name, Path tables, String file) {
        return new Format(name, tables, List.of(file), 4, folder -> {
            String path = folder.resolve(file).toString();
            LabelledTask task = new TaskConfig(null, null, null, path, path, null, "body", null, "label", null, null)
                    .source()
                    .load();
            return task.kind() + " " + task.train().examples();
        });
    }
}
