package norma.datasets.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How an architecture frames a text, and a pair of texts: which special tokens stand where, and which token type each
 * part has.
 *
 * @param name of the architecture that introduced it, for messages
 * @param single the parts of a sequence of one text
 * @param pair the parts of a sequence of two texts; empty if there is no such sequence
 * @param documentEnd what follows every document where sequences are cut from the running text
 */
public record SequenceFormat(String name, List<Part> single, List<Part> pair, SpecialToken documentEnd) {
    /** {@code [CLS] a [SEP]} and {@code [CLS] a [SEP] b [SEP]}, type 1 from b on (Devlin et al. 2019, figure 2). */
    public static final SequenceFormat BERT = new SequenceFormat(
            "BERT",
            List.of(special(SpecialToken.CLS, 0), text(1, 0), special(SpecialToken.SEP, 0)),
            List.of(
                    special(SpecialToken.CLS, 0),
                    text(1, 0),
                    special(SpecialToken.SEP, 0),
                    text(2, 1),
                    special(SpecialToken.SEP, 1)),
            SpecialToken.SEP);

    /** {@code <s> a </s>} and {@code <s> a </s></s> b </s>}, all of type 0 (Liu et al. 2019; fairseq's RoBERTa). */
    public static final SequenceFormat ROBERTA = new SequenceFormat(
            "RoBERTa",
            List.of(special(SpecialToken.CLS, 0), text(1, 0), special(SpecialToken.SEP, 0)),
            List.of(
                    special(SpecialToken.CLS, 0),
                    text(1, 0),
                    special(SpecialToken.SEP, 0),
                    special(SpecialToken.SEP, 0),
                    text(2, 0),
                    special(SpecialToken.SEP, 0)),
            SpecialToken.SEP);

    /** As RoBERTa's (Lewis et al. 2020; Hugging Face's tokenizer of BART). */
    public static final SequenceFormat BART =
            new SequenceFormat("BART", ROBERTA.single(), ROBERTA.pair(), SpecialToken.SEP);

    /**
     * The text alone, or one text right after the other, as Hugging Face's tokenizer of GPT-2 has them; documents end
     * with {@code <|endoftext|>} (Radford et al. 2019).
     */
    public static final SequenceFormat GPT2 =
            new SequenceFormat("GPT-2", List.of(text(1, 0)), List.of(text(1, 0), text(2, 0)), SpecialToken.EOS);

    /**
     * {@code a <sep> <cls>} and {@code a <sep> b <sep> <cls>}, type 1 for b and its separator, 2 for the last token
     * (Yang et al. 2019, section 2.5; Hugging Face's tokenizer of XLNet).
     */
    public static final SequenceFormat XLNET = new SequenceFormat(
            "XLNet",
            List.of(text(1, 0), special(SpecialToken.SEP, 0), special(SpecialToken.CLS, 2)),
            List.of(
                    text(1, 0),
                    special(SpecialToken.SEP, 0),
                    text(2, 1),
                    special(SpecialToken.SEP, 1),
                    special(SpecialToken.CLS, 2)),
            SpecialToken.SEP);

    /** One special token, or one of the texts. */
    public sealed interface Part {
        /** Token type of all tokens of the part. */
        int type();
    }

    /** A special token. */
    public record Special(SpecialToken token, int type) implements Part {}

    /**
     * A text.
     *
     * @param number 1 for the first text, 2 for the second
     */
    public record Text(int number, int type) implements Part {}

    public SequenceFormat {
        single = List.copyOf(single);
        pair = List.copyOf(pair);
        requireTexts(name, single, List.of(1));
        requireTexts(name, pair, pair.isEmpty() ? List.of() : List.of(1, 2));
    }

    private static void requireTexts(String name, List<Part> parts, List<Integer> numbers) {
        List<Integer> found = parts.stream()
                .filter(Text.class::isInstance)
                .map(part -> ((Text) part).number())
                .toList();
        if (!found.equals(numbers)) {
            throw new IllegalArgumentException(name + ": texts " + found + " in " + parts);
        }
    }

    /** A part that is a special token. */
    public static Part special(SpecialToken token, int type) {
        return new Special(token, type);
    }

    /** A part that is the first or second text. */
    public static Part text(int number, int type) {
        return new Text(number, type);
    }

    /** Whether two texts can stand in one sequence. */
    public boolean takesPairs() {
        return !pair.isEmpty();
    }

    /** How many special tokens a sequence has. */
    public int specialTokens(boolean ofPair) {
        return ofPair ? pair.size() - 2 : single.size() - 1;
    }

    /** How many token types there are, counted from 0. */
    public int types() {
        return 1
                + Stream.concat(single.stream(), pair.stream())
                        .mapToInt(Part::type)
                        .max()
                        .orElseThrow();
    }

    /**
     * The format in the ids of a tokenizer.
     *
     * @throws norma.datasets.base.InvalidInputException if the tokenizer lacks a special token of the format
     */
    public SequenceFrame with(Tokenizer tokenizer) {
        return new SequenceFrame(this, tokenizer);
    }

    /** The special tokens of a sequence of one text, as a tokenizer spells them, each once. */
    List<String> spelled(Tokenizer tokenizer) {
        List<String> spelled = new ArrayList<>();
        for (Part part : single) {
            if (part instanceof Special special) {
                tokenizer.id(special.token()).ifPresent(id -> spelled.add(tokenizer.token(id)));
            }
        }
        return spelled.stream().distinct().toList();
    }
}
