package norma.monitor.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.sse.SseClient;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import norma.monitor.metrics.MetricsHistory;

/**
 * A page that listens. What it is to be told waits in a queue and is sent on a thread of its own, so that one that does
 * not listen holds up nobody; when the queue is full the page is let go, and it comes back by itself.
 */
final class EventClient {
    private static final int WAITING = 256;
    private static final long SILENCE_SECONDS = 15;

    private final SseClient client;
    private final Set<String> runs;
    private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(WAITING);
    private final Map<String, MetricsHistory.Place> places = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private record Event(String name, String json) {}

    EventClient(SseClient client, Set<String> runs) {
        this.client = client;
        this.runs = runs;
    }

    boolean follows(String run) {
        return runs.contains(run);
    }

    Set<String> runs() {
        return runs;
    }

    /** Up to where it knows the metrics of its runs. */
    Map<String, MetricsHistory.Place> places() {
        return places;
    }

    void tell(String event, JsonNode data) {
        if (!closed && !queue.offer(new Event(event, data.toString()))) {
            close();
        }
    }

    /** Begins to send; {@code gone} runs when the page is no longer there. */
    void start(Runnable gone) {
        client.keepAlive();
        client.onClose(() -> {
            closed = true;
            gone.run();
        });
        Thread thread = new Thread(() -> send(gone), "monitor-events");
        thread.setDaemon(true);
        thread.start();
    }

    private void send(Runnable gone) {
        try {
            while (!closed && !client.terminated()) {
                Event event = queue.poll(SILENCE_SECONDS, TimeUnit.SECONDS);
                if (closed || client.terminated()) {
                    return; // while it waited
                } else if (event == null) {
                    client.sendComment("still here");
                } else {
                    client.sendEvent(event.name(), event.json());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            closed = true; // the page is gone
        } finally {
            close();
            gone.run();
        }
    }

    void close() {
        closed = true;
        try {
            client.close();
        } catch (RuntimeException e) {
            closed = true; // it was closed by the other side at the same moment
        }
    }
}
