package norma.datasets.batches;

import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokens.TokenSplit;

/** One sentence a sequence, cut at the end where it is too long. */
record SentenceExamples(TokenSplit split, SequenceFrame frame, int maxLength) implements Examples {
    @Override
    public long size() {
        return split.sentences();
    }

    @Override
    public Written write(long example, long key, int[] ids, int[] types, int from) {
        long start = split.sentenceStart(example);
        long length = split.sentenceEnd(example) - start;
        int text = (int) Math.min(length, maxLength - frame.format().specialTokens(false));
        SequenceFrame.Places places = frame.single(text, ids, types, from);
        split.copy(start, ids, places.first(), text);
        return new Written(places.end() - from, -1);
    }
}
