package norma.datasets.objectives;

import norma.datasets.tokenizer.Tokenizer;

/** What is predicted in a sequence, and what the model reads instead of what it is to predict. */
@FunctionalInterface
public interface PredictionRule {
    /**
     * Notes what is predicted in a sequence whose text is written, and hides in it what has to be hidden.
     *
     * @param key the stream of draws of this sequence
     */
    void apply(Sequence sequence, long key);

    /** Which ids are those of special tokens, which no rule hides. */
    static boolean[] special(Tokenizer tokenizer) {
        boolean[] special = new boolean[tokenizer.vocabularySize()];
        for (int id = 0; id < special.length; id++) {
            special[id] = tokenizer.isSpecial(id);
        }
        return special;
    }
}
