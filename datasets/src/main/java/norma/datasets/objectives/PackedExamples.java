package norma.datasets.objectives;

import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokens.TokenSplit;

/**
 * Full sequences cut from the running text, documents one after the other with a separator after each, or after each
 * sentence: of T tokens of text a sequence, window n holds tokens nT to (n+1)T-1, framed. Unlike RoBERTa's
 * FULL-SENTENCES (Liu et al. 2019, section 4.2) a window may begin and end inside a sentence, so nothing is padded. The
 * rest at the end that fills no window is left out.
 */
record PackedExamples(TokenSplit split, SequenceFrame frame, int maxLength) implements Examples {
    private int text() {
        return maxLength - frame.format().specialTokens(false);
    }

    @Override
    public long size() {
        return split.tokens() / text();
    }

    @Override
    public void write(long example, long key, Sequence into) {
        int text = text();
        SequenceFrame.Places places = frame.single(text, into.ids(), into.types(), 0);
        split.copy(example * text, into.ids(), places.first(), text);
        into.end(places.end());
    }
}
