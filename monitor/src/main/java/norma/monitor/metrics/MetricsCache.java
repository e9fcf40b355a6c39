package norma.monitor.metrics;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The metrics of the runs that are looked at, as many as fit into a bound of memory. A long file is read in the
 * background, and sampled until that is done. Several threads may use it.
 */
public final class MetricsCache {
    private static final long MOST_BYTES = 64L << 20;
    /** Bytes of a file that is read at once: a tenth of a second. */
    private static final long READ_AT_ONCE = 16L << 20;

    private static final int SAMPLE = 800;
    private static final long PATIENCE_MILLIS = 500;

    private final Executor background;
    private final Consumer<Path> completed;
    private final Map<Path, MetricsHistory> all = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<Path> underWay = new HashSet<>();
    private final Map<Path, MetricsHistory> samples = new HashMap<>(); // of those under way

    /**
     * An empty one.
     *
     * @param background where long files are read
     * @param completed told of a file that has been read there
     */
    public MetricsCache(Executor background, Consumer<Path> completed) {
        this.background = background;
        this.completed = completed;
    }

    /**
     * A run's metrics, read to the end; or a sample of them if the file is long and was not looked at before.
     *
     * @param history what has been read
     * @param complete whether that is all of the file
     */
    public record View(MetricsHistory history, boolean complete) {
        /** As columns of at most so many rows. */
        public ObjectNode json(int points) {
            ObjectNode json = history.json(points);
            json.put("complete", complete);
            return json;
        }
    }

    /** The metrics of a file. */
    public View view(Path file) throws IOException {
        MetricsHistory known = known(file);
        if (known == null && Files.exists(file) && Files.size(file) > READ_AT_ONCE) {
            readInBackground(file);
            return new View(sample(file), false);
        }
        return new View(whole(file), true);
    }

    /** The metrics of a file, read to the end however long that takes. */
    public MetricsHistory whole(Path file) {
        MetricsHistory known = known(file);
        MetricsHistory history = known == null ? new MetricsHistory(file) : known;
        history.readOn();
        keep(file, history);
        return history;
    }

    /** The metrics of a file that were read before; null if they were not. */
    public synchronized MetricsHistory known(Path file) {
        return all.get(file);
    }

    private synchronized void keep(Path file, MetricsHistory history) {
        all.put(file, history);
        long bytes = all.values().stream().mapToLong(MetricsHistory::bytes).sum();
        Iterator<Map.Entry<Path, MetricsHistory>> eldest = all.entrySet().iterator();
        while (bytes > MOST_BYTES && all.size() > 1) {
            bytes -= eldest.next().getValue().bytes();
            eldest.remove();
        }
    }

    private MetricsHistory sample(Path file) throws IOException {
        MetricsHistory known;
        synchronized (this) {
            known = samples.get(file);
        }
        if (known != null) {
            return known;
        }
        MetricsHistory sample = SampledLines.read(file, SAMPLE);
        synchronized (this) {
            if (underWay.contains(file)) {
                samples.put(file, sample);
            }
        }
        return sample;
    }

    private void readInBackground(Path file) {
        synchronized (this) {
            if (!underWay.add(file)) {
                return;
            }
        }
        background.execute(() -> {
            try {
                Thread.sleep(PATIENCE_MILLIS); // the page asks for more at this moment
                MetricsHistory history = new MetricsHistory(file);
                history.readOn();
                keep(file, history);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } finally {
                synchronized (this) {
                    underWay.remove(file);
                    samples.remove(file);
                }
            }
            completed.accept(file);
        });
    }
}
