package norma.datasets.objectives;

import java.util.Arrays;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.Tokenizer;

/**
 * The masked-LM task (Devlin et al. 2019, section 3.1): each maskable token, or each word as a whole, is chosen on its
 * own with the given probability, so the share is exact in expectation; of the chosen tokens 80 % become [MASK], 10 % a
 * random token (uniform over all that are not special) and 10 % stay. Special tokens are never chosen and never drawn.
 *
 * <p>In whole-word mode a word is a token with the continuation tokens behind it on its line; its tokens are chosen
 * together, and what becomes of each is drawn token by token, as Google's {@code create_pretraining_data.py} and
 * Hugging Face's {@code DataCollatorForWholeWordMask} do.
 */
final class Masking implements PredictionRule {
    private static final double MASKED = 0.8;
    private static final double RANDOM = 0.9; // from MASKED to here

    private final double probability;
    private final boolean wholeWords;
    private final boolean[] special;
    private final boolean[] continues;
    private final boolean[] endsLine;
    private final int[] ordinary;
    private final int maskId;

    Masking(Tokenizer tokenizer, double probability, boolean wholeWords) {
        this.probability = probability;
        this.wholeWords = wholeWords;
        int size = tokenizer.vocabularySize();
        special = PredictionRule.special(tokenizer);
        continues = new boolean[size];
        endsLine = new boolean[size];
        int[] ids = new int[size];
        int n = 0;
        for (int id = 0; id < size; id++) {
            continues[id] = tokenizer.continuesWord(id);
            endsLine[id] = tokenizer.endsLine(id);
            if (!special[id]) {
                ids[n++] = id;
            }
        }
        ordinary = Arrays.copyOf(ids, n);
        maskId = tokenizer.require("to hide what a masked language model predicts", SpecialToken.MASK);
    }

    /**
     * Probability of a label at a chosen position that shows a token and not [MASK], for one who knows how often tokens
     * occur and nothing of the context: the token stayed, or it is a random one in the label's place.
     *
     * @param label how often the label occurs, as a share
     * @param shown how often the token that is shown occurs
     * @param same whether it is the label
     * @param ordinary tokens that a random one is drawn from
     */
    static double withoutContext(double label, double shown, boolean same, int ordinary) {
        double stayed = 1 - RANDOM;
        double replaced = (RANDOM - MASKED) / ordinary;
        return label * ((same ? stayed : 0) + replaced) / (stayed * shown + replaced);
    }

    @Override
    public void apply(Sequence sequence, long key) {
        int[] ids = sequence.ids();
        boolean chosen = false;
        boolean insideWord = false; // a sequence may start in the middle of a word: its rest counts as a word
        for (int i = 0; i < sequence.length(); i++) {
            int id = ids[i];
            if (special[id]) {
                insideWord = false;
                continue;
            }
            if (!(wholeWords && insideWord && continues[id])) {
                chosen = CounterHash.uniform(key, 3L * i) < probability;
            }
            insideWord = !endsLine[id];
            if (chosen) {
                sequence.predict(i, id);
                double kind = CounterHash.uniform(key, 3L * i + 1);
                if (kind < MASKED) {
                    ids[i] = maskId;
                } else if (kind < RANDOM) {
                    ids[i] = ordinary[CounterHash.below(key, 3L * i + 2, ordinary.length)];
                }
            }
        }
    }
}
