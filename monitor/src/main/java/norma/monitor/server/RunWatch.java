package norma.monitor.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import norma.datasets.base.InvalidInputException;
import norma.monitor.metrics.MetricsCache;
import norma.monitor.metrics.MetricsHistory;
import norma.monitor.recording.NothingRecordedException;
import norma.monitor.recording.Recordings;
import norma.monitor.runs.RunList;
import norma.monitor.runs.RunsFolder;
import norma.monitor.runs.UnknownRunException;
import norma.trainer.run.RunFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the folder of the runs every ten seconds while a page listens, and when one asks, and tells the pages what
 * is new. Where a look takes long, the next one waits longer, so that it costs at most a hundredth of a core; but no
 * more than a minute, since a look may have been long because this process stood still.
 */
final class RunWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(10);
    private static final long LONGEST_PAUSE = TimeUnit.MINUTES.toNanos(1);
    private static final int SHARE = 100;
    /** An answer is made from a look that is no older than this. */
    private static final long FRESH = TimeUnit.MILLISECONDS.toNanos(100);

    private final RunsFolder folder;
    private final RunList list;
    private final MetricsCache metrics;
    private final Recordings recordings;
    private final Set<EventClient> clients = new CopyOnWriteArraySet<>();
    private final Thread thread;
    private long looked = System.nanoTime() - FRESH;
    private volatile boolean closed;

    RunWatch(RunsFolder folder, MetricsCache metrics, Recordings recordings) {
        this.folder = folder;
        this.list = new RunList(folder);
        this.metrics = metrics;
        this.recordings = recordings;
        thread = new Thread(this::work, "monitor-watch");
        thread.setDaemon(true);
        thread.start();
    }

    int clients() {
        return clients.size();
    }

    /** Tells a page from now on. */
    void add(EventClient client) {
        for (String run : client.runs()) {
            MetricsHistory known = metrics.known(folder.run(run).metrics());
            if (known != null) {
                known.readOn();
                client.places().put(run, known.place());
            }
        }
        client.tell(
                "hello",
                JsonNodeFactory.instance
                        .objectNode()
                        .put("folder", folder.given().toString()));
        clients.add(client);
        client.start(() -> clients.remove(client));
        synchronized (this) {
            notifyAll();
        }
    }

    /** All runs, as they are. */
    ObjectNode runs() {
        look();
        return list.json();
    }

    /** The list of the runs, looked at just now. */
    RunList list() {
        look();
        return list;
    }

    /** Looks without waiting for the time to come; one look counts for all that ask at once. */
    synchronized void look() {
        long now = System.nanoTime();
        if (now - looked < FRESH) {
            return;
        }
        RunList.Changes changes = list.scan();
        if (!clients.isEmpty()) {
            tellRows(changes);
            changes.changedFiles().forEach(this::tellFiles);
        }
        looked = System.nanoTime();
    }

    private void tellRows(RunList.Changes changes) {
        if (changes.rows().isEmpty() && changes.gone().isEmpty()) {
            return;
        }
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.putArray("runs").addAll(changes.rows());
        ArrayNode gone = event.putArray("gone");
        changes.gone().forEach(gone::add);
        clients.forEach(client -> client.tell("runs", event));
    }

    private void tellFiles(String run, Set<String> changed) {
        if (clients.stream().noneMatch(client -> client.follows(run))) {
            return;
        }
        try {
            RunFiles files = folder.run(run);
            folder.requireInside(files);
            if (changed.contains("metrics")) {
                tellMetrics(run, metrics.known(files.metrics()));
            }
            if (changed.contains("recording")) {
                tell(run, "recording", recordings.extent(files));
            }
            if (changed.contains("probes") || changed.contains("checkpoints") || changed.contains("config")) {
                tell(run, "probes", JsonNodeFactory.instance.objectNode());
            }
        } catch (IOException | InvalidInputException | UnknownRunException | NothingRecordedException e) {
            LOG.debug("{} changes while it is read: {}", run, e.getMessage());
        }
    }

    private void tellMetrics(String run, MetricsHistory history) {
        if (history == null) {
            return; // nobody has asked for them yet
        }
        history.readOn();
        for (EventClient client : clients) {
            if (client.follows(run)) {
                MetricsHistory.Place now = history.place();
                MetricsHistory.Place before = client.places().put(run, now);
                boolean again = before != null && before.resets() != now.resets();
                if (before == null || again) {
                    client.tell(again ? "metrics_reset" : "metrics_complete", run(run));
                } else if (!before.equals(now)) {
                    client.tell("metrics", history.since(before).put("run", run));
                }
            }
        }
    }

    /** Tells those who follow a run of something about it. */
    void tell(String run, String event, ObjectNode data) {
        data.put("run", run);
        clients.stream().filter(client -> client.follows(run)).forEach(client -> client.tell(event, data));
    }

    /** Tells those who follow a run that its metrics are read to the end. */
    void metricsCompleted(RunFiles files) {
        for (EventClient client : clients) {
            for (String run : client.runs()) {
                if (files.path().equals(folder.run(run).path())) {
                    MetricsHistory history = metrics.known(files.metrics());
                    if (history != null) {
                        client.places().put(run, history.place());
                    }
                    client.tell("metrics_complete", run(run));
                }
            }
        }
    }

    private static ObjectNode run(String run) {
        return JsonNodeFactory.instance.objectNode().put("run", run);
    }

    private void work() {
        try {
            while (!closed) {
                long began = System.nanoTime();
                try {
                    look();
                } catch (RuntimeException e) {
                    LOG.warn("cannot look at {}: {}", folder.given(), e.getMessage());
                }
                long took = System.nanoTime() - began;
                TimeUnit.NANOSECONDS.sleep(Math.min(LONGEST_PAUSE, Math.max(PAUSE, SHARE * took)));
                synchronized (this) {
                    while (clients.isEmpty() && !closed) {
                        wait();
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        clients.forEach(EventClient::close);
    }
}
