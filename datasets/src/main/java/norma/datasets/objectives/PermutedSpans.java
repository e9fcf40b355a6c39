package norma.datasets.objectives;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.Tokenizer;

/**
 * What a permutation language model predicts, drawn as XLNet's authors do and Hugging Face's
 * {@code DataCollatorForPermutationLanguageModeling}: from the beginning of the sequence on, a span of 1 to 5 tokens at
 * a random place within a piece six times as long; then the next piece. No special token is predicted. The predicted
 * tokens of the first half of the sequence come in a random order, then those of the second half in another.
 *
 * <p>Tokens stay where they are, as in the authors' code: later ones of the order read the earlier ones. (The collator
 * writes mask tokens over all of them.) Special tokens see none of them, so that what is predicted early does not learn
 * of itself through a special token in the next layer; the authors hide special tokens from it to the same end.
 */
final class PermutedSpans implements PredictionRule {
    private static final int LONGEST_SPAN = 5;
    private static final int PIECE = 6; // times a span: K of section 2.3

    private final boolean[] special;

    PermutedSpans(Tokenizer tokenizer) {
        special = PredictionRule.special(tokenizer);
    }

    /** The most tokens in the spans of a sequence: the last piece may end after its span. */
    static int most(int length) {
        return length <= LONGEST_SPAN ? length : (length - LONGEST_SPAN) / PIECE + LONGEST_SPAN;
    }

    @Override
    public void apply(Sequence sequence, long key) {
        long spans = CounterHash.key(key, "spans");
        int number = 0;
        for (int from = sequence.remembered(); from < sequence.length(); number++) {
            int span = 1 + CounterHash.below(spans, 2L * number, LONGEST_SPAN);
            int piece = PIECE * span;
            int start = from + CounterHash.below(spans, 2L * number + 1, piece - span + 1);
            for (int i = start; i < Math.min(start + span, sequence.length()); i++) {
                if (!special[sequence.ids()[i]]) {
                    sequence.predict(i, sequence.ids()[i]);
                }
            }
            from += piece;
        }
        sequence.permute(order(sequence, CounterHash.key(key, "permutation")));
    }

    private static int[] order(Sequence sequence, long key) {
        int half = sequence.remembered() + (sequence.length() - sequence.remembered() + 1) / 2;
        List<Integer> sorted = IntStream.range(0, sequence.predictions())
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(i -> sequence.predictedPosition(i) < half ? 0 : 1)
                        .thenComparing(i -> CounterHash.uniform(key, sequence.predictedPosition(i)))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        int[] order = new int[sorted.size()];
        for (int place = 0; place < order.length; place++) {
            order[sorted.get(place)] = place;
        }
        return order;
    }
}
