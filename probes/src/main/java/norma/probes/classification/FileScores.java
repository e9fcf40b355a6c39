package norma.probes.classification;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import norma.datasets.base.Progress;
import norma.datasets.metrics.Metric;
import norma.datasets.metrics.Outcomes;
import norma.datasets.tasks.LabelledSplit;
import norma.probes.evaluation.Scores;

/**
 * How a model does on the labelled texts of a file.
 *
 * @param split the texts
 * @param truncated how many of them have lost tokens
 * @param scores metrics by their keys, {@code loss} (mean over the texts) and {@code predictions}, as
 *     {@link norma.probes.evaluation.TaskEvaluation} gives them
 */
public record FileScores(LabelledSplit split, int truncated, Scores scores) {
    /** Asks a model about them, and compares; the parameters are those of {@link TextClassifier#answer}. */
    public static FileScores of(
            TextClassifier classifier, LabelledSplit split, Progress progress, Consumer<String> said) {
        TextClassifier.Answer answer = classifier.answer(split, progress, said);
        Outcomes outcomes = classifier.kind().outcomes(split.examples(), answer.outputs());
        Map<String, Double> values = new LinkedHashMap<>();
        for (Metric metric : classifier.kind().metrics()) {
            values.put(metric.key(), metric.of(outcomes));
        }
        values.put("loss", classifier.kind().loss(split.examples(), answer.outputs()));
        values.put("predictions", (double) split.examples().size());
        return new FileScores(split, answer.truncated(), new Scores(values));
    }

    /** What was measured on, for the record. */
    public ObjectNode describe(TextClassifier classifier) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", "file");
        json.put("source", split.source());
        json.put("examples", split.examples().size());
        json.put("max_length", classifier.maxLength());
        json.put("truncated", truncated);
        json.put("tokenizer_sha256", classifier.tokenizerSha256());
        json.put("examples_sha256", split.sha256());
        return json;
    }
}
