package norma.datasets.batches;

import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.TokenSplit;

/**
 * Full sequences cut from the running text, documents one after the other with [SEP] between them: window n holds
 * tokens n(S-2) to (n+1)(S-2)-1 between [CLS] and [SEP]. Unlike RoBERTa's FULL-SENTENCES (Liu et al. 2019, section 4.2)
 * a window may begin and end inside a sentence, so nothing is padded. The rest at the end that fills no window is left
 * out.
 */
record PackedExamples(TokenSplit split, Tokenizer tokenizer, int maxLength) implements Examples {
    private static final int SPECIAL = 2; // [CLS] and [SEP]

    @Override
    public long size() {
        return split.tokens() / (maxLength - SPECIAL);
    }

    @Override
    public Written write(long example, long key, int[] ids, int[] types, int from) {
        int text = maxLength - SPECIAL;
        ids[from] = tokenizer.clsId();
        split.copy(example * text, ids, from + 1, text);
        ids[from + maxLength - 1] = tokenizer.sepId();
        return new Written(maxLength, -1);
    }
}
