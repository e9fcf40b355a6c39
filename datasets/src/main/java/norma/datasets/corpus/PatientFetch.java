package norma.datasets.corpus;

import ai.djl.repository.Repository;
import ai.djl.util.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Fetches with DJL, whose connections have no timeouts, and gives up when nothing arrives for a while.
 *
 * @param name of what is fetched from, for messages
 * @param patienceMillis how long without a byte
 */
record PatientFetch(String name, long patienceMillis) {
    private static final long PATIENCE_MILLIS = 15_000;
    private static final long LOOK_EVERY_MILLIS = 100;

    /** What is done with DJL, which tells of every byte. */
    @FunctionalInterface
    interface Fetch<T> {
        /** Does it. */
        T run(Progress progress) throws IOException;
    }

    /** From a repository, with a quarter of a minute's patience. */
    PatientFetch(Repository repository) {
        this(repository.getBaseUri().toString(), PATIENCE_MILLIS);
    }

    /**
     * Runs a fetch.
     *
     * @throws IOException if it fails or stands still
     */
    <T> T call(Fetch<T> fetch) throws IOException {
        AtomicLong lastByte = new AtomicLong(System.nanoTime());
        FutureTask<T> task = new FutureTask<>(() -> fetch.run(new Heartbeat(lastByte)));
        Thread thread = new Thread(task, "fetch " + name);
        thread.setDaemon(true); // one that hangs in a connection does not keep the program alive
        thread.start();
        while (true) {
            try {
                return task.get(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (System.nanoTime() - lastByte.get() > TimeUnit.MILLISECONDS.toNanos(patienceMillis)) {
                    task.cancel(true);
                    throw (IOException) new SocketTimeoutException(
                                    "nothing arrived for " + TimeUnit.MILLISECONDS.toSeconds(patienceMillis) + " s")
                            .initCause(e);
                }
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                task.cancel(true);
                throw (IOException) new InterruptedIOException("interrupted while fetching").initCause(e);
            }
        }
    }

    private record Heartbeat(AtomicLong lastByte) implements Progress {
        @Override
        public void reset(String message, long max, String trailingMessage) {
            beat();
        }

        @Override
        public void start(long initialProgress) {
            beat();
        }

        @Override
        public void end() {
            beat();
        }

        @Override
        public void increment(long increment) {
            beat();
        }

        @Override
        public void update(long progress, String additionalMessage) {
            beat();
        }

        private void beat() {
            lastByte.set(System.nanoTime());
        }
    }
}
