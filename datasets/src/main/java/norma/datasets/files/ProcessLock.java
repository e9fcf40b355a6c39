package norma.datasets.files;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A lock between processes, and between threads of one. It goes with the process that holds it, however that ends; its
 * empty file stays.
 *
 * @param file that stands for the lock, in a folder that exists
 */
public record ProcessLock(Path file) {
    private static final long RETRY_MILLIS = 100;
    private static final Set<Path> TRIED_OR_HELD = ConcurrentHashMap.newKeySet(); // by threads of this process

    /** What is done under the lock. */
    @FunctionalInterface
    public interface Action<T> {
        /** Does it; never null. */
        T run() throws IOException;
    }

    /**
     * Takes the lock, however long that takes, and does something.
     *
     * @param waiting is told each time that another holds it
     */
    public <T> T whileHeld(Runnable waiting, Action<T> action) throws IOException {
        while (true) {
            Optional<T> result = ifFree(action);
            if (result.isPresent()) {
                return result.get();
            }
            waiting.run();
            try {
                Thread.sleep(RETRY_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("interrupted while waiting for " + file).initCause(e);
            }
        }
    }

    /** Does something under the lock; empty if another holds it. */
    public <T> Optional<T> ifFree(Action<T> action) throws IOException {
        Path path = file.toAbsolutePath().normalize();
        if (!TRIED_OR_HELD.add(path)) {
            return Optional.empty(); // closing a second channel would let go of the lock, as POSIX has it
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            // closing the channel lets go of the lock
            return isTaken(channel) ? Optional.of(action.run()) : Optional.empty();
        } finally {
            TRIED_OR_HELD.remove(path);
        }
    }

    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // another thread has it, by another path to the file
        }
    }
}
