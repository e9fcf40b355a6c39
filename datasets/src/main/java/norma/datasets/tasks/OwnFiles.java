package norma.datasets.tasks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;
import norma.datasets.metrics.Metric;

/**
 * A task of one's own: files with named columns, see {@link TextTable}.
 *
 * @param title what messages and results call it, or null to call it after the folder of the training file
 * @param train the training file; its labels are the task's labels
 * @param heldOut where the held-out examples come from
 * @param texts the columns of the texts
 * @param label the column of the label
 * @param type what the labels are, or null to take what they look like ({@link LabelInference#infer})
 * @param separator between the labels of a multi-label task, or null where they stand in JSON arrays
 */
public record OwnFiles(
        String title, Path train, HeldOut heldOut, TextColumns texts, String label, LabelType type, String separator)
        implements TaskSource {
    /** Checks that the columns differ and that the separator serves. */
    public OwnFiles {
        texts.after(label); // which checks them
        if (separator != null && (separator.isEmpty() || (type != null && type != LabelType.MULTI_LABEL))) {
            throw InvalidInputException.of(
                    "label separator",
                    Quoted.excerpt(separator),
                    type == null ? "no character" : "labels of type " + type.key(),
                    "at least one character between the labels of a multi-label task");
        }
    }

    @Override
    public String name() {
        if (title != null) {
            return title;
        }
        Path folder = train.toAbsolutePath().normalize().getParent().getFileName();
        return folder == null ? TextTable.nameOf(train) : folder.toString();
    }

    @Override
    public LabelledTask load() {
        TaskFile.require(train, "training file");
        if (heldOut instanceof HeldOut.InFile other) {
            TaskFile.require(other.file(), "held-out file");
        }
        RawExamples training = TextTable.labelled(train, texts, label);
        LabelInference.Inferred inferred =
                type == null ? LabelInference.infer(training, separator) : new LabelInference.Inferred(type, List.of());
        LabelType chosen = inferred.type();
        LabelParser parser = LabelInference.parser(training, chosen, separator);
        LabelledSplit all = training.labelled("train", parser);
        List<String> choices = new ArrayList<>(inferred.choices());
        LabelledSplit labelled;
        LabelledSplit held;
        if (heldOut instanceof HeldOut.Share part) {
            SharedTexts.Parts parts = SharedTexts.split(all.examples(), part.share(), all.source());
            labelled = new LabelledSplit("train", all.source(), parts.train(), all.leftOut());
            held = new LabelledSplit("dev", all.source(), parts.held(), all.leftOut());
            choices.add(said(part, all, held));
        } else {
            labelled = all;
            held = TextTable.labelled(((HeldOut.InFile) heldOut).file(), texts, label)
                    .labelled("dev", parser);
        }
        LabelReading reading = new LabelReading(
                choices,
                chosen == LabelType.REGRESSION
                        ? List.of()
                        : LookAlikes.said(parser.kind().labels(), training.file()));
        return new LabelledTask(
                name(), parser.kind(), labelled, List.of(held), parser.kind().metrics(), headline(chosen), reading);
    }

    private static String said(HeldOut.Share part, LabelledSplit all, LabelledSplit held) {
        return String.format(
                Locale.ROOT,
                "%s: %,d of %,d examples are held out (%s), chosen by a hash of their texts, the same ones whatever the"
                        + " seed",
                all.source(),
                held.examples().size(),
                all.examples().size(),
                part.share());
    }

    static List<Metric> headline(LabelType type) {
        return switch (type) {
            case CLASSIFICATION -> List.of(Metric.ACCURACY);
            case MULTI_LABEL -> List.of(Metric.LABEL_MICRO_F1);
            case REGRESSION -> List.of(Metric.PEARSON, Metric.SPEARMAN);
        };
    }
}
