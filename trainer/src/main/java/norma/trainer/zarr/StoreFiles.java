package norma.trainer.zarr;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.FileProblem;

/**
 * The files of a store. Each is whole or not there, as with {@link DurableFiles}; but a folder is forced to disk once
 * for all that was renamed in it, because a store has many files.
 */
final class StoreFiles {
    private static final String TEMPORARY = ".tmp";

    private StoreFiles() {}

    /**
     * Replaces a file: temporary file, fsync, rename. The rename itself lasts once {@link DurableFiles#syncFolder}
     * returned.
     *
     * @throws java.nio.file.FileSystemException naming the file
     */
    static void replace(Path file, ByteBuffer content) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY);
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                while (content.hasRemaining()) {
                    channel.write(content);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException cleaning) {
                e.addSuppressed(cleaning);
            }
            throw FileProblem.of(file, e);
        }
    }

    /** Removes what an interrupted {@link #replace} may have left in a folder. */
    static void removeTemporaries(Path folder) throws IOException {
        for (Path entry : entries(folder)) {
            if (entry.getFileName().toString().endsWith(TEMPORARY)) {
                Files.delete(entry);
            }
        }
    }

    /** The entries of a folder. */
    static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }
}
