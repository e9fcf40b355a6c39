package norma.probes.outliers;

import norma.datasets.batches.Batch;

/** Told of hidden states as {@link Activations} reads them. */
@FunctionalInterface
public interface HiddenStateListener {
    /**
     * One hidden state of a batch.
     *
     * @param place which of those that are looked at, see {@link HiddenStates}; in a model of one stack 0 is the
     *     embeddings' output, 1 … N the layers'
     * @param read what its stack reads
     * @param values (B*S, H), padding included
     */
    void add(int place, Batch read, float[] values);
}
