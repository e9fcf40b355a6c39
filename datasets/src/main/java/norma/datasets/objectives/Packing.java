package norma.datasets.objectives;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokens.SentenceMarks;
import norma.datasets.tokens.TokenSplit;

/** How the sequences of single texts are cut from a corpus. */
public enum Packing {
    /** Sequences cut from the running text, in which a separator closes every document. */
    FULL {
        @Override
        SentenceMarks marks() {
            return SentenceMarks.NONE;
        }

        @Override
        Examples examples(TokenSplit split, SequenceFrame frame, int length) {
            return new PackedExamples(split, frame, length);
        }
    },
    /** Sequences cut from the running text, in which a separator closes every sentence. */
    SEPARATED_SENTENCES {
        @Override
        SentenceMarks marks() {
            return SentenceMarks.SEPARATORS;
        }

        @Override
        Examples examples(TokenSplit split, SequenceFrame frame, int length) {
            return new PackedExamples(split, frame, length);
        }
    },
    /** One sentence each, padded; what is too long is cut off. */
    SENTENCE {
        @Override
        SentenceMarks marks() {
            return SentenceMarks.PLACES;
        }

        @Override
        Examples examples(TokenSplit split, SequenceFrame frame, int length) {
            return new SentenceExamples(split, frame, length);
        }
    },
    /** One sentence each, padded; a sentence that is too long continues in further sequences. */
    SENTENCE_PARTS {
        @Override
        SentenceMarks marks() {
            return SentenceMarks.PLACES;
        }

        @Override
        Examples examples(TokenSplit split, SequenceFrame frame, int length) {
            return new SentencePartExamples(split, frame, length);
        }
    };

    /** Its value of {@code data.packing}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The packing of a key.
     *
     * @throws InvalidInputException if there is no such packing
     */
    public static Packing of(String key) {
        List<String> keys = Arrays.stream(values()).map(Packing::key).toList();
        if (!keys.contains(key)) {
            throw InvalidInputException.of("data", "packing", key, String.join(", ", keys));
        }
        return values()[keys.indexOf(key)];
    }

    /** Whether its sequences are pieces of the running text, not sentences. */
    boolean cutsRunningText() {
        return marks() != SentenceMarks.PLACES;
    }

    /** What the tokens have to know of sentences. */
    abstract SentenceMarks marks();

    abstract Examples examples(TokenSplit split, SequenceFrame frame, int length);
}
