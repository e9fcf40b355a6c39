package norma.datasets.corpus;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import norma.datasets.base.InvalidInputException;

/**
 * The lines of a UTF-8 file, plain, gzip (.gz) or Zstandard (.zst), without a byte-order mark. A line ends with LF or
 * CRLF; in a file whose first 64 KiB have CR and no LF, with CR, as old Macs wrote it. Bytes that are not UTF-8 are an
 * error.
 */
public final class TextLines implements AutoCloseable {
    /** Bytes of a line, characters of a document: what is held in memory at once. */
    static final int LONGEST = 1 << 26;

    private static final int BUFFER = 1 << 16;
    private static final char REPLACEMENT = '\uFFFD'; // what Java's quick decoder puts for a malformed byte
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final String name;
    private final InputStream in;
    private final Inflation inflation;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;
    private long offset; // of the line that comes next, in the uncompressed text
    private long lineNumber;
    private boolean begun;
    private byte lineEnd = '\n';

    /**
     * Of a file.
     *
     * @throws InvalidInputException if it cannot be read
     */
    public TextLines(Path file) {
        this(file, new Inflation(file));
    }

    private TextLines(Path file, Inflation inflation) {
        this.name = file.toString();
        this.inflation = inflation;
        this.in = open(file, inflation);
    }

    TextLines(String name, InputStream in) {
        this.name = name;
        this.inflation = new Inflation(null);
        this.in = in;
    }

    private static InputStream open(Path file, Inflation inflation) {
        String fileName = file.getFileName().toString();
        boolean gzip = fileName.endsWith(".gz");
        boolean zstandard = fileName.endsWith(".zst");
        try {
            if ((gzip || zstandard) && Files.size(file) == 0) {
                throw new InvalidInputException(
                        file + ": is empty, expected " + (gzip ? "gzip" : "Zstandard") + " data, as its name says");
            }
            InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER);
            try {
                if (gzip) {
                    return new GZIPInputStream(inflation.counting(raw), BUFFER);
                }
                return zstandard ? new ZstdInputStream(inflation.counting(raw)) : raw;
            } catch (IOException e) {
                raw.close();
                throw e;
            }
        } catch (IOException e) {
            throw InputFiles.unreadable(file.toString(), e);
        }
    }

    /** What messages call the file. */
    String name() {
        return name;
    }

    /** The number of the line that came last, from 1. */
    public long lineNumber() {
        return lineNumber;
    }

    /** The next line without its end; null after the last. */
    public String next() {
        try {
            ByteArrayOutputStream longLine = null; // what earlier buffers held of the line
            while (true) {
                if (position == limit && !fill()) {
                    return longLine == null ? null : decode(longLine.toByteArray(), 0, longLine.size(), 0);
                }
                int start = position;
                int end = start;
                while (end < limit && buffer[end] != lineEnd) {
                    end++;
                }
                boolean ended = end < limit;
                position = ended ? end + 1 : end;
                if (ended && longLine == null) {
                    return decode(buffer, start, end - start, 1);
                }
                longLine = longLine == null ? new ByteArrayOutputStream() : longLine;
                longLine.write(buffer, start, end - start);
                if (ended) {
                    return decode(longLine.toByteArray(), 0, longLine.size(), 1);
                }
                if (longLine.size() > LONGEST) {
                    inflation.refuseBomb(longLine.size());
                    throw endless(longLine.toByteArray());
                }
            }
        } catch (IOException e) {
            throw InputFiles.unreadable(name, e);
        }
    }

    private InvalidInputException endless(byte[] line) {
        boolean alike = true;
        for (byte each : line) {
            alike &= each == line[0];
        }
        String found = alike
                ? String.format("the byte 0x%02x %d times in a row", line[0], line.length)
                : "a line of more than " + LONGEST + " bytes";
        return InvalidInputException.of(name, "line " + (lineNumber + 1), found, "text with line ends");
    }

    /** What to say about a document that is not held in memory. */
    InvalidInputException tooLong(String found) {
        return InvalidInputException.of(
                name, "line " + (lineNumber + 1), found, "documents: paragraph and blank lines between paragraphs");
    }

    private boolean fill() throws IOException {
        limit = begun ? Math.max(0, in.read(buffer)) : in.readNBytes(buffer, 0, BUFFER);
        position = 0;
        if (!begun) {
            begun = true;
            lineEnd = (byte) (endsLinesWithCr() ? '\r' : '\n');
        }
        inflation.produced(limit);
        return limit > 0;
    }

    private boolean endsLinesWithCr() {
        boolean cr = false;
        for (int i = 0; i < limit; i++) {
            if (buffer[i] == '\n') {
                return false;
            }
            cr |= buffer[i] == '\r' && i + 1 < BUFFER; // an LF may follow the last byte
        }
        return cr;
    }

    private String decode(byte[] bytes, int from, int length, int terminator) {
        String line = new String(bytes, from, length, StandardCharsets.UTF_8);
        if (line.indexOf(REPLACEMENT) >= 0) { // malformed, or it stands in the text
            requireValid(ByteBuffer.wrap(bytes, from, length), from);
        }
        if (lineNumber == 0 && line.startsWith(BYTE_ORDER_MARK)) {
            line = line.substring(1);
        }
        lineNumber++;
        offset += length + terminator;
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    private void requireValid(ByteBuffer bytes, int from) {
        CharBuffer out = CharBuffer.allocate(bytes.remaining());
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(bytes, out, true);
        if (result.isError()) {
            throw InvalidInputException.of(
                    name,
                    "line " + (lineNumber + 1) + ", byte " + (offset + bytes.position() - from),
                    String.format("0x%02x", bytes.get(bytes.position())),
                    "valid UTF-8");
        }
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
