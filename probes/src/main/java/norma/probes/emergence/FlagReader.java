package norma.probes.emergence;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import norma.datasets.base.Progress;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;

/** Makes the flags of a recording's chunks on several threads and hands them over in order. */
final class FlagReader {
    private static final int MOST_THREADS = 8;

    private FlagReader() {}

    /** Takes chunks in order. */
    @FunctionalInterface
    interface Taker {
        void take(ChunkFlags flags);
    }

    static void read(LayerNormRecording recording, OutlierRule rule, Progress progress, Taker taker)
            throws IOException {
        long chunks = recording.chunks().count();
        int threads = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
        ExecutorService pool = Executors.newFixedThreadPool(threads, work -> {
            Thread thread = new Thread(work, "emergence");
            thread.setDaemon(true);
            return thread;
        });
        // A maker goes with a chunk and comes back: as many chunks are under way as there are makers.
        Queue<ChunkFlags.Maker> makers = new ArrayDeque<>();
        for (int i = 0; i < 2 * threads; i++) {
            makers.add(new ChunkFlags.Maker(recording.chunks(), recording.layout(), rule));
        }
        Queue<Work> underWay = new ArrayDeque<>();
        try {
            long next = 0;
            for (long done = 0; done < chunks; done++) {
                while (next < chunks && !makers.isEmpty()) {
                    ChunkFlags.Maker maker = makers.remove();
                    long chunk = next++;
                    underWay.add(new Work(maker, pool.submit(() -> maker.make(chunk))));
                }
                Work first = underWay.remove();
                ChunkFlags flags = result(first.flags);
                makers.add(first.maker);
                progress.update("reading", flags.firstRow(), recording.size(), "steps");
                taker.take(flags);
            }
            progress.update("reading", recording.size(), recording.size(), "steps");
        } finally {
            pool.shutdownNow();
        }
    }

    private record Work(ChunkFlags.Maker maker, Future<ChunkFlags> flags) {}

    private static ChunkFlags result(Future<ChunkFlags> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading a recording", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            if (e.getCause() instanceof RuntimeException problem) {
                throw problem;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
