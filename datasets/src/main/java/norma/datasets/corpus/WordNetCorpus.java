package norma.datasets.corpus;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The glosses of WordNet 3.1 (Fellbaum 1998; Princeton's licence), which come with the program: 117,791 documents, one
 * per synset, each its definition and its example sentences (48,571 in all), written as sentences: first letter large,
 * a full stop behind. What stands after an example (whom it quotes, or in 27 glosses a remark) is left out.
 */
record WordNetCorpus() implements Corpus {
    private static final String FOLDER = "/net/sf/extjwnl/data/wordnet/wn31/data.";
    private static final List<String> PARTS = List.of("noun", "verb", "adj", "adv");
    private static final String GLOSS = " | ";
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
        private final Iterator<String> parts = PARTS.iterator();
        private TextLines lines;

        @Override
        String read() {
            while (true) {
                if (lines == null) {
                    if (!parts.hasNext()) {
                        return null;
                    }
                    String resource = FOLDER + parts.next();
                    InputStream in = WordNetCorpus.class.getResourceAsStream(resource);
                    if (in == null) {
                        throw new IllegalStateException(resource + " is not on the class path");
                    }
                    lines = new TextLines(resource, in);
                }
                for (String line = lines.next(); line != null; line = lines.next()) {
                    int gloss = line.startsWith(" ") ? -1 : line.indexOf(GLOSS); // the licence's lines are indented
                    if (gloss >= 0) {
                        return String.join(" ", sentences(line.substring(gloss + GLOSS.length())));
                    }
                }
                lines.close();
                lines = null;
            }
        }

        @Override
        public void close() {
            if (lines != null) {
                lines.close();
            }
        }
    }
}
