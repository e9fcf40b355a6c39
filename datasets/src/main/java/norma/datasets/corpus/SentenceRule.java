package norma.datasets.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where the sentences of a document end. */
public enum SentenceRule {
    /** Where English punctuation and blank lines say so, see {@link EnglishSentences}. */
    PUNCTUATION {
        @Override
        Stream<String> parts(String document) {
            return EnglishSentences.of(document).stream();
        }
    },
    /** At the end of each line. */
    LINES {
        @Override
        Stream<String> parts(String document) {
            return document.lines();
        }
    };

    /** The sentences of a document, whatever blanks stand around them. */
    abstract Stream<String> parts(String document);

    /**
     * The sentences of a document, without the blanks around them; all but the first begin with one blank, so that a
     * byte-level tokenizer spells them as in running text.
     */
    public List<String> sentences(String document) {
        List<String> sentences = new ArrayList<>();
        parts(document)
                .map(String::strip)
                .filter(sentence -> !sentence.isEmpty())
                .forEach(sentence -> sentences.add(sentences.isEmpty() ? sentence : " " + sentence));
        return sentences;
    }
}
