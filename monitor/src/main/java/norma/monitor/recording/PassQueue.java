package norma.monitor.recording;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import norma.datasets.base.InvalidInputException;

/** Reads long recordings in the background, the one asked for last before the others. */
final class PassQueue implements AutoCloseable {
    /** Chunks after which another one may come first. */
    private static final int SLICE = 32;

    /** So long a new one waits: the page that made it necessary is asking for more at this moment. */
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(500);

    private final List<EnvelopePass> waiting = new ArrayList<>();
    private final Consumer<EnvelopePass> progressed;
    private final Thread thread;
    private long notBefore = System.nanoTime();
    private boolean closed;

    /** With what is to be told of a pass after each slice of it, the last one too. */
    PassQueue(Consumer<EnvelopePass> progressed) {
        this.progressed = progressed;
        thread = new Thread(this::work, "monitor-recordings");
        thread.setDaemon(true);
        thread.start();
    }

    synchronized void add(EnvelopePass pass) {
        if (!waiting.remove(pass)) {
            notBefore = System.nanoTime() + PATIENCE;
        }
        waiting.add(pass);
        notifyAll();
    }

    synchronized void remove(EnvelopePass pass) {
        waiting.remove(pass);
    }

    private synchronized EnvelopePass newest() throws InterruptedException {
        while (!closed && (waiting.isEmpty() || notBefore > System.nanoTime())) {
            long left = TimeUnit.NANOSECONDS.toMillis(notBefore - System.nanoTime());
            wait(waiting.isEmpty() ? 0 : Math.max(1, left));
        }
        return closed ? null : waiting.get(waiting.size() - 1);
    }

    private void work() {
        try {
            for (EnvelopePass pass = newest(); pass != null; pass = newest()) {
                boolean ended = false;
                try {
                    for (int chunk = 0; chunk < SLICE && !ended; chunk++) {
                        ended = pass.advance(1); // in between others get at it
                    }
                } catch (IOException | InvalidInputException e) {
                    ended = true; // whoever asks for it next reads on, and is told
                }
                if (ended) {
                    remove(pass);
                }
                progressed.accept(pass);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        thread.interrupt();
        notifyAll();
    }
}
