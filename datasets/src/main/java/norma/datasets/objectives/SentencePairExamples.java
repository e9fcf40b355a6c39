package norma.datasets.objectives;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokens.TokenSplit;

/**
 * Sentence pairs for next-sentence prediction (Devlin et al. 2019, section 3.1): a run of neighbouring sentences that
 * fills the sequence is cut in two at a random sentence; half of the time the second part is replaced by whole
 * sentences from a random one of a random other document on, until they fill the sequence or their document ends, as in
 * Google's {@code create_pretraining_data.py}. So true and random parts end alike: the last token does not give the
 * label away, and the length hardly does. Every epoch cuts and replaces anew. What is too long, true or random, loses
 * its ends far from the cut, the longer part first, so that a true second part always follows its first. Documents of a
 * single sentence only serve as replacements, and so does a last sentence that no run has room for.
 */
final class SentencePairExamples implements Examples {
    private final TokenSplit split;
    private final SequenceFrame frame;
    private final int maxLength;
    private final int budget;
    private long[] firsts = new long[1024]; // first sentence of each run
    private int size;
    private long tokensOfRuns;
    private long tokensCutOff; // of runs that are longer than a sequence

    SentencePairExamples(TokenSplit split, SequenceFrame frame, int maxLength) {
        this.split = split;
        this.frame = frame;
        this.maxLength = maxLength;
        this.budget = maxLength - frame.format().specialTokens(true);
        long documents = split.documents() < 2 ? 0 : split.documents(); // alone, a document has no other
        for (long document = 0; document < documents; document++) {
            long end = split.firstSentence(document + 1);
            long first = split.firstSentence(document);
            while (end - first >= 2) {
                if (size == firsts.length) {
                    firsts = Arrays.copyOf(firsts, 2 * size);
                }
                firsts[size++] = first;
                int count = sentences(first, end);
                long length = split.sentenceEnd(first + count - 1, document) - split.sentenceStart(first);
                tokensOfRuns += length;
                tokensCutOff += Math.max(0, length - budget);
                first += count;
            }
        }
    }

    /** Sentences of the run that starts at {@code first} in a document that ends at {@code end}: two or more. */
    private int sentences(long first, long end) {
        long enough = split.sentenceStart(first) + budget;
        int count = 2;
        while (first + count < end && split.sentenceStart(first + count) < enough) {
            count++;
        }
        return count;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public List<String> omissions() {
        List<String> omissions = new ArrayList<>();
        if (tokensCutOff > 0) {
            omissions.add("data.objective: " + MaskedLmWithNextSentence.KEY
                    + " cuts off what a pair of neighbours has beyond "
                    + maxLength + " tokens, special ones included, at its two ends: "
                    + TextShare.of(tokensCutOff, split)
                    + ", in an epoch without random pairs");
        }
        long unpaired = TextShare.text(split) - tokensOfRuns;
        if (unpaired > 0) {
            omissions.add("data.objective: " + MaskedLmWithNextSentence.KEY
                    + " pairs no sentence that is alone in its document, or" + " left over at its end: "
                    + TextShare.of(unpaired, split) + ", only used as random second parts");
        }
        return omissions;
    }

    @Override
    public int maxLength() {
        return maxLength;
    }

    @Override
    public void write(long example, long key, Sequence into) {
        long first = firsts[(int) example];
        long document = split.documentOf(first);
        int count = sentences(first, split.firstSentence(document + 1));
        long cut = first + 1 + CounterHash.below(key, 0, count - 1);
        boolean random = CounterHash.at(key, 1) < 0;
        long startA = split.sentenceStart(first);
        long endA = split.sentenceStart(cut);
        long lengthA = endA - startA;
        long startB = endA;
        long lengthB = split.sentenceEnd(first + count - 1) - endA;
        if (random) {
            long other = CounterHash.below(key, 2, (int) Math.min(Integer.MAX_VALUE, split.documents() - 1));
            other += other >= document ? 1 : 0; // any but this one
            long sentence = split.firstSentence(other);
            sentence += CounterHash.below(key, 3, (int) (split.firstSentence(other + 1) - sentence));
            startB = split.sentenceStart(sentence);
            lengthB = endOfSentences(sentence, other, budget - lengthA) - startB;
        }
        int keptA = (int) (lengthA - fromA(lengthA, lengthB));
        int keptB = (int) Math.min(lengthB, budget - keptA);
        SequenceFrame.Places places = frame.pair(keptA, keptB, into.ids(), into.types(), 0);
        split.copy(endA - keptA, into.ids(), places.first(), keptA);
        split.copy(startB, into.ids(), places.second(), keptB);
        into.end(places.end());
        into.relate(random ? 1 : 0);
    }

    /** Position behind the whole sentences, one at least, that reach a length, or behind their document. */
    private long endOfSentences(long first, long document, long length) {
        long end = split.firstSentence(document + 1);
        long enough = split.sentenceStart(first) + length;
        long next = first + 1;
        while (next < end && split.sentenceStart(next) < enough) {
            next++;
        }
        return next < end ? split.sentenceStart(next) : split.documentEnd(document);
    }

    /** How much the first part gives up: the longer part gives way until both are even, then both alike. */
    private long fromA(long lengthA, long lengthB) {
        long excess = Math.max(0, lengthA + lengthB - budget);
        long uneven = Math.min(excess, Math.abs(lengthA - lengthB));
        return (lengthA > lengthB ? uneven : 0) + (excess - uneven) / 2;
    }
}
