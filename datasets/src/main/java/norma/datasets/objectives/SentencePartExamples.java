package norma.datasets.objectives;

import java.util.Arrays;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokens.TokenSplit;

/** One sentence a sequence; what does not fit continues in further sequences, so that no token is lost. */
final class SentencePartExamples implements Examples {
    private final TokenSplit split;
    private final SequenceFrame frame;
    private final int maxLength;
    private final int room;
    private final long size;
    private long[] longSentences = new long[16]; // those of several sequences, ascending
    private long[] firstExamples = new long[16]; // of each the number of its first sequence
    private int longOnes;

    SentencePartExamples(TokenSplit split, SequenceFrame frame, int maxLength) {
        this.split = split;
        this.frame = frame;
        this.maxLength = maxLength;
        this.room = maxLength - frame.format().specialTokens(false);
        long examples = 0;
        for (long document = 0; document < split.documents(); document++) {
            for (long sentence = split.firstSentence(document);
                    sentence < split.firstSentence(document + 1);
                    sentence++) {
                long sequences = sequences(split.sentenceEnd(sentence, document) - split.sentenceStart(sentence));
                if (sequences > 1) {
                    note(sentence, examples);
                }
                examples += sequences;
            }
        }
        size = examples;
    }

    private long sequences(long tokens) {
        return (tokens + room - 1) / room;
    }

    private void note(long sentence, long firstExample) {
        if (longOnes == longSentences.length) {
            longSentences = Arrays.copyOf(longSentences, 2 * longOnes);
            firstExamples = Arrays.copyOf(firstExamples, 2 * longOnes);
        }
        longSentences[longOnes] = sentence;
        firstExamples[longOnes++] = firstExample;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int maxLength() {
        return maxLength;
    }

    @Override
    public void write(long example, long key, Sequence into) {
        int found = Arrays.binarySearch(firstExamples, 0, longOnes, example);
        int before = found < 0 ? -found - 2 : found; // the last long sentence that starts here or before
        long sentence = example;
        long part = 0;
        if (before >= 0) {
            long end = split.sentenceEnd(longSentences[before]);
            long sequences = sequences(end - split.sentenceStart(longSentences[before]));
            long after = example - firstExamples[before] - sequences;
            sentence = longSentences[before] + (after < 0 ? 0 : 1 + after);
            part = after < 0 ? example - firstExamples[before] : 0;
        }
        long start = split.sentenceStart(sentence) + part * room;
        int text = (int) Math.min(room, split.sentenceEnd(sentence) - start);
        SequenceFrame.Places places = frame.single(text, into.ids(), into.types(), 0);
        split.copy(start, into.ids(), places.first(), text);
        into.end(places.end());
    }
}
