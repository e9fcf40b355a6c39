package norma.datasets.tasks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.batches.Permutation;
import norma.datasets.random.CounterHash;

/** Which examples make a batch together. */
final class TaskOrder {
    private static final int WINDOW = 50; // batches, as in Hugging Face's LengthGroupedSampler

    private TaskOrder() {}

    /** All examples, the longest first, in batches. */
    static List<int[]> byLength(EncodedSplit split, int batchSize) {
        return cut(sorted(IntStream.range(0, split.size()).toArray(), split), batchSize);
    }

    /**
     * All examples in random order, but like lengths together: shuffled, then sorted by length within windows of 50
     * batches, cut into batches, and the batches shuffled. A pure function of the lengths and of (seed, epoch).
     */
    static List<int[]> training(EncodedSplit split, int batchSize, long seed, long epoch) {
        Permutation shuffle = new Permutation(split.size(), CounterHash.key(seed, "task order", epoch));
        int[] shuffled = IntStream.range(0, split.size())
                .map(position -> (int) shuffle.at(position))
                .toArray();
        List<int[]> batches = new ArrayList<>();
        int window = WINDOW * batchSize;
        for (int from = 0; from < shuffled.length; from += window) {
            int to = Math.min(shuffled.length, from + window);
            batches.addAll(cut(sorted(Arrays.copyOfRange(shuffled, from, to), split), batchSize));
        }
        Permutation order = new Permutation(batches.size(), CounterHash.key(seed, "task batches", epoch));
        return IntStream.range(0, batches.size())
                .mapToObj(position -> batches.get((int) order.at(position)))
                .toList();
    }

    private static int[] sorted(int[] examples, EncodedSplit split) {
        return Arrays.stream(examples)
                .boxed()
                .sorted(Comparator.comparing(split::length, Comparator.reverseOrder())) // stable
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static List<int[]> cut(int[] examples, int batchSize) {
        return IntStream.iterate(0, from -> from < examples.length, from -> from + batchSize)
                .mapToObj(from -> Arrays.copyOfRange(examples, from, Math.min(examples.length, from + batchSize)))
                .toList();
    }
}
