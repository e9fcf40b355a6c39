package norma.cli.finetune;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import norma.cli.options.DeviceOptions;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.base.AlreadyExistsException;
import norma.datasets.base.Counted;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.datasets.tasks.ClassifiedFile;
import norma.datasets.tasks.TextColumns;
import norma.probes.classification.PredictedTexts;
import norma.probes.classification.TextClassifier;
import norma.probes.source.ModelSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a fine-tuned model says of the texts of a file. */
@Command(
        name = "predict",
        description = {
            "Predicts the labels of a file's texts with a fine-tuned model.",
            "A table goes to standard output: the line of each text, what is predicted, and the probability of each label"
                    + " (of one class the softmax of the model's outputs; of several labels each one's sigmoid, and those"
                    + " above one half are predicted; a number has none)."
        },
        footer = {
            "  norma predict runs/mine/seed-1/checkpoint --text a.tsv --text-column body",
            "  norma predict MODEL --text a.jsonl --text-column body --out labels.jsonl"
        })
public final class PredictCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL", description = ClassifierOptions.MODEL)
    private Path model;

    @Option(names = "--text", paramLabel = "FILE", required = true, description = ClassifierOptions.FILE)
    private Path file;

    @Option(
            names = "--text-column",
            paramLabel = "COLUMN",
            required = true,
            description = "Name of the column with the text.")
    private String textColumn;

    @Option(
            names = "--text-pair-column",
            paramLabel = "COLUMN",
            description = "Name of the column with the second text, if there is one.")
    private String textPairColumn;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "File to write the predictions to instead: a table (.tsv) or a JSON object a line (.jsonl).")
    private Path out;

    @Option(names = "--force", description = "Replace that file.")
    private boolean force;

    @Mixin
    private ClassifierOptions classifier;

    @Mixin
    private DeviceOptions device;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        PredictedTexts.Form form = form();
        ModelSource source = ModelSource.of(model, output::warn);
        ObjectNode result = output.startResult();
        try (ProgressDisplay progress = output.progress();
                TextClassifier asked = classifier.open(source, device.device())) {
            ClassifiedFile texts = ClassifiedFile.unlabelled(file, new TextColumns(textColumn, textPairColumn));
            TextClassifier.Answer answer = asked.answer(texts.split(), progress, output::say);
            progress.finish();
            PredictedTexts predicted = new PredictedTexts(asked.kind(), texts, answer.outputs());
            asked.assumption().ifPresent(output::warn);
            result.put("model", asked.folder().toString());
            result.put("file", file.toString());
            result.put("texts", texts.lines().size());
            result.put("max_length", asked.maxLength());
            result.put("truncated", answer.truncated());
            asked.kind().labels().forEach(result.putArray("labels")::add);
            ObjectNode counts = result.putObject("predicted");
            predicted.counts().forEach(counts::put);
            StringBuilder table = new StringBuilder();
            predicted.write(form, table);
            if (out == null) {
                result.set("predictions", predicted.json());
                said(texts.lines().size(), answer.truncated(), asked.maxLength());
                output.result(result, table.toString().stripTrailing());
            } else {
                DurableFiles.write(out, table.toString().getBytes(StandardCharsets.UTF_8));
                result.put("out", out.toString());
                said(texts.lines().size(), answer.truncated(), asked.maxLength());
                output.result(result, summary(predicted.counts()) + "Written to " + out);
            }
        }
        return ExitCode.DONE;
    }

    private void said(int texts, int truncated, int maxLength) {
        output.say(String.format(
                Locale.ROOT,
                "%s, %,d of them cut to %s",
                Counted.of(texts, "text"),
                truncated,
                Counted.of(maxLength, "token")));
    }

    private static String summary(Map<String, Integer> counts) {
        StringBuilder lines = new StringBuilder();
        counts.forEach((label, count) -> {
            if (count > 0) {
                lines.append(String.format(Locale.ROOT, "  %-28s%,8d%n", label, count));
            }
        });
        return lines.toString();
    }

    private PredictedTexts.Form form() {
        if (out == null) {
            return PredictedTexts.Form.TSV;
        }
        String name = String.valueOf(out.getFileName());
        List<String> endings = List.of(".tsv", ".jsonl");
        if (endings.stream().noneMatch(name::endsWith)) {
            throw InvalidInputException.of("command line", "--out", out, "a name that ends in .tsv or .jsonl");
        }
        if (Files.exists(out) && !force) {
            throw new AlreadyExistsException(out, "exists already", "a new file");
        }
        Path parent = out.toAbsolutePath().getParent();
        if (!Files.isDirectory(parent)) {
            throw new InvalidInputException(parent + ": no such folder, expected one that exists");
        }
        return name.endsWith(".tsv") ? PredictedTexts.Form.TSV : PredictedTexts.Form.JSON_LINES;
    }
}
