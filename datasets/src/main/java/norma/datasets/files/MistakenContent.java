package norma.datasets.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import norma.datasets.base.InvalidInputException;

/**
 * What a file is when it is not what its name says. Downloads go wrong in few ways: a repository was cloned without its
 * large files, or a server answered with a page or a sentence instead of the file, which was kept under the file's
 * name.
 */
public final class MistakenContent {
    private static final String LFS = "version https://git-lfs.github.com/spec/";
    private static final int START = 1024; // bytes that tell
    private static final Pattern ANSWER = Pattern.compile(
            "(\\d{3}:? )?(((entry|repository|file|page|revision) )?not found|access denied|forbidden|unauthori[sz]ed"
                    + "|invalid (username or password|credentials)[^\n]*)[.!]?",
            Pattern.CASE_INSENSITIVE);

    private MistakenContent() {}

    /**
     * Refuses bytes that are one of these, whatever file they are in.
     *
     * @param bytes the whole file, or at least its first kilobyte
     * @param source the file, for messages
     * @param expected what it should be, for messages
     * @throws InvalidInputException naming what they are
     */
    public static void refuse(byte[] bytes, String source, String expected) {
        refuse(text(bytes).or(() -> binary(bytes)), source, expected);
    }

    /**
     * The same for a file of numbers, of which any bytes may be the first; text is told from them.
     *
     * @param in at the file's start, where it is left; it has to support marks
     */
    public static void refuseText(InputStream in, String source, String expected) throws IOException {
        in.mark(START);
        byte[] bytes = in.readNBytes(START);
        in.reset();
        refuse(text(bytes), source, expected);
    }

    private static void refuse(Optional<String> found, String source, String expected) {
        found.ifPresent(what -> {
            throw new InvalidInputException(source + ": is " + what + ", expected " + expected);
        });
    }

    /** Pointers and answers, which are text. */
    private static Optional<String> text(byte[] bytes) {
        String start = start(bytes);
        String text = start.replaceFirst("^\u00ef\u00bb\u00bf", "").strip();
        String lower = text.toLowerCase(Locale.ROOT);
        if (text.startsWith(LFS)) {
            return Optional.of("a Git LFS pointer instead of the file (git lfs pull fetches it)");
        } else if (lower.startsWith("<!doctype html") || lower.startsWith("<html")) {
            return Optional.of("an HTML page, such as a download's error page");
        } else if (lower.startsWith("<?xml") || lower.startsWith("<error>")) {
            return Optional.of("XML, such as a download's error message");
        } else if (bytes.length < START && ANSWER.matcher(text).matches()) {
            return Optional.of("a server's answer, \"" + text + '"');
        }
        return Optional.empty();
    }

    private static Optional<String> binary(byte[] bytes) {
        String start = start(bytes);
        if (start.startsWith("PK\u0003\u0004")) {
            return Optional.of("a zip archive, as PyTorch's pickled weights are");
        } else if (start.startsWith("\u001f\u008b\b")) {
            return Optional.of("compressed with gzip");
        } else if (start.startsWith("\u00ff\u00fe") || start.startsWith("\u00fe\u00ff")) {
            return Optional.of("text in UTF-16");
        } else if (start.matches("(?s)\u0080[\u0002-\u0005].*")) {
            return Optional.of("a Python pickle");
        }
        return Optional.empty();
    }

    private static String start(byte[] bytes) {
        return new String(bytes, 0, Math.min(bytes.length, START), StandardCharsets.ISO_8859_1);
    }
}
