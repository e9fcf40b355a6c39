package norma.trainer.step;

import java.util.Arrays;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.random.CounterHash;

/** Random token ids with every sixth position predicted. */
final class SyntheticBatches {
    private SyntheticBatches() {}

    static Batch batch(int rows, int length, int vocabulary, long seed) {
        long key = CounterHash.key(seed, "synthetic");
        int[] ids = IntStream.range(0, rows * length)
                .map(i -> CounterHash.below(key, i, vocabulary))
                .toArray();
        int[] lengths = new int[rows];
        Arrays.fill(lengths, length);
        int[] positions = IntStream.range(0, ids.length).filter(i -> i % 6 == 2).toArray();
        int[] labels = Arrays.stream(positions)
                .map(i -> CounterHash.below(key, ids.length + i, vocabulary))
                .toArray();
        int[] nextSentence = IntStream.range(0, rows).map(i -> i % 2).toArray();
        return new Batch(rows, length, ids, new int[ids.length], lengths, positions, labels, nextSentence);
    }

    /** The same batch with only those predictions that stand before a position in (B*S). */
    static Batch predictingBefore(Batch batch, int end) {
        int m = (int)
                Arrays.stream(batch.predictedPositions()).filter(i -> i < end).count();
        return new Batch(
                batch.rows(),
                batch.length(),
                batch.inputIds(),
                batch.tokenTypeIds(),
                batch.lengths(),
                Arrays.copyOf(batch.predictedPositions(), m),
                Arrays.copyOf(batch.predictedLabels(), m),
                batch.nextSentenceLabels());
    }

    /** The same batch with rows of these lengths; their ends are padding, and nothing is predicted there. */
    static Batch padded(Batch batch, int... lengths) {
        int s = batch.length();
        int[] ids = batch.inputIds().clone();
        for (int row = 0; row < batch.rows(); row++) {
            Arrays.fill(ids, row * s + lengths[row], (row + 1) * s, 0);
        }
        int[] which = IntStream.range(0, batch.predictedPositions().length)
                .filter(i -> batch.predictedPositions()[i] % s < lengths[batch.predictedPositions()[i] / s])
                .toArray();
        return new Batch(
                batch.rows(),
                s,
                ids,
                batch.tokenTypeIds(),
                lengths,
                Arrays.stream(which).map(i -> batch.predictedPositions()[i]).toArray(),
                Arrays.stream(which).map(i -> batch.predictedLabels()[i]).toArray(),
                batch.nextSentenceLabels());
    }

    /** The same batch without the columns that are padding in every row. */
    static Batch trimmed(Batch batch) {
        int s = batch.length();
        int longest = Arrays.stream(batch.lengths()).max().orElseThrow();
        int[] ids = new int[batch.rows() * longest];
        for (int row = 0; row < batch.rows(); row++) {
            System.arraycopy(batch.inputIds(), row * s, ids, row * longest, longest);
        }
        return new Batch(
                batch.rows(),
                longest,
                ids,
                new int[ids.length],
                batch.lengths(),
                Arrays.stream(batch.predictedPositions())
                        .map(i -> i / s * longest + i % s)
                        .toArray(),
                batch.predictedLabels(),
                batch.nextSentenceLabels());
    }

    /** Rows {@code from} to {@code to} of a batch, as a batch. */
    static Batch rows(Batch batch, int from, int to) {
        int s = batch.length();
        int p = batch.predictedLength();
        int[] which = IntStream.range(0, batch.predictedPositions().length)
                .filter(i -> batch.predictedPositions()[i] >= from * p && batch.predictedPositions()[i] < to * p)
                .toArray();
        return new Batch(
                to - from,
                s,
                Arrays.copyOfRange(batch.inputIds(), from * s, to * s),
                Arrays.copyOfRange(batch.tokenTypeIds(), from * s, to * s),
                Arrays.copyOfRange(batch.lengths(), from, to),
                Arrays.stream(which)
                        .map(i -> batch.predictedPositions()[i] - from * p)
                        .toArray(),
                Arrays.stream(which).map(i -> batch.predictedLabels()[i]).toArray(),
                batch.nextSentenceLabels() == null ? null : Arrays.copyOfRange(batch.nextSentenceLabels(), from, to),
                batch.hidden() == null
                        ? null
                        : (row, query, key) -> batch.hidden().hides(from + row, query, key),
                batch.target() == null ? null : batch.target().rows(from, to));
    }
}
