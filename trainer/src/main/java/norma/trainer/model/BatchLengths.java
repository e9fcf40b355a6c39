package norma.trainer.model;

import java.util.Collection;
import java.util.function.ToIntFunction;
import norma.datasets.batches.Batch;

/**
 * The lengths of a batch's rows.
 *
 * @param source S
 * @param target T of what a decoder reads; S where nothing but the sequences themselves is
 */
public record BatchLengths(int source, int target) {
    /** Of a batch. */
    public static BatchLengths of(Batch batch) {
        return new BatchLengths(batch.length(), batch.predictedLength());
    }

    /** The longest of some batches. */
    public static BatchLengths longest(Collection<Batch> batches) {
        return new BatchLengths(longest(batches, Batch::length), longest(batches, Batch::predictedLength));
    }

    private static int longest(Collection<Batch> batches, ToIntFunction<Batch> length) {
        return batches.stream().mapToInt(length).max().orElse(0);
    }
}
