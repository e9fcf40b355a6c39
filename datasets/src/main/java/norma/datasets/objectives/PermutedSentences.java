package norma.datasets.objectives;

import java.util.ArrayList;
import java.util.List;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokens.TokenSplit;

/**
 * Sequences cut from the running text in which the sentences of each document stand in a random order (Lewis et al.
 * 2020, section 2.2), every order as likely as any other. Sentences are those that the corpus was cut into; of one that
 * the sequence holds a part of, that part counts as a sentence. Separators stay where they are, between the sentences.
 * What a decoder is to say is the text in its own order.
 *
 * @param inOrder the sequences, which hold the running text one after the other
 * @param split their text
 * @param frame how they are framed
 * @param separated whether a separator follows every sentence, and not only the document
 */
record PermutedSentences(Examples inOrder, TokenSplit split, SequenceFrame frame, boolean separated)
        implements Examples {
    /** Tokens {@code from} to before {@code to} of the split, of one sentence. */
    private record Piece(long from, long to) {}

    @Override
    public long size() {
        return inOrder.size();
    }

    @Override
    public int maxLength() {
        return inOrder.maxLength();
    }

    @Override
    public List<String> omissions() {
        return inOrder.omissions();
    }

    @Override
    public void write(long example, long key, Sequence into) {
        inOrder.write(example, key, into);
        into.keepAsTarget();
        int text = into.length() - frame.format().specialTokens(false);
        int first = frame.single(text, into.ids(), into.types(), 0).first();
        long from = example * text;
        int draws = 0;
        for (List<Piece> document : documents(from, from + text)) {
            permute(document, key, draws, into, first - from);
            draws += document.size();
        }
    }

    /** The sentences of each document between two places of the text. */
    private List<List<Piece>> documents(long from, long to) {
        List<List<Piece>> documents = new ArrayList<>();
        long sentence = sentenceAt(from);
        long document = split.documentOf(sentence);
        List<Piece> pieces = new ArrayList<>();
        while (sentence < split.sentences() && split.sentenceStart(sentence) < to) {
            boolean last = split.firstSentence(document + 1) == sentence + 1;
            long end = split.sentenceStart(sentence + 1) - (separated || last ? 1 : 0);
            Piece piece = new Piece(Math.max(from, split.sentenceStart(sentence)), Math.min(to, end));
            if (piece.from < piece.to) {
                pieces.add(piece);
            }
            sentence++;
            if (last) {
                documents.add(pieces);
                pieces = new ArrayList<>();
                document = sentence < split.sentences() ? split.documentOf(sentence) : document;
            }
        }
        documents.add(pieces);
        return documents;
    }

    /** The sentence that a place belongs to, or whose separator stands there. */
    private long sentenceAt(long place) {
        long low = 0;
        long high = split.sentences() - 1;
        while (low < high) { // the last sentence that starts there or before
            long middle = (low + high + 1) >>> 1;
            if (split.sentenceStart(middle) <= place) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Writes sentences in another order, with what stands between them in its own (Fisher and Yates 1938). */
    private void permute(List<Piece> pieces, long key, int draws, Sequence into, long offset) {
        List<Piece> order = new ArrayList<>(pieces);
        for (int i = order.size() - 1; i > 0; i--) {
            int other = CounterHash.below(key, draws + i, i + 1);
            order.set(i, order.set(other, order.get(i)));
        }
        int at = pieces.isEmpty() ? 0 : (int) (pieces.get(0).from + offset);
        for (int i = 0; i < order.size(); i++) {
            at = copy(order.get(i).from, order.get(i).to, into, at);
            if (i + 1 < order.size()) {
                at = copy(pieces.get(i).to, pieces.get(i + 1).from, into, at);
            }
        }
    }

    private int copy(long from, long to, Sequence into, int at) {
        int length = (int) (to - from);
        split.copy(from, into.ids(), at, length);
        return at + length;
    }
}
