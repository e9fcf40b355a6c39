package norma.datasets.objectives;

import java.util.Arrays;
import java.util.stream.IntStream;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.Tokenizer;

/**
 * Text infilling (Lewis et al. 2020, section 2.2): spans of tokens are each replaced by one mask, and the whole text is
 * predicted. The lengths of the spans are drawn from a Poisson distribution of mean 3 until they cover the share of the
 * tokens that is to be masked; the last is cut so that they cover no more. A span of length 0 inserts a mask. The spans
 * stand in random places, every choice of places as likely as any other, with at least one token between two.
 *
 * <p>The share is exact in expectation: of the two whole numbers beside it one is drawn. Special tokens are never
 * masked; a span that one of them interrupts has a mask on either side. No text becomes longer than it was: masks that
 * would make it so are not inserted.
 */
final class TextInfilling implements PredictionRule {
    private static final double MEAN_LENGTH = 3;

    private final boolean[] special;
    private final int maskId;
    private final double probability;

    TextInfilling(Tokenizer tokenizer, double probability) {
        this.probability = probability;
        special = PredictionRule.special(tokenizer);
        maskId = tokenizer.require("to hide what a denoising model is to say", SpecialToken.MASK);
    }

    @Override
    public void apply(Sequence sequence, long key) {
        if (sequence.target() == null) {
            sequence.keepAsTarget();
        }
        for (int i = 0; i < sequence.target().length; i++) {
            sequence.predict(i, sequence.target()[i]);
        }
        int[] text = IntStream.range(0, sequence.length())
                .filter(i -> !special[sequence.ids()[i]])
                .toArray();
        Draws draws = new Draws(key);
        int masked = (int) (probability * text.length + draws.uniform());
        if (masked > 0) {
            int[] spans = draws.spans(masked, text.length - masked + 1);
            replace(sequence, text, spans, masked);
        }
    }

    /**
     * Replaces spans.
     *
     * @param text places of the tokens that may be masked
     * @param spans what stands before each token that is kept, and after the last of them: the length of a span, 0 for
     *     a mask that is inserted, or {@link Draws#NOTHING}
     * @param masked tokens that the spans cover
     */
    private void replace(Sequence sequence, int[] text, int[] spans, int masked) {
        int[] ids = sequence.ids();
        int length = sequence.length();
        boolean[] covered = new boolean[length + 1];
        boolean[] inserted = new boolean[length + 1];
        int next = 0; // of the text
        for (int span : spans) {
            if (span == 0) {
                inserted[next < text.length ? text[next] : text[text.length - 1] + 1] = true;
            }
            for (int i = 0; i < span; i++) {
                covered[text[next++]] = true;
            }
            next++; // the token that is kept
        }
        int ofSpans = (int) IntStream.range(0, length)
                .filter(i -> covered[i] && !(i > 0 && covered[i - 1]))
                .count();
        int room = masked - ofSpans; // for masks that are inserted
        int[] damaged = new int[length];
        int end = 0;
        for (int i = 0; i < length; i++) {
            if (inserted[i] && room-- > 0) {
                damaged[end++] = maskId;
            }
            if (!covered[i]) {
                damaged[end++] = ids[i];
            } else if (i == 0 || !covered[i - 1]) {
                damaged[end++] = maskId;
            }
        }
        if (inserted[length] && room > 0) {
            damaged[end++] = maskId;
        }
        System.arraycopy(damaged, 0, ids, 0, end);
        sequence.end(end);
    }

    /** The draws of one sequence, in a fixed order. */
    private static final class Draws {
        private static final int NOTHING = -1;

        private final long key;
        private long counter;

        Draws(long key) {
            this.key = key;
        }

        double uniform() {
            return CounterHash.uniform(key, counter++);
        }

        /** Spans that cover so many tokens, in random ones of so many places; {@link #NOTHING} in the others. */
        int[] spans(int masked, int places) {
            int[] lengths = shuffled(fitting(lengths(masked), places));
            int[] spans = new int[places];
            Arrays.fill(spans, NOTHING);
            int placed = 0;
            for (int place = 0; place < places; place++) {
                // each of the places left is as likely as any other to be one of those needed
                if (uniform() * (places - place) < lengths.length - placed) {
                    spans[place] = lengths[placed++];
                }
            }
            return spans;
        }

        private int[] lengths(int masked) {
            int[] lengths = new int[8];
            int count = 0;
            for (int left = masked; left > 0; count++) {
                if (count == lengths.length) {
                    lengths = Arrays.copyOf(lengths, 2 * count);
                }
                lengths[count] = Math.min(left, poisson());
                left -= lengths[count];
            }
            return Arrays.copyOf(lengths, count);
        }

        /** As many as there are places: where almost everything is masked, spans run together. */
        private static int[] fitting(int[] lengths, int places) {
            if (lengths.length <= places) {
                return lengths;
            }
            int[] fitting = Arrays.copyOf(lengths, places);
            for (int i = places; i < lengths.length; i++) {
                fitting[places - 1] += lengths[i];
            }
            return fitting;
        }

        private int[] shuffled(int[] lengths) {
            for (int i = lengths.length - 1; i > 0; i--) {
                int other = (int) (uniform() * (i + 1));
                int length = lengths[i];
                lengths[i] = lengths[other];
                lengths[other] = length;
            }
            return lengths;
        }

        /** By the inverse of the distribution function. */
        private int poisson() {
            double share = uniform();
            double probability = Math.exp(-MEAN_LENGTH);
            int value = 0;
            for (double sum = probability; share >= sum && probability > 0; sum += probability) {
                value++;
                probability *= MEAN_LENGTH / value;
            }
            return value;
        }
    }
}
