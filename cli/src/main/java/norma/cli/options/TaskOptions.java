package norma.cli.options;

import java.nio.file.Path;
import norma.trainer.config.TaskConfig;
import picocli.CommandLine.Option;

/** A labelled task, by name or as files. */
public final class TaskOptions {
    @Option(
            names = "--task",
            paramLabel = "NAME",
            description = "Name of a task: one of GLUE (cola, sst-2, mrpc, sts-b, qqp, mnli, qnli, rte, wnli), wordnet,"
                    + " stanford-movie-review, amazon-reviews or goemotions.")
    private String task;

    @Option(names = "--data", paramLabel = "FOLDER", description = "Folder of GLUE, or of the one task.")
    private Path data;

    @Option(
            names = "--train",
            paramLabel = "FILE",
            description = "File of your own with training examples: TSV, CSV or JSON Lines with named columns.")
    private Path train;

    @Option(names = "--dev", paramLabel = "FILE", description = "File of your own with held-out examples.")
    private Path dev;

    @Option(names = "--text", paramLabel = "COLUMN", description = "Name of the column with the text.")
    private String text;

    @Option(
            names = "--text-pair",
            paramLabel = "COLUMN",
            description = "Name of the column with the second text, if there is one.")
    private String textPair;

    @Option(names = "--label", paramLabel = "COLUMN", description = "Name of the column with the label.")
    private String label;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description =
                    "Kind of task: classification, multi-label or regression; default: by the labels. Whole numbers"
                            + " are classes if there are at most 20 different ones, or if they count up from 0 or 1 without a"
                            + " gap. The choice is reported.")
    private String kind;

    @Option(
            names = "--label-separator",
            paramLabel = "TEXT",
            description = "Text between the labels of an example, if it has several.")
    private String labelSeparator;

    /** The task; paths are made absolute, so that it can be resumed from anywhere. */
    public TaskConfig config() {
        return new TaskConfig(
                task, absolute(data), absolute(train), absolute(dev), text, textPair, label, kind, labelSeparator);
    }

    private static String absolute(Path path) {
        return path == null ? null : path.toAbsolutePath().normalize().toString();
    }
}
