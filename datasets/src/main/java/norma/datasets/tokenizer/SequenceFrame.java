package norma.datasets.tokenizer;

import java.util.Arrays;
import java.util.List;
import norma.datasets.tokenizer.SequenceFormat.Part;
import norma.datasets.tokenizer.SequenceFormat.Special;
import norma.datasets.tokenizer.SequenceFormat.Text;

/** A {@link SequenceFormat} in the ids of one tokenizer: writes what stands around texts, and leaves room for them. */
public final class SequenceFrame {
    private static final int TEXT = -1; // instead of an id

    private final SequenceFormat format;
    private final Tokenizer tokenizer;
    private final int[] single; // of each part the id, or TEXT
    private final int[] pair;

    SequenceFrame(SequenceFormat format, Tokenizer tokenizer) {
        this.format = format;
        this.tokenizer = tokenizer;
        this.single = ids(format.single());
        this.pair = ids(format.pair());
    }

    private int[] ids(List<Part> parts) {
        return parts.stream()
                .mapToInt(part -> part instanceof Special special
                        ? tokenizer.require("to frame sequences as " + format.name() + " does", special.token())
                        : TEXT)
                .toArray();
    }

    /**
     * Where the texts of a sequence go.
     *
     * @param first index of the first text's first token
     * @param second of the second text's first token; 0 if there is none
     * @param end index after the sequence's last token
     */
    public record Places(int first, int second, int end) {}

    /** The format. */
    public SequenceFormat format() {
        return format;
    }

    /**
     * What fills rows that are shorter than others: the padding token or, where documents end with the end of a text
     * and the tokenizer has no padding token, that end, as GPT-2's users do. No model reads it.
     *
     * @throws norma.datasets.base.InvalidInputException if the tokenizer has neither
     */
    public int padId() {
        String use = "to fill rows that are shorter than others";
        return format.documentEnd() == SpecialToken.EOS
                ? tokenizer.require(use, SpecialToken.PAD, SpecialToken.EOS)
                : tokenizer.require(use, SpecialToken.PAD);
    }

    /** The special tokens around one text, in their order. */
    public int[] specialIds() {
        return Arrays.stream(single).filter(id -> id != TEXT).toArray();
    }

    /**
     * What ends a document, and stands before what a decoder is to say.
     *
     * @throws norma.datasets.base.InvalidInputException if the tokenizer has no such token
     */
    public int endId() {
        return tokenizer.require("to end a document", format.documentEnd());
    }

    /**
     * Frames a text.
     *
     * @param length tokens of the text
     * @param ids receives the special tokens from {@code from} on
     * @param types receives the types of all tokens from {@code from} on
     */
    public Places single(int length, int[] ids, int[] types, int from) {
        return write(format.single(), single, length, 0, ids, types, from);
    }

    /**
     * Frames a pair, see {@link SequenceFormat#takesPairs}.
     *
     * @param first tokens of the first text
     * @param second tokens of the second text
     * @param ids receives the special tokens from {@code from} on
     * @param types receives the types of all tokens from {@code from} on
     */
    public Places pair(int first, int second, int[] ids, int[] types, int from) {
        if (!format.takesPairs()) {
            throw new IllegalStateException(format.name() + " takes no pairs");
        }
        return write(format.pair(), pair, first, second, ids, types, from);
    }

    private static Places write(
            List<Part> parts, int[] partIds, int first, int second, int[] ids, int[] types, int from) {
        int[] places = {0, 0};
        int at = from;
        for (int i = 0; i < partIds.length; i++) {
            Part part = parts.get(i);
            int end = at + 1;
            if (part instanceof Text text) {
                places[text.number() - 1] = at;
                end = at + (text.number() == 1 ? first : second);
            } else {
                ids[at] = partIds[i];
            }
            for (; at < end; at++) {
                types[at] = part.type();
            }
        }
        return new Places(places[0], places[1], at);
    }
}
