package norma.trainer.finetuning;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import norma.datasets.files.DurableFiles;
import norma.datasets.tasks.Label;
import norma.datasets.tasks.LabelledExample;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.PredictionCells;
import norma.datasets.tasks.TaskKind;

/**
 * predictions.tsv: every held-out example with its label, what was predicted, and the probability of each label, or of
 * a number how far it is off; see {@link PredictionCells}.
 */
final class Predictions {
    private final LabelledTask task;
    private final PredictionCells cells;
    private final StringBuilder tsv = new StringBuilder();

    Predictions(LabelledTask task) {
        this.task = task;
        cells = new PredictionCells(task.kind());
        List<String> header = new ArrayList<>(List.of("split", "index", "gold", "predicted"));
        header.addAll(isRegression() ? List.of("difference") : cells.probabilityColumns());
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
        for (int i = 0; i < examples.size(); i++) {
            LabelledExample example = examples.get(i);
            float[] logits = TaskKind.of(i, task.kind().outputs(), outputs);
            List<String> row = new ArrayList<>(List.of(dev.split().name(), Integer.toString(i)));
            row.add(cells.label(example.label()));
            row.add(cells.predicted(logits));
            if (isRegression()) {
                double gold = ((Label.Target) example.label()).value();
                row.add(String.format(Locale.ROOT, "%.6f", logits[0] - gold));
            } else {
                row.addAll(cells.probabilities(logits));
            }
            row.add(PredictionCells.escaped(example.text()));
            if (example.textPair() != null) {
                row.add(PredictionCells.escaped(example.textPair()));
            }
            tsv.append(String.join("\t", row)).append('\n');
        }
    }

    void write(Path file) throws IOException {
        DurableFiles.write(file, tsv.toString().getBytes(StandardCharsets.UTF_8));
    }
}
