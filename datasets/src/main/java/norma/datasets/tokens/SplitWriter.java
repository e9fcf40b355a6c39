package norma.datasets.tokens;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.files.FileProblem;

/** Writes the three files of a {@link TokenSplit}. */
final class SplitWriter implements Closeable {
    private final int tokenWidth;
    private final Stream tokens;
    private final Stream sentences;
    private final Stream documents;
    private long tokenCount;
    private long sentenceCount;
    private long documentCount;

    /** A file that is forced to disk when it is closed. */
    private static final class Stream implements Closeable {
        private final Path path;
        private final FileOutputStream file;
        private final OutputStream out;
        private final byte[] bytes = new byte[Long.BYTES];
        private final ByteBuffer number = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

        Stream(Path path) throws IOException {
            this.path = path;
            file = new FileOutputStream(path.toFile());
            out = new BufferedOutputStream(file, 1 << 16);
        }

        void write(long value, int width) throws IOException {
            number.putLong(0, value);
            try {
                out.write(bytes, 0, width);
            } catch (IOException e) {
                throw FileProblem.of(path, e);
            }
        }

        @Override
        public void close() throws IOException {
            try (file) {
                out.flush();
                file.getFD().sync();
            } catch (IOException e) {
                throw FileProblem.of(path, e);
            }
        }
    }

    SplitWriter(Path folder, String name, int tokenWidth) throws IOException {
        this.tokenWidth = tokenWidth;
        tokens = new Stream(folder.resolve(name + ".tokens"));
        sentences = new Stream(folder.resolve(name + ".sentences"));
        documents = new Stream(folder.resolve(name + ".documents"));
    }

    /** Appends a document and the separator; sentences without tokens are left out. */
    void document(List<int[]> sentencesOfTokens, int separator) throws IOException {
        if (sentencesOfTokens.stream().allMatch(sentence -> sentence.length == 0)) {
            return;
        }
        documents.write(sentenceCount, Long.BYTES);
        documentCount++;
        for (int[] sentence : sentencesOfTokens) {
            if (sentence.length > 0) {
                sentences.write(tokenCount, Long.BYTES);
                sentenceCount++;
                for (int token : sentence) {
                    tokens.write(token, tokenWidth);
                }
                tokenCount += sentence.length;
            }
        }
        tokens.write(separator, tokenWidth);
        tokenCount++;
    }

    long tokens() {
        return tokenCount;
    }

    long documents() {
        return documentCount;
    }

    @Override
    public void close() throws IOException {
        sentences.write(tokenCount, Long.BYTES);
        documents.write(sentenceCount, Long.BYTES);
        try (tokens;
                sentences) {
            documents.close();
        }
    }
}
