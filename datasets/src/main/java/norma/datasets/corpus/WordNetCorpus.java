package norma.datasets.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The glosses of WordNet 3.1 (Fellbaum 1998; Princeton's licence), which come with the program: 117,791 documents, one
 * per synset, each its definition and its example sentences (48,571 in all), written as sentences: first letter large,
 * a full stop behind. What stands after an example (whom it quotes, or in 27 glosses a remark) is left out.
 */
record WordNetCorpus() implements Corpus {
    private static final Pattern SEPARATORS_AT_END = Pattern.compile("[\\s;:,]+$");
    private static final Pattern END = Pattern.compile("[.!?]['\u2019)]*$");

    @Override
    public Documents open() {
        return new Glosses();
    }

    @Override
    public String fingerprint() {
        return "wordnet 3.1, a document per synset";
    }

    @Override
    public String name() {
        return "data.corpus: wordnet";
    }

    /** The definition of a gloss, which is all before the first quotation mark, and the quoted examples. */
    static List<String> sentences(String gloss) {
        List<String> sentences = new ArrayList<>();
        String[] parts = gloss.split("\"", -1);
        for (int i = 0; i < parts.length; i++) {
            boolean quoted = i % 2 == 1;
            if (i == 0 || quoted) {
                String text = sentence(parts[i]);
                if (!text.isEmpty()) {
                    sentences.add(text);
                }
            }
        }
        return sentences;
    }

    private static String sentence(String part) {
        String text = SEPARATORS_AT_END.matcher(part.strip()).replaceFirst("");
        if (text.isEmpty()) {
            return text;
        }
        String closed = END.matcher(text).find() ? text : text + ".";
        return closed.substring(0, 1).toUpperCase(Locale.ROOT) + closed.substring(1);
    }

    private static final class Glosses extends Documents {
        private final WordNetSynsets synsets = new WordNetSynsets();

        @Override
        String read() {
            WordNetSynsets.Synset synset = synsets.next();
            return synset == null ? null : synset.text();
        }

        @Override
        public void close() {
            synsets.close();
        }
    }
}
