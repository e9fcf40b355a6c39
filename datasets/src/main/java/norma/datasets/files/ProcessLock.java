package norma.datasets.files;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
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
    private static final Set<Object> TRIED_OR_HELD = ConcurrentHashMap.newKeySet(); // by threads of this process

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
        try (Held held = take().orElse(null)) {
            return held == null ? Optional.empty() : Optional.of(action.run());
        }
    }

    /**
     * Takes the lock until it is closed; empty if another holds it. The file is known by what it is, not by how it is
     * spelt: a second channel to it, through a link perhaps, would let go of the lock when it is closed, as POSIX has
     * it.
     */
    public Optional<Held> take() throws IOException {
        Object identity = identity();
        if (!TRIED_OR_HELD.add(identity)) {
            return Optional.empty();
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.WRITE);
            if (channel.tryLock() != null) {
                return Optional.of(new Held(channel, identity));
            }
        } catch (IOException | RuntimeException e) {
            release(channel, identity);
            throw e;
        }
        release(channel, identity);
        return Optional.empty();
    }

    /** The file's number on its device; the file is made if it is not there, while no other thread looks for it. */
    private Object identity() throws IOException {
        synchronized (TRIED_OR_HELD) {
            if (!Files.exists(file)) {
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)
                        .close();
            }
        }
        Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        return key == null ? file.toRealPath() : key;
    }

    private static void release(FileChannel channel, Object identity) throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            TRIED_OR_HELD.remove(identity);
        }
    }

    /** A lock that was taken. */
    public static final class Held implements AutoCloseable {
        private final FileChannel channel;
        private final Object identity;

        private Held(FileChannel channel, Object identity) {
            this.channel = channel;
            this.identity = identity;
        }

        /** Lets go of it. */
        @Override
        public void close() throws IOException {
            if (channel.isOpen()) {
                release(channel, identity);
            }
        }
    }
}
