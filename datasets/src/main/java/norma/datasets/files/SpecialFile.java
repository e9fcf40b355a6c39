package norma.datasets.files;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;

/**
 * What stands in a folder like a file and holds no data of its own: named pipes, sockets, devices. Whoever reads one
 * waits for another process, maybe for ever, or finds no end.
 */
public final class SpecialFile {
    private static final int TYPE = 0170000; // of st_mode, stat(2)
    private static final int PIPE = 0010000;
    private static final int SOCKET = 0140000;

    private SpecialFile() {}

    /** What a path leads to, links followed, such as {@code a named pipe}; empty for a file, a folder or nothing. */
    public static Optional<String> kind(Path path) {
        try {
            if (!Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
                return Optional.empty();
            }
            boolean unix =
                    FileSystems.getDefault().supportedFileAttributeViews().contains("unix");
            int type = unix ? (int) Files.getAttribute(path, "unix:mode") & TYPE : 0;
            return Optional.of(type == PIPE ? "a named pipe" : type == SOCKET ? "a socket" : "a device");
        } catch (IOException e) {
            return Optional.empty(); // not there, or not to be looked at: whoever opens it says so
        }
    }

    /**
     * Refuses a folder that one of them lies in, of whatever name: a model's files are files.
     *
     * @param expected what the folder should be, for messages
     * @throws InvalidInputException if there is one
     */
    public static void refuseInside(Path folder, String expected) {
        try (Stream<Path> inside = Files.list(folder)) {
            inside.sorted().forEach(path -> refuse(path, expected));
        } catch (IOException e) {
            return; // no folder, or not to be looked at: whoever reads it says so
        }
    }

    /**
     * Refuses such a path before it is opened.
     *
     * @param expected what it should be, for messages
     * @throws InvalidInputException if it is one
     */
    public static void refuse(Path path, String expected) {
        kind(path).ifPresent(kind -> {
            throw new InvalidInputException(path + ": is " + kind + ", expected " + expected);
        });
    }
}
