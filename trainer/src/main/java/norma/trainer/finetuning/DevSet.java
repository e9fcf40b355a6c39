package norma.trainer.finetuning;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import norma.datasets.metrics.Metric;
import norma.datasets.tasks.EncodedSplit;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.LabelledSplit;
import norma.datasets.tasks.LabelledTask;
import norma.datasets.tasks.TaskKind;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;

/**
 * A held-out split in batches, ready to be put to any model.
 *
 * @param split the examples
 * @param batches all of them once, like lengths together
 * @param truncated how many examples have lost tokens
 */
public record DevSet(LabelledSplit split, List<LabelledBatch> batches, int truncated) {
    /**
     * Encodes a split.
     *
     * @param sequences how the model's texts are framed
     * @param maxLength tokens of an example at most, special ones counted
     */
    public static DevSet of(
            LabelledSplit split,
            TaskKind kind,
            Tokenizer tokenizer,
            SequenceFormat sequences,
            int maxLength,
            int batchSize) {
        EncodedSplit encoded = new EncodedSplit(tokenizer, sequences, kind, split, maxLength);
        return new DevSet(split, encoded.evaluationBatches(batchSize), encoded.truncated());
    }

    /**
     * What a model gives for every example.
     *
     * @param model from a batch to its logits (B*K), row by row
     * @return (N*K) in the order of the split
     */
    public float[] outputs(Function<LabelledBatch, float[]> model) {
        float[] outputs = null;
        for (LabelledBatch batch : batches) {
            float[] logits = model.apply(batch);
            if (outputs == null) {
                outputs = new float[split.examples().size() * (logits.length / batch.rows())];
            }
            batch.scatter(logits, outputs);
        }
        return outputs;
    }

    /** The task's metrics of a model on this split; the model as of {@link #outputs}. */
    public Map<Metric, Double> scores(LabelledTask task, Function<LabelledBatch, float[]> model) {
        return task.scores(split, outputs(model));
    }
}
