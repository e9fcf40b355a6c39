package norma.datasets.objectives;

import java.util.List;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokens.TokenSplit;

/** One sentence a sequence, cut at the end where it is too long. */
record SentenceExamples(TokenSplit split, SequenceFrame frame, int maxLength) implements Examples {
    private int room() {
        return maxLength - frame.format().specialTokens(false);
    }

    @Override
    public long size() {
        return split.sentences();
    }

    @Override
    public List<String> omissions() {
        long tokens = 0;
        for (long document = 0; document < split.documents(); document++) {
            long end = split.firstSentence(document + 1);
            for (long sentence = split.firstSentence(document); sentence < end; sentence++) {
                long length = split.sentenceEnd(sentence, document) - split.sentenceStart(sentence);
                tokens += Math.max(0, length - room());
            }
        }
        return tokens == 0
                ? List.of()
                : List.of("data.packing: sentence cuts off what exceeds " + maxLength
                        + " tokens, special ones included: "
                        + TextShare.of(tokens, split) + ", in every epoch (data.packing: sentence-parts continues a"
                        + " sentence in further sequences)");
    }

    @Override
    public void write(long example, long key, Sequence into) {
        long start = split.sentenceStart(example);
        int text = (int) Math.min(split.sentenceEnd(example) - start, room());
        SequenceFrame.Places places = frame.single(text, into.ids(), into.types(), 0);
        split.copy(start, into.ids(), places.first(), text);
        into.end(places.end());
    }
}
