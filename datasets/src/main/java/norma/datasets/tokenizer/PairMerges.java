package norma.datasets.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Byte-pair encoding (Sennrich, Haddow and Birch 2016, algorithm 1), as Hugging Face's trainers run it: again and again
 * the pair of neighbouring symbols that occurs most often becomes a symbol; among equals, the pair with the lower ids.
 *
 * <p>Pair counts are kept up to date where a merge changes them; a heap holds the candidates, stale ones included.
 */
final class PairMerges {
    private final List<String> symbols;
    private final Map<String, Integer> ids = new HashMap<>();
    private final int[][] words;
    private final long[] counts;
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> heap = new PriorityQueue<>();
    private final List<String[]> merges = new ArrayList<>();

    private static final class Pair {
        private long count;
        private int[] where = new int[4]; // words it has been seen in, repetitions possible
        private int size;

        void add(int word) {
            if (size == where.length) {
                where = Arrays.copyOf(where, 2 * size);
            }
            where[size++] = word;
        }
    }

    private record Candidate(long pair, long count) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            return count == other.count ? Long.compare(pair, other.pair) : Long.compare(other.count, count);
        }
    }

    /**
     * A start.
     *
     * @param alphabet symbols that exist, in the order of their ids; merges are added behind them
     * @param words each a sequence of ids of the alphabet
     * @param counts how often each word occurs
     */
    PairMerges(List<String> alphabet, int[][] words, long[] counts) {
        this.symbols = new ArrayList<>(alphabet);
        for (int i = 0; i < alphabet.size(); i++) {
            ids.put(alphabet.get(i), i);
        }
        this.words = words;
        this.counts = counts;
        for (int w = 0; w < words.length; w++) {
            for (int i = 0; i + 1 < words[w].length; i++) {
                change(key(words[w][i], words[w][i + 1]), counts[w], w);
            }
        }
        pairs.forEach((key, pair) -> heap.add(new Candidate(key, pair.count)));
    }

    /** All symbols so far. */
    List<String> symbols() {
        return symbols;
    }

    /** The pairs that were merged, in order. */
    List<String[]> merges() {
        return merges;
    }

    /**
     * Merges until there are {@code size} symbols, or no pair occurs {@code minimum} times.
     *
     * @param continuation what a symbol inside a word starts with; dropped where it is appended to another
     */
    void grow(int size, long minimum, String continuation) {
        while (symbols.size() < size && !heap.isEmpty()) {
            Candidate candidate = heap.poll();
            Pair pair = pairs.get(candidate.pair());
            if (pair == null || pair.count <= 0) {
                continue;
            }
            if (pair.count != candidate.count()) {
                heap.add(new Candidate(candidate.pair(), pair.count));
                continue;
            }
            if (pair.count < minimum) {
                return;
            }
            merge(candidate.pair(), continuation);
        }
    }

    private void merge(long key, String continuation) {
        int left = (int) (key >>> Integer.SIZE);
        int right = (int) key;
        String tail = symbols.get(right);
        String merged =
                symbols.get(left) + (tail.startsWith(continuation) ? tail.substring(continuation.length()) : tail);
        merges.add(new String[] {symbols.get(left), tail});
        Integer known = ids.get(merged);
        int id = known == null ? symbols.size() : known;
        if (known == null) {
            ids.put(merged, id);
            symbols.add(merged);
        }
        Pair pair = pairs.remove(key);
        Map<Long, Pair> touched = new HashMap<>();
        int previous = -1;
        int[] where = Arrays.copyOf(pair.where, pair.size);
        Arrays.sort(where);
        for (int word : where) {
            if (word != previous) {
                replace(word, left, right, id, touched);
                previous = word;
            }
        }
        pairs.remove(key);
        touched.forEach((k, p) -> heap.add(new Candidate(k, p.count)));
    }

    /** Replaces the pair in a word, changing the counts of the neighbours' pairs. */
    private void replace(int w, int left, int right, int id, Map<Long, Pair> touched) {
        int[] word = words[w];
        long count = counts[w];
        int[] out = new int[word.length];
        int n = 0;
        int i = 0;
        while (i < word.length) {
            if (i + 1 < word.length && word[i] == left && word[i + 1] == right) {
                if (n > 0) {
                    change(key(out[n - 1], left), -count, w);
                    touch(key(out[n - 1], id), count, w, touched);
                }
                if (i + 2 < word.length) {
                    change(key(right, word[i + 2]), -count, w);
                    touch(key(id, word[i + 2]), count, w, touched);
                }
                out[n++] = id;
                i += 2;
            } else {
                out[n++] = word[i++];
            }
        }
        words[w] = n == word.length ? word : Arrays.copyOf(out, n);
    }

    private void touch(long key, long by, int word, Map<Long, Pair> touched) {
        touched.put(key, change(key, by, word));
    }

    private Pair change(long key, long by, int word) {
        Pair pair = pairs.computeIfAbsent(key, k -> new Pair());
        pair.count += by;
        if (by > 0) {
            pair.add(word);
        }
        return pair;
    }

    private static long key(int left, int right) {
        return ((long) left << Integer.SIZE) | right;
    }
}
