package norma.datasets.corpus;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;
import norma.datasets.base.InvalidInputException;

/**
 * How much a compressed file becomes. Text shrinks to a third or a tenth, repeated over and over to a hundredth; what
 * grows to more than 500 times its size, and is large then, was made to fill disks and memories.
 */
final class Inflation {
    private static final long HARMLESS = 1L << 28; // bytes, however little they came from
    private static final long MOST = 500;

    private final Path file;
    private boolean compressed;
    private long consumed;
    private long produced;

    /** Of a file that nothing was read of. */
    Inflation(Path file) {
        this.file = file;
    }

    /** The compressed file's bytes, which are counted as they are read. */
    InputStream counting(InputStream in) {
        compressed = true;
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                int read = super.read();
                consumed += read < 0 ? 0 : 1;
                return read;
            }

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                int read = super.read(into, from, length);
                consumed += Math.max(0, read);
                return read;
            }
        };
    }

    /** Notes that more bytes came out of it. */
    void produced(int bytes) {
        produced += bytes;
        refuseBomb(HARMLESS);
    }

    /** Refuses a file that has grown far beyond its size, if it has reached {@code harmless} bytes. */
    void refuseBomb(long harmless) {
        if (compressed && produced >= harmless && produced > MOST * consumed) {
            throw new InvalidInputException(String.format(
                    Locale.ROOT,
                    "%s: %,d bytes of it have become %,d, a decompression bomb, expected compressed text",
                    file,
                    consumed,
                    produced));
        }
    }
}
