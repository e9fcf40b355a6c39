package norma.cli.options;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tasks.TextColumns;
import norma.trainer.config.TaskConfig;
import picocli.CommandLine.Option;

/** A labelled task, by name or as files. */
public final class TaskOptions {
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description = "Task that Norma knows: one of GLUE (cola, sst-2, mrpc, sts-b, qqp, mnli, qnli, rte, wnli),"
                    + " wordnet, stanford-movie-review, goemotions or amazon-reviews.")
    private String task;

    @Option(names = "--data", paramLabel = "FOLDER", description = "Folder of GLUE, or of the one task.")
    private Path data;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description =
                    "Name of a task of your own, in results and in the run's name; default: the name of the folder"
                            + " that the training file is in.")
    private String name;

    @Option(
            names = "--train",
            paramLabel = "FILE",
            description = "File of your own with training examples: TSV, CSV or JSON Lines with named columns.")
    private Path train;

    @Option(
            names = "--dev",
            paramLabel = "FILE|SHARE",
            description = "File of your own with held-out examples, or the share of the training file to hold out, such"
                    + " as 0.1. Which examples those are depends on their texts alone, so it is the same each time;"
                    + " examples of equal texts stay together.")
    private String dev;

    @Option(names = "--text-column", paramLabel = "COLUMN", description = "Name of the column with the text.")
    private String textColumn;

    @Option(
            names = "--text-pair-column",
            paramLabel = "COLUMN",
            description = "Name of the column with the second text, if there is one.")
    private String textPairColumn;

    @Option(names = "--label-column", paramLabel = "COLUMN", description = "Name of the column with the label.")
    private String labelColumn;

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
        Double share = isShare() ? Double.valueOf(dev) : null;
        return new TaskConfig(
                task,
                absolute(data),
                name,
                absolute(train),
                dev == null || share != null ? null : absolute(Path.of(dev)),
                share,
                textColumn,
                textPairColumn,
                labelColumn,
                kind,
                labelSeparator);
    }

    /**
     * Refuses a task of which neither the name nor the file with training examples is given.
     *
     * @param instead what else could be meant: an option that takes a file with labels alone
     */
    public void requireTask(String instead) {
        if (task != null || train != null) {
            return;
        }
        if (dev == null) {
            throw InvalidInputException.of(
                    "command line",
                    "--task",
                    "none",
                    "a task's name, files of your own (--train and --dev), or a labelled file (" + instead + ")");
        }
        throw InvalidInputException.of(
                "command line",
                "--dev",
                dev,
                "--train beside it; did you mean " + instead + " " + dev + ", which needs no training examples?");
    }

    /**
     * The columns of texts, for a file that is no task.
     *
     * @throws InvalidInputException if an option of a task was given too, or a column is missing
     */
    public TextColumns textColumns() {
        String expected = "none beside --text";
        WithoutEffect.refuse("--task", task, expected);
        WithoutEffect.refuse("--data", data, expected);
        WithoutEffect.refuse("--name", name, expected);
        WithoutEffect.refuse("--train", train, expected);
        WithoutEffect.refuse("--dev", dev, expected);
        WithoutEffect.refuse("--kind", kind, expected + ", for the model says what it predicts");
        if (textColumn == null) {
            throw InvalidInputException.of("command line", "--text-column", "none", "the column of the text");
        }
        return new TextColumns(textColumn, textPairColumn);
    }

    /**
     * The column of the labels, for a file that is no task.
     *
     * @throws InvalidInputException if there is none
     */
    public String labelColumn() {
        if (labelColumn == null) {
            throw InvalidInputException.of("command line", "--label-column", "none", "the column of the label");
        }
        return labelColumn;
    }

    /** The text between an example's labels, or null. */
    public String labelSeparator() {
        return labelSeparator;
    }

    /** Whether a number was given, and no file has it for its name. */
    private boolean isShare() {
        return dev != null && NUMBER.matcher(dev).matches() && !Files.exists(Path.of(dev));
    }

    private static String absolute(Path path) {
        return path == null ? null : path.toAbsolutePath().normalize().toString();
    }
}
