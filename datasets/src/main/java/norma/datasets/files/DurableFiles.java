package norma.datasets.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Writing that survives a kill or a power cut: what has its final name is whole and on disk. */
public final class DurableFiles {
    private DurableFiles() {}

    /**
     * Writes a file under another name, forces it to disk and renames it; a file of that name is replaced.
     *
     * @throws java.nio.file.FileSystemException naming the file, or the folder that cannot be written; then whatever
     *     was there before is there still
     */
    public static void write(Path file, byte[] bytes) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) { // a device would be replaced too
            throw new FileSystemException(file.toString(), null, "is no regular file");
        }
        Path folder = file.toAbsolutePath().getParent();
        Path temporary = unused(folder, ".writing-");
        try {
            Files.createFile(temporary);
        } catch (IOException e) {
            boolean nameless = file.getParent() == null;
            throw FileProblem.of(FileProblem.isForbidden(e) && !nameless ? file.getParent() : file, e);
        }
        try {
            Files.write(temporary, bytes);
            sync(temporary);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder(folder);
        } catch (IOException e) {
            throw FileProblem.of(file, e);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** The same with a text, in UTF-8. */
    public static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** An empty folder to write in before it is published, with the permissions that any new folder gets. */
    public static Path createFolder(Path parent, String prefix) throws IOException {
        try {
            return Files.createDirectory(unused(parent, prefix));
        } catch (IOException e) {
            throw FileProblem.of(parent, e);
        }
    }

    /** Unlike {@code Files.createTempFile}'s, whose permissions are the owner's alone, it is to be created as usual. */
    private static Path unused(Path folder, String prefix) {
        return folder.resolve(prefix + UUID.randomUUID());
    }

    /** Gives a finished folder its final name, where nothing may be; its files must be on disk already. */
    public static void publish(Path temporary, Path target) throws IOException {
        syncFolder(temporary);
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        syncFolder(target.toAbsolutePath().getParent());
    }

    /** Forces a file's content to disk. */
    public static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Makes the renames and removals in a folder last. */
    public static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Deletes a file or a folder with all that is in it; nothing there is fine. */
    public static void delete(Path path) throws IOException {
        List<Path> all;
        try (Stream<Path> found = Files.walk(path)) {
            all = found.sorted(Comparator.reverseOrder()).toList();
        } catch (NoSuchFileException e) {
            return;
        }
        for (Path each : all) {
            Files.deleteIfExists(each);
        }
    }
}
