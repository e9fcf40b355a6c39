package norma.datasets.corpus;

import java.io.InputStream;
import java.util.Iterator;
import java.util.List;

/**
 * The synsets of WordNet 3.1 (Fellbaum 1998; Princeton's licence), which comes with the program: nouns, verbs,
 * adjectives and adverbs, in the order of its data files.
 */
public final class WordNetSynsets implements AutoCloseable {
    private static final String FOLDER = "/net/sf/extjwnl/data/wordnet/wn31/data.";
    private static final String GLOSS = " | ";

    private final Iterator<String> parts = List.of("noun", "verb", "adj", "adv").iterator();
    private TextLines lines;

    /**
     * A synset.
     *
     * @param lexicographerFile 0 to 44, which file of WordNet's authors it is from (WordNet's page lexnames(5))
     * @param gloss its definition and examples as they stand there
     */
    public record Synset(int lexicographerFile, String gloss) {
        /** Definition and examples, written as sentences. */
        public String text() {
            return String.join(" ", WordNetCorpus.sentences(gloss));
        }
    }

    /** The next one; null after the last. */
    public Synset next() {
        while (true) {
            if (lines == null) {
                if (!parts.hasNext()) {
                    return null;
                }
                lines = open(FOLDER + parts.next());
            }
            for (String line = lines.next(); line != null; line = lines.next()) {
                int gloss = line.startsWith(" ") ? -1 : line.indexOf(GLOSS); // the licence's lines are indented
                if (gloss >= 0) {
                    int file = line.indexOf(' ') + 1; // behind the synset's offset, two digits
                    return new Synset(
                            Integer.parseInt(line, file, file + 2, 10), line.substring(gloss + GLOSS.length()));
                }
            }
            close();
        }
    }

    private static TextLines open(String resource) {
        InputStream in = WordNetSynsets.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IllegalStateException(resource + " is not on the class path");
        }
        return new TextLines(resource, in);
    }

    @Override
    public void close() {
        if (lines != null) {
            lines.close();
            lines = null;
        }
    }
}
