package norma.cli.finetune;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import norma.cli.options.DeviceOptions;
import norma.cli.options.TaskOptions;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.base.Counted;
import norma.datasets.base.Progress;
import norma.datasets.tasks.ClassifiedFile;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.TextColumns;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.classification.FileScores;
import norma.probes.classification.TextClassifier;
import norma.probes.evaluation.Scores;
import norma.probes.evaluation.TaskEvaluation;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.run.MetricsLog;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How often a fine-tuned model is right. */
@Command(
        name = "evaluate",
        description = {
            "Measures a fine-tuned model on a task or a labelled file.",
            "Of a task the held-out examples count. The scores are those of norma finetune: of classes accuracy, macro F1 and Matthews correlation; of several"
                    + " labels micro, macro and samples F1; of numbers the correlations and the mean squared error; a"
                    + " known task's are its own. The loss is the mean over the examples."
        },
        footer = {
            "  norma evaluate runs/mrpc/seed-1/checkpoint --task mrpc --data GLUE",
            "  norma evaluate MODEL --text a.tsv --text-column body --label-column y"
        })
public final class EvaluateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = ClassifierOptions.MODEL)
    private Path model;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = ClassifierOptions.FILE + " Beside it the columns are named, and no task.")
    private Path file;

    @ArgGroup(exclusive = false, heading = "%nTask, or the columns of the file:%n", order = 1)
    private TaskOptions task = new TaskOptions();

    @Mixin
    private ClassifierOptions classifier;

    @Mixin
    private DeviceOptions device;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        classifier.requireSizes();
        if (file == null) {
            task.requireTask("--text");
        }
        ModelSource source = ModelSource.of(model, output::warn);
        ObjectNode result = output.startResult();
        result.put("model", source.last().folder().toString());
        try (ProgressDisplay progress = output.progress()) {
            String text = file == null
                    ? task(source.last(), device.device(), result, progress)
                    : file(source, device.device(), result, progress);
            progress.finish();
            output.result(result, text);
        }
        return ExitCode.DONE;
    }

    private String file(ModelSource source, Device on, ObjectNode result, Progress progress) {
        TextColumns columns = task.textColumns();
        String label = task.labelColumn();
        try (TextClassifier asked = classifier.open(source, on)) {
            ClassifiedFile texts = ClassifiedFile.labelled(
                    file, columns, label, asked.kind(), task.labelSeparator(), ", the labels of " + asked.folder());
            FileScores scores = FileScores.of(asked, texts.split(), progress, output::say);
            asked.assumption().ifPresent(output::warn);
            result.set("evaluation", scores.describe(asked));
            put(result, scores.scores());
            return String.format(
                            Locale.ROOT,
                            "%s: %s, %,d of them cut to %s%n",
                            file,
                            Counted.of(scores.split().examples().size(), "example"),
                            scores.truncated(),
                            Counted.of(asked.maxLength(), "token"))
                    + table(scores.scores());
        }
    }

    private String task(ProbedCheckpoint checkpoint, Device on, ObjectNode result, Progress progress) {
        LabelledTask labelled = task.config().source().load();
        TaskEvaluation evaluation;
        try (Tokenizer tokenizer = checkpoint.tokenizer()) {
            evaluation = new TaskEvaluation(
                    labelled,
                    tokenizer,
                    checkpoint.sequences(),
                    classifier.maxLength(checkpoint, tokenizer),
                    Integer.MAX_VALUE,
                    classifier.batchSize(),
                    classifier.labels());
        }
        try (PretrainedModel whole = PretrainedModel.open(checkpoint.folder(), on)) {
            evaluation.requireFits(whole);
            output.say(evaluation.memory(whole).line());
            evaluation.notes().forEach(output::say);
            evaluation.assumptions(whole).forEach(output::warn);
            Scores scores = evaluation.scoreWhole(whole, progress);
            result.set("evaluation", evaluation.describe());
            put(result, scores);
            return evaluation.words() + "\n" + table(scores);
        }
    }

    private static void put(ObjectNode result, Scores scores) {
        ObjectNode json = result.putObject("scores");
        scores.values().forEach((name, value) -> {
            if (name.equals("predictions")) {
                json.put(name, value.longValue());
            } else {
                MetricsLog.put(json, name, value);
            }
        });
    }

    private static String table(Scores scores) {
        StringBuilder table = new StringBuilder();
        for (Map.Entry<String, Double> score : scores.values().entrySet()) {
            if (!score.getKey().equals("predictions")) {
                table.append(String.format(Locale.ROOT, "%n  %-36s%10.4f", score.getKey(), score.getValue()));
            }
        }
        return table.toString();
    }
}
