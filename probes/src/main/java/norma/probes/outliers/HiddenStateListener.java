package norma.probes.outliers;

import norma.datasets.batches.Batch;

/** Told of hidden states as {@link Activations} reads them. */
@FunctionalInterface
public interface HiddenStateListener {
    /**
     * One hidden state of a batch.
     *
     * @param index 0 is the embeddings' output, 1 … N the layers'
     * @param values (B*S, H), padding included
     */
    void add(int index, Batch batch, float[] values);
}
