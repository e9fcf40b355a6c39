package norma.trainer.pretrained;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import norma.datasets.tokenizer.Tokenizer;

/**
 * A token that a masked language model predicts.
 *
 * @param id in the vocabulary
 * @param token as the vocabulary spells it
 * @param probability softmax over the whole vocabulary, in [0, 1]
 */
public record TokenProbability(int id, String token, double probability) {
    /**
     * The likeliest tokens of one row of logits, likeliest first; equally likely ones by id.
     *
     * @param logits (M, V), row-major
     * @param row which of the M
     * @param vocabulary V
     * @param count how many, from 1 to V
     */
    public static List<TokenProbability> top(float[] logits, int row, int vocabulary, int count, Tokenizer tokenizer) {
        int start = Math.multiplyExact(row, vocabulary);
        Comparator<Integer> worstFirst =
                Comparator.<Integer>comparingDouble(id -> logits[start + id]).thenComparing(Comparator.reverseOrder());
        PriorityQueue<Integer> best = new PriorityQueue<>(worstFirst);
        double largest = Double.NEGATIVE_INFINITY;
        for (int id = 0; id < vocabulary; id++) {
            largest = Math.max(largest, logits[start + id]);
            best.add(id);
            if (best.size() > count) {
                best.remove();
            }
        }
        double sum = 0;
        for (int id = 0; id < vocabulary; id++) {
            sum += Math.exp(logits[start + id] - largest);
        }
        double normalizer = sum;
        double shift = largest;
        return best.stream()
                .sorted(worstFirst.reversed())
                .map(id -> new TokenProbability(
                        id, word(tokenizer, id), Math.exp(logits[start + id] - shift) / normalizer))
                .toList();
    }

    /** A model may have more embeddings than its tokenizer has tokens. */
    private static String word(Tokenizer tokenizer, int id) {
        return id < tokenizer.vocabularySize() ? tokenizer.token(id) : "#" + id;
    }
}
