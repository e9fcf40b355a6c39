package norma.datasets.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import norma.datasets.base.InvalidInputException;

/** Files of UTF-8 that are read whole: configurations, tokenizers, our own JSON. */
public final class TextFile {
    /** Bytes of the longest file that is read whole. */
    public static final int LONGEST = 1 << 30;

    private TextFile() {}

    /**
     * The text of a file.
     *
     * @param expected what it should be, for messages, such as {@code a run's configuration in YAML}
     * @throws InvalidInputException if it is missing, no regular file, cannot be read, or holds bytes that are not
     *     UTF-8: the first of them is named with its line
     */
    public static String read(Path file, String expected) {
        return decode(bytes(file, expected), file.toString(), expected);
    }

    /**
     * The bytes of a file that is to be read whole.
     *
     * @param expected what it should be, for messages
     * @throws InvalidInputException if it is missing, no regular file, longer than {@value #LONGEST} bytes, or cannot
     *     be read
     */
    public static byte[] bytes(Path file, String expected) {
        if (!Files.exists(file)) {
            throw new InvalidInputException(file + ": no such file, expected " + expected);
        }
        SpecialFile.refuse(file, expected);
        if (Files.isDirectory(file)) {
            throw new InvalidInputException(file + ": is a folder, expected " + expected);
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LONGEST);
            if (in.read() >= 0) {
                throw new InvalidInputException(file + ": has more than " + LONGEST + " bytes, expected " + expected);
            }
            return bytes;
        } catch (IOException e) {
            throw new InvalidInputException(
                    file + ": cannot be read: " + FileProblem.reason(e) + ", expected " + expected, e);
        }
    }

    /**
     * Bytes as text, a byte-order mark at its start left out.
     *
     * @param source where they come from, for messages
     * @param expected what it should be, for messages
     * @throws InvalidInputException if they are not UTF-8, or {@linkplain MistakenContent something else altogether}
     */
    public static String decode(byte[] bytes, String source, String expected) {
        MistakenContent.refuse(bytes, source, expected);
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        if (result.isUnderflow()) {
            decoder.flush(out);
            String text = out.flip().toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        }
        int at = in.position();
        long line = 1;
        for (int i = 0; i < at; i++) {
            line += bytes[i] == '\n' ? 1 : 0;
        }
        throw new InvalidInputException(String.format(
                Locale.ROOT,
                "%s: line %d: the byte 0x%02x, at offset %d, is not UTF-8, expected %s",
                source,
                line,
                bytes[at] & 0xff,
                at,
                expected));
    }
}
