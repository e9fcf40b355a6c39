package norma.probes.classification;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.tasks.ClassifiedFile;
import norma.datasets.tasks.Label;
import norma.datasets.tasks.LabelledExample;
import norma.datasets.tasks.PredictionCells;
import norma.datasets.tasks.TaskKind;

/**
 * What a model predicts of the texts of a file.
 *
 * @param kind what is predicted
 * @param file the texts
 * @param outputs (N*K) of the model, in the order of the file
 */
@SuppressWarnings("ArrayRecordComponent") // read only
public record PredictedTexts(TaskKind kind, ClassifiedFile file, float[] outputs) {
    /** A form that predictions are written in. */
    public enum Form {
        /** Tab-separated with a header, see {@link PredictionCells}. */
        TSV,
        /** A JSON object a line. */
        JSON_LINES
    }

    /** Writes all of them. */
    public void write(Form form, Appendable out) throws IOException {
        if (form == Form.TSV) {
            tsv(out);
            return;
        }
        for (int i = 0; i < size(); i++) {
            out.append(json(i).toString()).append('\n');
        }
    }

    private int size() {
        return file.split().examples().size();
    }

    private void tsv(Appendable out) throws IOException {
        PredictionCells cells = new PredictionCells(kind);
        List<String> header = new ArrayList<>(List.of("line", "predicted"));
        header.addAll(cells.probabilityColumns());
        header.add("text");
        if (example(0).textPair() != null) {
            header.add("text_pair");
        }
        out.append(String.join("\t", header)).append('\n');
        for (int i = 0; i < size(); i++) {
            float[] logits = TaskKind.of(i, kind.outputs(), outputs);
            List<String> row =
                    new ArrayList<>(List.of(Long.toString(file.lines().get(i))));
            row.add(cells.predicted(logits));
            row.addAll(cells.probabilities(logits));
            row.add(PredictionCells.escaped(example(i).text()));
            if (example(i).textPair() != null) {
                row.add(PredictionCells.escaped(example(i).textPair()));
            }
            out.append(String.join("\t", row)).append('\n');
        }
    }

    private LabelledExample example(int index) {
        return file.split().examples().get(index);
    }

    /** All of them as objects with {@code line}, {@code text}, {@code predicted} and {@code probabilities}. */
    public ArrayNode json() {
        ArrayNode all = JsonNodeFactory.instance.arrayNode(size());
        for (int i = 0; i < size(); i++) {
            all.add(json(i));
        }
        return all;
    }

    private ObjectNode json(int index) {
        float[] logits = TaskKind.of(index, kind.outputs(), outputs);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("line", file.lines().get(index));
        json.put("text", example(index).text());
        if (example(index).textPair() != null) {
            json.put("text_pair", example(index).textPair());
        }
        Label predicted = kind.predicted(logits);
        if (predicted instanceof Label.OneClass one) {
            json.put("predicted", kind.labels().get(one.index()));
        } else if (predicted instanceof Label.Several several) {
            ArrayNode labels = json.putArray("predicted");
            several.indices().forEach(label -> labels.add(kind.labels().get(label)));
        } else {
            json.put("predicted", logits[0]);
            return json;
        }
        ObjectNode byLabel = json.putObject("probabilities");
        double[] probabilities = kind.probabilities(logits);
        for (int k = 0; k < probabilities.length; k++) {
            byLabel.put(kind.labels().get(k), probabilities[k]);
        }
        return json;
    }

    /** How often each label is predicted, in the order of the labels; of numbers empty. */
    public Map<String, Integer> counts() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        if (kind instanceof TaskKind.Regression) {
            return counts;
        }
        kind.labels().forEach(label -> counts.put(label, 0));
        for (int i = 0; i < size(); i++) {
            Label predicted = kind.predicted(TaskKind.of(i, kind.outputs(), outputs));
            List<Integer> indices = predicted instanceof Label.OneClass one
                    ? List.of(one.index())
                    : ((Label.Several) predicted).indices();
            indices.forEach(label -> counts.merge(kind.labels().get(label), 1, Integer::sum));
        }
        return counts;
    }
}
