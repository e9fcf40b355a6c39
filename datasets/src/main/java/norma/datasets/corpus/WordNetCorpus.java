package norma.datasets.corpus;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The glosses of WordNet 3.1 (Fellbaum 1998; Princeton's licence), which come with the program: a document per synset,
 * its definitions and example sentences each closed with a full stop.
 */
record WordNetCorpus() implements Corpus {
    private static final String FOLDER = "/net/sf/extjwnl/data/wordnet/wn31/data.";
    private static final List<String> PARTS = List.of("noun", "verb", "adj", "adv");
    private static final String GLOSS = " | ";

    @Override
    public Documents open() {
        return new Glosses();
    }

    @Override
    public String fingerprint() {
        return "wordnet 3.1, glosses as sentences";
    }

    /** Definitions and examples of a gloss: parts between semicolons, of which examples stand in quotation marks. */
    static List<String> sentences(String gloss) {
        List<String> sentences = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < gloss.length(); i++) {
            char c = gloss.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ';' && !quoted) {
                close(part, sentences);
            } else {
                part.append(c);
            }
        }
        close(part, sentences);
        return sentences;
    }

    private static void close(StringBuilder part, List<String> sentences) {
        String text = part.toString().strip();
        part.setLength(0);
        if (!text.isEmpty()) {
            sentences.add(text.matches(".*[.!?]") ? text : text + ".");
        }
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
