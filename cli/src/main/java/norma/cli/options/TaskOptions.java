package norma.cli.options;

import java.nio.file.Path;
import norma.trainer.config.TaskConfig;
import picocli.CommandLine.Option;

/** A labelled task, by name or as files. */
public final class TaskOptions {
    @Option(
            names = "--task",
            paramLabel = "NAME",
            description = "A task of GLUE (cola, sst-2, mrpc, sts-b, qqp, mnli, qnli, rte, wnli), wordnet,"
                    + " stanfordmoviereview, goemotions or amazonreview.")
    private String task;

    @Option(names = "--data", paramLabel = "DIR", description = "Folder of GLUE, or of the task.")
    private Path data;

    @Option(
            names = "--train",
            paramLabel = "FILE",
            description = "Training examples of your own: TSV, CSV or JSON Lines with named columns.")
    private Path train;

    @Option(names = "--dev", paramLabel = "FILE", description = "Held-out examples of your own.")
    private Path dev;

    @Option(names = "--text", paramLabel = "COLUMN", description = "Column of the text.")
    private String text;

    @Option(names = "--text-pair", paramLabel = "COLUMN", description = "Column of the second text, if there is one.")
    private String textPair;

    @Option(names = "--label", paramLabel = "COLUMN", description = "Column of the label.")
    private String label;

    @Option(
            names = "--kind",
            description = {
                "classification, multi-label or regression; default: what the labels look like. Whole numbers are classes if",
                "there are at most 20, or if they count up from 0 or 1 without a gap; it is said what they were taken for."
            })
    private String kind;

    @Option(names = "--label-separator", paramLabel = "TEXT", description = "Between labels, if there are several.")
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
