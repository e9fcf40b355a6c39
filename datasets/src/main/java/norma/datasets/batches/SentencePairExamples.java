package norma.datasets.batches;

import java.util.Arrays;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.TokenSplit;

/**
 * Sentence pairs for next-sentence prediction (Devlin et al. 2019, section 3.1): a run of neighbouring sentences that
 * fills the sequence is cut in two at a random sentence; half of the time the second part is replaced by sentences from
 * a random other document. Every epoch cuts and replaces anew. Documents of a single sentence only serve as
 * replacements.
 */
final class SentencePairExamples implements Examples {
    private static final int SPECIAL = 3; // [CLS], [SEP] and [SEP]

    private final TokenSplit split;
    private final Tokenizer tokenizer;
    private final int maxLength;
    private long[] firsts = new long[1024]; // first sentence of each run
    private int[] lengths = new int[1024]; // its sentences
    private long[] documents = new long[1024];
    private int size;

    SentencePairExamples(TokenSplit split, Tokenizer tokenizer, int maxLength) {
        this.split = split;
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        for (long document = 0; document < split.documents(); document++) {
            long end = split.firstSentence(document + 1);
            long first = split.firstSentence(document);
            while (end - first >= 2) {
                int count = 2;
                while (first + count < end && tokens(first, count) < maxLength - SPECIAL) {
                    count++;
                }
                add(first, count, document);
                first += count;
            }
        }
    }

    private void add(long first, int count, long document) {
        if (size == firsts.length) {
            firsts = Arrays.copyOf(firsts, 2 * size);
            lengths = Arrays.copyOf(lengths, 2 * size);
            documents = Arrays.copyOf(documents, 2 * size);
        }
        firsts[size] = first;
        lengths[size] = count;
        documents[size++] = document;
    }

    private long tokens(long first, int count) {
        return split.sentenceEnd(first + count - 1) - split.sentenceStart(first);
    }

    @Override
    public long size() {
        return split.documents() < 2 ? 0 : size;
    }

    @Override
    public int maxLength() {
        return maxLength;
    }

    @Override
    public Written write(long example, long key, int[] ids, int[] types, int from) {
        int run = (int) example;
        int cut = 1 + CounterHash.below(key, 0, lengths[run] - 1);
        boolean random = CounterHash.at(key, 1) < 0;
        long startA = split.sentenceStart(firsts[run]);
        long lengthA = tokens(firsts[run], cut);
        long startB;
        long lengthB;
        if (random) {
            long document = CounterHash.below(key, 2, (int) Math.min(Integer.MAX_VALUE, split.documents() - 1));
            document += document >= documents[run] ? 1 : 0; // any but this one
            long first = split.firstSentence(document);
            long end = split.firstSentence(document + 1);
            long sentence = first + CounterHash.below(key, 3, (int) (end - first));
            startB = split.sentenceStart(sentence);
            lengthB = split.sentenceEnd(end - 1) - startB;
            lengthB = Math.min(lengthB, Math.max(1, maxLength - SPECIAL - lengthA));
        } else {
            startB = split.sentenceStart(firsts[run] + cut);
            lengthB = tokens(firsts[run] + cut, lengths[run] - cut);
        }
        while (lengthA + lengthB > maxLength - SPECIAL) { // the longer part gives way
            if (lengthA > lengthB) {
                lengthA--;
            } else {
                lengthB--;
            }
        }
        return assemble(startA, (int) lengthA, startB, (int) lengthB, random, ids, types, from);
    }

    private Written assemble(
            long startA, int lengthA, long startB, int lengthB, boolean random, int[] ids, int[] types, int from) {
        int at = from;
        ids[at++] = tokenizer.clsId();
        split.copy(startA, ids, at, lengthA);
        at += lengthA;
        ids[at++] = tokenizer.sepId();
        int second = at;
        split.copy(startB, ids, at, lengthB);
        at += lengthB;
        ids[at++] = tokenizer.sepId();
        Arrays.fill(types, second, at, 1);
        return new Written(at - from, random ? 1 : 0);
    }
}
