package norma.datasets.objectives;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokens.TokenSplit;

/** How the sequences of single texts are cut from a corpus. */
public enum Packing {
    /** Sequences cut from the running text. */
    FULL {
        @Override
        boolean needsSentences() {
            return false;
        }

        @Override
        Examples examples(TokenSplit split, SequenceFrame frame, int length) {
            return new PackedExamples(split, frame, length);
        }
    },
    /** One sentence each, padded. */
    SENTENCE {
        @Override
        boolean needsSentences() {
            return true;
        }

        @Override
        Examples examples(TokenSplit split, SequenceFrame frame, int length) {
            return new SentenceExamples(split, frame, length);
        }
    };

    /** Its value of {@code data.packing}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
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

    abstract boolean needsSentences();

    abstract Examples examples(TokenSplit split, SequenceFrame frame, int length);
}
