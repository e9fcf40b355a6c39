package norma.datasets.tokens;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.Progress;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.Tokenizer;

/**
 * Leaves out frequent tokens at random, so that frequent and rare ones differ less: a token whose share of the training
 * split's ordinary tokens is f stays with probability min(1, sqrt(t / f)) (Mikolov et al. 2013, "Distributed
 * representations of words and phrases and their compositionality", equation 5). Separators and other special tokens
 * stay. A draw depends on the split and the token's position alone, so the same corpus is thinned in the same way
 * whatever the seed of a run.
 */
final class Subsampling {
    static final int FORMAT = 1; // of which tokens stay; raise it when that changes

    private static final long REPORT_EVERY = 10_000;

    private final double[] stays; // probability, by token id
    private final boolean[] ordinary; // by token id

    /**
     * Of counts.
     *
     * @param counts by token id; -1 for one that always stays
     * @param threshold t, in (0, 1)
     */
    Subsampling(long[] counts, double threshold) {
        long total = Arrays.stream(counts).filter(count -> count > 0).sum();
        stays = Arrays.stream(counts)
                .mapToDouble(count -> count <= 0 ? 1 : Math.min(1, Math.sqrt(threshold * total / count)))
                .toArray();
        ordinary = new boolean[counts.length];
        for (int id = 0; id < counts.length; id++) {
            ordinary[id] = counts[id] >= 0;
        }
    }

    /** Counts a training split. */
    static Subsampling of(TokenSplit training, Tokenizer tokenizer, double threshold) {
        long[] counts = training.counts(tokenizer.vocabularySize());
        for (int id = 0; id < counts.length; id++) {
            counts[id] = tokenizer.isSpecial(id) ? -1 : counts[id];
        }
        return new Subsampling(counts, threshold);
    }

    /** The probability with which a token stays. */
    double stays(int token) {
        return stays[token];
    }

    /** Writes what stays of both splits into a folder. Documents and sentences of which nothing stays are left out. */
    void write(Path folder, TokenizedCorpus whole, TokenizedCorpus.Origin origin, Progress progress)
            throws IOException {
        write(folder, TokenizedCorpus.TRAINING, whole.training(), origin, progress);
        write(folder, TokenizedCorpus.VALIDATION, whole.validation(), origin, progress);
        TokenizedCorpus.describe(folder, origin);
    }

    private void write(Path folder, String name, TokenSplit whole, TokenizedCorpus.Origin origin, Progress progress)
            throws IOException {
        long key = CounterHash.key(0, "subsampling", name.equals(TokenizedCorpus.TRAINING) ? 0 : 1);
        int[] separator = new int[1];
        try (SplitWriter writer = new SplitWriter(folder, name, origin.tokenBytes())) {
            for (long document = 0; document < whole.documents(); document++) {
                List<int[]> sentences = new ArrayList<>();
                for (long s = whole.firstSentence(document); s < whole.firstSentence(document + 1); s++) {
                    sentences.add(left(whole, whole.sentenceStart(s), whole.sentenceEnd(s, document), key));
                }
                whole.copy(whole.documentEnd(document), separator, 0, 1);
                writer.document(endingInText(sentences, separator[0]), separator[0]);
                if ((document + 1) % REPORT_EVERY == 0) {
                    progress.update("thinning out frequent tokens", document + 1, whole.documents(), "documents");
                }
            }
        }
    }

    /** The sentences without the separator of the last one, which that of the document replaces. */
    private static List<int[]> endingInText(List<int[]> sentences, int separator) {
        List<int[]> left =
                new ArrayList<>(sentences.stream().filter(s -> s.length > 0).toList());
        if (!left.isEmpty()) {
            int[] last = left.remove(left.size() - 1);
            left.add(last[last.length - 1] == separator ? Arrays.copyOf(last, last.length - 1) : last);
        }
        return left;
    }

    /** What stays of a sentence: nothing, if no more than its own separator would. */
    private int[] left(TokenSplit whole, long start, long end, long key) {
        int[] sentence = new int[(int) (end - start)];
        whole.copy(start, sentence, 0, sentence.length);
        int length = 0;
        boolean text = false;
        for (int i = 0; i < sentence.length; i++) {
            double stay = stays[sentence[i]];
            if (stay == 1 || CounterHash.uniform(key, start + i) < stay) {
                text |= ordinary[sentence[i]];
                sentence[length++] = sentence[i];
            }
        }
        return Arrays.copyOf(sentence, text ? length : 0);
    }
}
