package norma.cli.terminal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The command line as the system has it. Java decodes arguments, and encodes the names of files, in the character set
 * of the locale; what that does not have becomes a question mark, and a text or a path another one.
 */
public final class ArgumentBytes {
    private static final Path COMMAND_LINE =
            Path.of("/proc/self/cmdline"); // Linux; macOS has UTF-8 whatever the locale

    private ArgumentBytes() {}

    /** What to say if Java could not read one of the last {@code count} arguments of this process. */
    public static Optional<String> problem(int count) {
        if (!Files.isReadable(COMMAND_LINE)) {
            return Optional.empty();
        }
        try {
            return problem(Files.readAllBytes(COMMAND_LINE), count, System.getProperty("sun.jnu.encoding"));
        } catch (IOException e) {
            return Optional.empty(); // a system that tells nothing
        }
    }

    /**
     * The same of a given command line.
     *
     * @param commandLine words, each followed by a NUL
     * @param charset that Java decoded them in
     */
    static Optional<String> problem(byte[] commandLine, int count, String charset) {
        List<byte[]> words = words(commandLine);
        for (int i = 0; i < count && count <= words.size(); i++) {
            try {
                Charset.forName(charset).newDecoder().decode(ByteBuffer.wrap(words.get(words.size() - count + i)));
            } catch (CharacterCodingException e) {
                return Optional.of("command line: argument " + (i + 1) + ": found bytes that the character set of the"
                        + " locale, " + charset + ", does not have, expected a UTF-8 locale and UTF-8 text"
                        + " (LC_ALL=C.UTF-8, for instance; locale -a lists those there are)");
            }
        }
        return Optional.empty();
    }

    private static List<byte[]> words(byte[] commandLine) {
        List<byte[]> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < commandLine.length; i++) {
            if (commandLine[i] == 0) {
                words.add(Arrays.copyOfRange(commandLine, start, i));
                start = i + 1;
            }
        }
        return words;
    }
}
