package norma.trainer.finetuning;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import norma.datasets.files.DurableFiles;
import norma.datasets.tasks.Label;
import norma.datasets.tasks.LabelledExample;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.TaskKind;

/**
 * predictions.tsv: every held-out example with its label, what was predicted, and the probability of each label
 * (softmax of the logits; of a multi-label task each label's sigmoid). Tabs, line breaks and backslashes in texts are
 * written as {@code \t}, {@code \n}, {@code \r} and {@code \\}.
 */
final class Predictions {
    private final LabelledTask task;
    private final List<String> labels;
    private final StringBuilder tsv = new StringBuilder();

    Predictions(LabelledTask task) {
        this.task = task;
        labels = task.kind().labels();
        List<String> header = new ArrayList<>(List.of("split", "index", "gold", "predicted"));
        if (isRegression()) {
            header.add("difference");
        } else {
            labels.forEach(label -> header.add("p(" + escaped(label) + ")"));
        }
        header.add("text");
        if (task.train().examples().get(0).textPair() != null) {
            header.add("text_pair");
        }
        tsv.append(String.join("\t", header)).append('\n');
    }

    private boolean isRegression() {
        return task.kind() instanceof TaskKind.Regression;
    }

    /** Adds a split with a model's outputs, (N*K) in its order. */
    void add(DevSet dev, float[] outputs) {
        List<LabelledExample> examples = dev.split().examples();
        int width = task.kind().outputs();
        for (int i = 0; i < examples.size(); i++) {
            LabelledExample example = examples.get(i);
            float[] logits = java.util.Arrays.copyOfRange(outputs, i * width, (i + 1) * width);
            List<String> row = new ArrayList<>(List.of(dev.split().name(), Integer.toString(i)));
            if (isRegression()) {
                double gold = ((Label.Target) example.label()).value();
                row.add(Double.toString(gold));
                row.add(Float.toString(logits[0]));
                row.add(String.format(Locale.ROOT, "%.6f", logits[0] - gold));
            } else {
                row.add(names(gold(example.label())));
                row.add(names(predicted(logits)));
                for (double probability : probabilities(logits)) {
                    row.add(String.format(Locale.ROOT, "%.6f", probability));
                }
            }
            row.add(escaped(example.text()));
            if (example.textPair() != null) {
                row.add(escaped(example.textPair()));
            }
            tsv.append(String.join("\t", row)).append('\n');
        }
    }

    void write(Path file) throws IOException {
        DurableFiles.write(file, tsv.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static List<Integer> gold(Label label) {
        return label instanceof Label.OneClass one ? List.of(one.index()) : ((Label.Several) label).indices();
    }

    private List<Integer> predicted(float[] logits) {
        List<Integer> predicted = new ArrayList<>();
        int largest = 0;
        for (int k = 0; k < logits.length; k++) {
            largest = logits[k] > logits[largest] ? k : largest;
            if (logits[k] > 0) {
                predicted.add(k);
            }
        }
        return task.kind() instanceof TaskKind.Classification ? List.of(largest) : predicted;
    }

    private String names(List<Integer> indices) {
        return indices.stream().map(index -> escaped(labels.get(index))).collect(Collectors.joining(","));
    }

    private double[] probabilities(float[] logits) {
        double[] probabilities = new double[logits.length];
        if (task.kind() instanceof TaskKind.MultiLabel) {
            for (int k = 0; k < logits.length; k++) {
                probabilities[k] = 1 / (1 + StrictMath.exp(-logits[k]));
            }
            return probabilities;
        }
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (int k = 0; k < logits.length; k++) {
            probabilities[k] = StrictMath.exp(logits[k] - largest);
            sum += probabilities[k];
        }
        for (int k = 0; k < logits.length; k++) {
            probabilities[k] /= sum;
        }
        return probabilities;
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }
}
