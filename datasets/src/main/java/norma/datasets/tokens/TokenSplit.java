package norma.datasets.tokens;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The token ids of one split: documents one after the other, each followed by the separator, with the places where
 * sentences start.
 */
public final class TokenSplit {
    private final MappedFile tokens;
    private final MappedFile sentences; // first token of each sentence, and the end
    private final MappedFile documents; // first sentence of each document, and the end

    TokenSplit(Path folder, String name, int tokenWidth) throws IOException {
        List<String> files = files(name);
        tokens = new MappedFile(folder.resolve(files.get(0)), tokenWidth);
        sentences = new MappedFile(folder.resolve(files.get(1)), Long.BYTES);
        documents = new MappedFile(folder.resolve(files.get(2)), Long.BYTES);
    }

    /** The files of a split: tokens, sentences, documents. */
    static List<String> files(String name) {
        return List.of(name + ".tokens", name + ".sentences", name + ".documents");
    }

    /** Tokens, separators included. */
    public long tokens() {
        return tokens.size();
    }

    /** Documents. */
    public long documents() {
        return documents.size() - 1;
    }

    /** Sentences; a document is one sentence where sentences were not asked for. */
    public long sentences() {
        return sentences.size() - 1;
    }

    /** Copies tokens {@code from … from + length - 1} into an array. */
    public void copy(long from, int[] target, int offset, int length) {
        for (int i = 0; i < length; i++) {
            target[offset + i] = (int) tokens.get(from + i);
        }
    }

    /**
     * How often each token occurs. Reads the whole split: about a second for 100 million tokens.
     *
     * @param vocabulary ids are below
     */
    public long[] counts(int vocabulary) {
        long[] counts = new long[vocabulary];
        for (long i = 0; i < tokens.size(); i++) {
            counts[(int) tokens.get(i)]++;
        }
        return counts;
    }

    /** Position of a sentence's first token. */
    public long sentenceStart(long sentence) {
        return sentences.get(sentence);
    }

    /** Position behind a sentence's last token; the separator behind a document belongs to no sentence. */
    public long sentenceEnd(long sentence) {
        return sentenceEnd(sentence, documentOf(sentence));
    }

    /** The same of a sentence whose document is known. */
    public long sentenceEnd(long sentence, long document) {
        boolean last = documents.get(document + 1) == sentence + 1;
        return sentences.get(sentence + 1) - (last ? 1 : 0);
    }

    /** The first sentence of a document; of the document behind the last, the number of sentences. */
    public long firstSentence(long document) {
        return documents.get(document);
    }

    /** Position behind a document's last token, which is that of its separator. */
    public long documentEnd(long document) {
        return sentences.get(documents.get(document + 1)) - 1;
    }

    /** The document of a sentence. */
    public long documentOf(long sentence) {
        long low = 0;
        long high = documents.size() - 1;
        while (low < high) { // the first document that starts behind the sentence
            long middle = (low + high) >>> 1;
            if (documents.get(middle) <= sentence) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }
}
