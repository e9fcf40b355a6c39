package norma.datasets.objectives;

import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokens.TokenSplit;

/** One sentence a sequence, cut at the end where it is too long. */
record SentenceExamples(TokenSplit split, SequenceFrame frame, int maxLength) implements Examples {
    @Override
    public long size() {
        return split.sentences();
    }

    @Override
    public void write(long example, long key, Sequence into) {
        long start = split.sentenceStart(example);
        long length = split.sentenceEnd(example) - start;
        int text = (int) Math.min(length, maxLength - frame.format().specialTokens(false));
        SequenceFrame.Places places = frame.single(text, into.ids(), into.types(), 0);
        split.copy(start, into.ids(), places.first(), text);
        into.end(places.end());
    }
}
