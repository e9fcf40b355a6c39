package norma.datasets.objectives;

import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokens.TokenSplit;

/**
 * Full sequences cut from the running text, documents one after the other with a separator after each, or after each
 * sentence: of T tokens of text a sequence, window n holds tokens nT to (n+1)T-1, framed. Unlike RoBERTa's
 * FULL-SENTENCES (Liu et al. 2019, section 4.2) a window may begin and end inside a sentence, so nothing is padded. The
 * rest at the end that fills no window is left out.
 *
 * @param length S, of a window with its special tokens
 * @param memory tokens of the running text before a window that stand before it, bare; the first windows have fewer
 */
record PackedExamples(TokenSplit split, SequenceFrame frame, int length, int memory) implements Examples {
    PackedExamples(TokenSplit split, SequenceFrame frame, int length) {
        this(split, frame, length, 0);
    }

    @Override
    public int maxLength() {
        return length + memory;
    }

    private int text() {
        return length - frame.format().specialTokens(false);
    }

    @Override
    public long size() {
        return split.tokens() / text();
    }

    @Override
    public void write(long example, long key, Sequence into) {
        int text = text();
        int remembered = (int) Math.min(memory, example * text);
        split.copy(example * text - remembered, into.ids(), 0, remembered);
        into.remember(remembered);
        SequenceFrame.Places places = frame.single(text, into.ids(), into.types(), remembered);
        split.copy(example * text, into.ids(), places.first(), text);
        into.end(places.end());
    }
}
