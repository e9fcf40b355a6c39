package norma.trainer.layernorm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import norma.datasets.base.InvalidInputException;

/**
 * Records every LayerNorm's weight and bias into {@code layernorm.zarr} on a background thread.
 *
 * <p>The training thread only hands the snapshot over. At most 64 wait; when the disk is slower than the training,
 * {@link #record} waits for room. Rows become durable and visible to readers when a chunk of 50 is full, 10 seconds
 * after the last time, and on {@link #flush}. A kill at any moment loses at most what came since then, and leaves a
 * store that opens and that {@link #open} can continue.
 *
 * <p>After a failed write nothing more is written: this call or the next one, and every one after that, throws
 * {@link UncheckedIOException} with the failure as its cause. One thread uses it.
 */
public final class LayerNormRecorder implements AutoCloseable {
    /**
     * Size on disk over size in memory with byte shuffle and zstd level 1, rounded up: 0.67 was measured on a run of 2
     * layers, 128 wide, over 10,000 steps (weights 0.54, biases 0.80).
     */
    static final double COMPRESSED_SHARE = 0.70;

    private static final int QUEUE_CAPACITY = 64;
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long POLL_MILLIS = 200;
    private static final int FILE_BLOCK = 4096;

    private final Path folder;
    private final LayerNormStore store;
    private final SnapshotLayout layout;
    private final int every;
    private final BlockingQueue<Task> queue = new ArrayBlockingQueue<>(QUEUE_CAPACITY);
    private final Thread thread;
    private volatile Throwable failure;
    private long nextStep;
    private boolean closed;

    private LayerNormRecorder(Path folder, LayerNormStore store, SnapshotLayout layout, int every) {
        this.folder = folder;
        this.store = store;
        this.layout = layout;
        this.every = every;
        nextStep = store.rows() * every;
        thread = new Thread(this::work, "layernorm-recorder");
        thread.setDaemon(true); // a failing run must not hang on it; close() waits for it
        thread.start();
    }

    /**
     * Opens a store for writing.
     *
     * @param layernormZarr the store's folder
     * @param layout of the model's sites
     * @param every record step 0 and every so many steps
     * @param resume whether to go on with a store that exists (or make it, if the run was killed before it was there);
     *     otherwise it must not exist
     * @throws InvalidInputException when it exists and should not, or was recorded from another model, or is damaged
     */
    public static LayerNormRecorder open(Path layernormZarr, SnapshotLayout layout, int every, boolean resume) {
        return open(layernormZarr, layout, every, resume, Map.of());
    }

    /**
     * The same with what the recording's attributes say of its run.
     *
     * @param run texts by attribute, such as {@code run} and {@code config_sha256}
     */
    public static LayerNormRecorder open(
            Path layernormZarr, SnapshotLayout layout, int every, boolean resume, Map<String, String> run) {
        if (every < 1) {
            throw new IllegalArgumentException("every " + every + " is not positive");
        }
        try {
            boolean exists = Files.exists(layernormZarr);
            if (exists && !resume) {
                throw new InvalidInputException(layernormZarr + ": exists, expected a new recording");
            }
            LayerNormStore store = exists
                    ? LayerNormStore.open(layernormZarr, layout, every, run)
                    : LayerNormStore.create(layernormZarr, layout, every, run);
            return new LayerNormRecorder(layernormZarr, store, layout, every);
        } catch (IOException e) {
            throw failed(layernormZarr, e);
        }
    }

    /**
     * Reads a recording whole up to a step, as a run must before it goes on from there.
     *
     * @param layernormZarr the store's folder
     * @param layout of the model's sites
     * @param lastStep that the run goes on from
     * @return the {@link RecordingDigest} up to that step
     * @throws InvalidInputException naming the file of it that is missing or damaged, or what is not as it should be
     */
    public static String requireWhole(Path layernormZarr, SnapshotLayout layout, int every, long lastStep)
            throws IOException {
        return LayerNormStore.requireWhole(layernormZarr, layout, every, lastStep);
    }

    /**
     * An estimate of the disk that a recording takes: 4 bytes for each value of each row, of which 70 % remain after
     * compression (67 % were measured), plus half a file-system block of 4 KiB for each chunk file. The NaN of sites
     * that are narrower than others, or lack a vector, compress to next to nothing.
     *
     * @param layout of the sites
     * @param steps length of the run
     */
    public static long bytesNeeded(SnapshotLayout layout, long steps, int every) {
        long rows = steps / every + 1;
        long chunks = (rows + LayerNormStore.CHUNK_STEPS - 1) / LayerNormStore.CHUNK_STEPS;
        double raw = (double) rows * ((long) layout.values() * Float.BYTES);
        return (long) (raw * COMPRESSED_SHARE) + chunks * FILE_BLOCK;
    }

    /** Whether a step is one of those recorded. */
    public boolean records(long step) {
        return step % every == 0;
    }

    /**
     * Hands a snapshot over; a step that is not recorded is ignored.
     *
     * @param step the next step that {@link #records}, after the last one recorded
     * @param snapshot of the layout; not to be changed any more. What it holds in places of no value is not read
     */
    public void record(long step, float[] snapshot) {
        throwIfFailed();
        if (!records(step)) {
            return;
        }
        layout.require(snapshot);
        if (step != nextStep) {
            throw new IllegalArgumentException("step " + step + " where step " + nextStep + " comes next in " + folder);
        }
        submit(new Snapshot(step, snapshot));
        nextStep = step + every;
    }

    /** Returns when all that was recorded is durable and visible to readers. */
    public void flush() {
        perform(LayerNormStore::commit);
    }

    /** The {@link RecordingDigest} of all that was recorded, which is durable and visible to readers then. */
    public String sha256() {
        AtomicReference<String> sum = new AtomicReference<>();
        perform(s -> {
            s.commit();
            sum.set(s.sha256());
        });
        return sum.get();
    }

    /**
     * Drops everything after a step, for a run that goes on from there.
     *
     * @throws InvalidInputException when the recording does not reach up to that step
     */
    public void truncateAfter(long step) {
        perform(s -> s.truncateAfter(step));
        nextStep = (Math.floorDiv(step, every) + 1) * every;
    }

    /** Writes what is left and ends the background thread. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Request last = new Request(LayerNormStore::commit, true);
        submitOrFail(last);
        await(last);
        throwIfFailed();
    }

    private void perform(StoreAction action) {
        throwIfFailed();
        Request request = new Request(action, false);
        submit(request);
        await(request);
        if (request.refusal != null) {
            throw request.refusal;
        }
        throwIfFailed();
    }

    private void await(Request request) {
        try {
            request.done.await();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private void submit(Task task) {
        if (closed) {
            throw new IllegalStateException(folder + ": the recorder is closed");
        }
        submitOrFail(task);
    }

    private void submitOrFail(Task task) {
        try {
            queue.put(task); // the thread takes tasks until the last one, failed or not
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while recording", e);
    }

    private void throwIfFailed() {
        if (failure != null) {
            throw failed(folder, failure);
        }
    }

    private static UncheckedIOException failed(Path folder, Throwable cause) {
        IOException io = cause instanceof IOException e ? e : new IOException(cause);
        return new UncheckedIOException(folder + ": recording failed: " + cause.getMessage(), io);
    }

    private void work() {
        long lastCommit = System.nanoTime();
        boolean last = false;
        while (!last) {
            Task task = null;
            try {
                task = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (failure == null) {
                    if (task instanceof Snapshot snapshot) {
                        store.append(snapshot.step, snapshot.values);
                    } else if (task instanceof Request request) {
                        request.perform(store);
                    }
                    if (!store.hasUncommitted()) {
                        lastCommit = System.nanoTime();
                    } else if (System.nanoTime() - lastCommit > FLUSH_NANOS) {
                        store.commit();
                        lastCommit = System.nanoTime();
                    }
                }
            } catch (Throwable e) { // whatever it is, the training thread has to learn of it
                failure = e;
            }
            if (task instanceof Request request) {
                last = request.last;
                request.done.countDown();
            }
        }
    }

    private sealed interface Task {}

    @SuppressWarnings("ArrayRecordComponent") // a hand-over, never compared
    private record Snapshot(long step, float[] values) implements Task {}

    private static final class Request implements Task {
        private final StoreAction action;
        private final boolean last;
        private final CountDownLatch done = new CountDownLatch(1);
        private InvalidInputException refusal; // published by the latch

        Request(StoreAction action, boolean last) {
            this.action = action;
            this.last = last;
        }

        void perform(LayerNormStore store) throws IOException {
            try {
                action.perform(store);
            } catch (InvalidInputException e) {
                refusal = e;
            }
        }
    }

    @FunctionalInterface
    private interface StoreAction {
        void perform(LayerNormStore store) throws IOException;
    }
}
