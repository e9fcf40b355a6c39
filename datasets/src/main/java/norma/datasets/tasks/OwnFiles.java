package norma.datasets.tasks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;
import norma.datasets.metrics.Metric;

/**
 * A task of one's own: two files with named columns. TSV ({@code .tsv}: a header, no quoting), CSV ({@code .csv}: a
 * header, quoting as of RFC 4180) or JSON Lines ({@code .jsonl}, {@code .ndjson}, {@code .json}), plain or compressed
 * ({@code .gz}, {@code .zst}).
 *
 * @param train the training file; its labels are the task's labels
 * @param dev the held-out file
 * @param text the column of the text
 * @param textPair the column of the second text, or null where there is one text
 * @param label the column of the label
 * @param type what the labels are, or null to take what they look like ({@link LabelInference#infer})
 * @param separator between the labels of a multi-label task, or null where they stand in JSON arrays
 */
public record OwnFiles(
        Path train, Path dev, String text, String textPair, String label, LabelType type, String separator)
        implements TaskSource {
    private static final Pattern ENDING = Pattern.compile("\\.(tsv|csv|jsonl|ndjson|json)(\\.gz|\\.zst)?$");

    /** Checks that the columns differ and that the separator serves. */
    public OwnFiles {
        if (text.equals(textPair) || text.equals(label) || label.equals(textPair)) {
            throw new InvalidInputException("columns: found text " + text + ", text pair " + textPair + " and label "
                    + label + ", expected different ones");
        }
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
        Path file = train.getFileName();
        return file == null ? train.toString() : ENDING.matcher(file.toString()).replaceFirst("");
    }

    @Override
    public LabelledTask load() {
        TaskFile.require(train, "training file");
        TaskFile.require(dev, "held-out file");
        RawExamples training = read(train);
        LabelInference.Inferred inferred =
                type == null ? LabelInference.infer(training, separator) : new LabelInference.Inferred(type, List.of());
        LabelType chosen = inferred.type();
        LabelParser parser = LabelInference.parser(training, chosen, separator);
        LabelReading reading = new LabelReading(
                inferred.choices(),
                chosen == LabelType.REGRESSION
                        ? List.of()
                        : LookAlikes.said(parser.kind().labels(), training.file()));
        LabelledSplit labelled = training.labelled("train", parser);
        LabelledSplit held = read(dev).labelled("dev", parser);
        return new LabelledTask(
                name(), parser.kind(), labelled, List.of(held), metrics(chosen), headline(chosen), reading);
    }

    private RawExamples read(Path file) {
        List<String> columns = new ArrayList<>(List.of(label, text));
        if (textPair != null) {
            columns.add(textPair);
        }
        Matcher ending = ENDING.matcher(String.valueOf(file.getFileName()));
        if (!ending.find()) {
            throw new InvalidInputException(file + ": found another kind of file, expected a name that ends in .tsv,"
                    + " .csv, .jsonl, .ndjson or .json, compressed also in .gz or .zst");
        }
        Rows rows =
                switch (ending.group(1)) {
                    case "tsv" -> TsvRows.withHeader(file, columns, TsvRows.Damage.REFUSED);
                    case "csv" -> new CsvRows(file, columns);
                    default -> new JsonRows(file, columns);
                };
        return RawExamples.read(file.toString(), rows, columns, false);
    }

    static List<Metric> metrics(LabelType type) {
        return switch (type) {
            case CLASSIFICATION -> List.of(Metric.ACCURACY, Metric.MACRO_F1, Metric.MATTHEWS_CORRELATION);
            case MULTI_LABEL ->
                List.of(Metric.LABEL_MICRO_F1, Metric.LABEL_MACRO_F1, Metric.LABEL_SAMPLES_F1, Metric.SUBSET_ACCURACY);
            case REGRESSION -> List.of(Metric.PEARSON, Metric.SPEARMAN, Metric.MEAN_SQUARED_ERROR);
        };
    }

    static List<Metric> headline(LabelType type) {
        return switch (type) {
            case CLASSIFICATION -> List.of(Metric.ACCURACY);
            case MULTI_LABEL -> List.of(Metric.LABEL_MICRO_F1);
            case REGRESSION -> List.of(Metric.PEARSON, Metric.SPEARMAN);
        };
    }
}
