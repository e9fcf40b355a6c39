package norma.datasets.batches;

import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.TokenSplit;

/** One sentence a sequence, cut at the end where it is too long. */
record SentenceExamples(TokenSplit split, Tokenizer tokenizer, int maxLength) implements Examples {
    @Override
    public long size() {
        return split.sentences();
    }

    @Override
    public Written write(long example, long key, int[] ids, int[] types, int from) {
        long start = split.sentenceStart(example);
        int text = (int) Math.min(split.sentenceEnd(example) - start, maxLength - 2);
        ids[from] = tokenizer.clsId();
        split.copy(start, ids, from + 1, text);
        ids[from + text + 1] = tokenizer.sepId();
        return new Written(text + 2, -1);
    }
}
