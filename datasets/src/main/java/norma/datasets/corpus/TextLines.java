package norma.datasets.corpus;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import norma.datasets.InvalidInputException;

/** The lines of a UTF-8 file, plain, gzip (.gz) or Zstandard (.zst). Bytes that are not UTF-8 are an error. */
final class TextLines implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final String name;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;
    private long offset; // of the line that comes next
    private long lineNumber;

    TextLines(Path file) {
        this(file.toString(), open(file));
    }

    TextLines(String name, InputStream in) {
        this.name = name;
        this.in = in;
    }

    private static InputStream open(Path file) {
        try {
            InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
            String fileName = file.getFileName().toString();
            if (fileName.endsWith(".gz")) {
                return new GZIPInputStream(raw, BUFFER);
            }
            return fileName.endsWith(".zst") ? new ZstdInputStream(raw) : raw;
        } catch (IOException e) {
            throw new InvalidInputException("data.paths: " + file + " cannot be read: " + e, e);
        }
    }

    /** The next line without its end; null after the last. */
    String next() {
        try {
            ByteArrayOutputStream longLine = null;
            while (true) {
                if (position == limit) {
                    limit = in.read(buffer);
                    position = 0;
                    if (limit <= 0) {
                        limit = 0;
                        return longLine == null ? null : decode(longLine.toByteArray(), 0, longLine.size(), 0);
                    }
                }
                int end = position;
                while (end < limit && buffer[end] != '\n') {
                    end++;
                }
                if (end < limit && longLine == null) {
                    String line = decode(buffer, position, end - position, 1);
                    position = end + 1;
                    return line;
                }
                longLine = longLine == null ? new ByteArrayOutputStream() : longLine;
                longLine.write(buffer, position, end - position);
                boolean ended = end < limit;
                position = ended ? end + 1 : end;
                if (ended) {
                    return decode(longLine.toByteArray(), 0, longLine.size(), 1);
                }
            }
        } catch (IOException e) {
            throw new InvalidInputException(name + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private String decode(byte[] bytes, int from, int length, int terminator) {
        lineNumber++;
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer out = CharBuffer.allocate(length);
        ByteBuffer input = ByteBuffer.wrap(bytes, from, length);
        CoderResult result = decoder.decode(input, out, true);
        if (result.isError()) {
            throw InvalidInputException.of(
                    name,
                    "line " + lineNumber + ", byte " + (offset + input.position() - from),
                    String.format("0x%02x", bytes[input.position()]),
                    "valid UTF-8");
        }
        offset += length + terminator;
        int end = out.position();
        if (end > 0 && out.get(end - 1) == '\r') {
            end--;
        }
        return new String(out.array(), 0, end);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
