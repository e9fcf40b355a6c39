package norma.monitor.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.sse.SseClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileProblem;
import norma.monitor.metrics.MetricsCache;
import norma.monitor.recording.BadQueryException;
import norma.monitor.recording.NothingRecordedException;
import norma.monitor.recording.Recordings;
import norma.monitor.runs.UnknownRunException;
import norma.trainer.layernorm.Part;
import norma.trainer.run.RunFiles;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The monitor's server, from its start until it is closed. */
public final class MonitorServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MonitorServer.class);
    private static final int MOST_THREADS = 24;
    private static final int MOST_LISTENERS = 32;
    private static final int MOST_FOLLOWED = 16;
    private static final int LONGEST_HEADER = 8192;
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
            + " frame-ancestors 'none'";

    private final MonitorSettings settings;
    private final Gate gate;
    private final ExecutorService background;
    private final Recordings recordings;
    private final MetricsCache metrics;
    private final RunWatch watch;
    private final Javalin app;

    private MonitorServer(MonitorSettings settings) {
        this.settings = settings;
        gate = new Gate(settings.host(), settings.token());
        background = Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "monitor-metrics");
            thread.setDaemon(true);
            return thread;
        });
        recordings = new Recordings(this::progressed);
        metrics = new MetricsCache(background, file -> watch().metricsCompleted(new RunFiles(file.getParent())));
        watch = new RunWatch(settings.runs(), metrics, recordings);
        app = Javalin.create(this::configure);
        routes();
    }

    private RunWatch watch() {
        return watch;
    }

    /**
     * Starts a server.
     *
     * @throws InvalidInputException if others could reach it and there is no token, or the port is taken
     */
    public static MonitorServer start(MonitorSettings settings) {
        if (!Gate.isLoopback(settings.host()) && settings.token().isEmpty()) {
            throw new IllegalArgumentException("host " + settings.host() + " without a token");
        }
        FreePort.require(settings.host(), settings.port());
        MonitorServer server = new MonitorServer(settings);
        try {
            server.app.start(settings.host(), settings.port());
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Whether an address is the machine's own, which nobody else can reach. */
    public static boolean isLoopback(String host) {
        return Gate.isLoopback(host);
    }

    /** The port that it listens on. */
    public int port() {
        return app.port();
    }

    private void configure(JavalinConfig config) {
        config.showJavalinBanner = false;
        config.startupWatcherEnabled = false;
        config.http.disableCompression(); // over the loopback it costs more than it saves
        config.http.generateEtags = false;
        config.http.prefer405over404 = true;
        config.router.ignoreTrailingSlashes = false;
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 2);
        threads.setName("monitor");
        threads.setDaemon(true);
        config.jetty.threadPool = threads;
        config.jetty.modifyHttpConfiguration(MonitorServer::bound);
        config.jetty.modifyServer(server -> {
            server.setErrorHandler(new PlainErrors());
            server.setStopTimeout(0);
        });
    }

    private static void bound(HttpConfiguration http) {
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        http.setRequestHeaderSize(LONGEST_HEADER);
    }

    private void routes() {
        RunsApi api = new RunsApi(settings, watch, metrics, recordings);
        app.before(context -> {
            secure(context);
            gate.require(context);
        });
        app.get("/", this::front);
        app.get("/page/{name}", context -> PageFiles.page(context, context.pathParam("name")));
        app.get("/webjars/{library}/{name}", PageFiles::library);
        app.get("/api/look", api::look);
        app.get("/api/runs", api::list);
        app.get("/api/runs/{run}", api::detail);
        app.get("/api/runs/{run}/metrics", api::metrics);
        app.get("/api/runs/{run}/metrics.csv", api::metricsCsv);
        app.get("/api/runs/{run}/outliers", api::outliers);
        app.get("/api/runs/{run}/probes", api::probes);
        app.get("/api/runs/{run}/trajectories", api::trajectories);
        app.get("/api/runs/{run}/heatmap", api::heatMap);
        app.get("/api/runs/{run}/vector", api::vector);
        app.get("/api/runs/{run}/values", api::values);
        app.get("/api/sweeps/{sweep}", api::sweep);
        app.get("/api/compare", api::compare);
        app.before("/api/events", this::requireRoom); // once the stream has begun, it is too late to refuse
        app.sse("/api/events", this::listen);
        app.exception(RefusedException.class, (e, context) -> answer(context, e.status(), e.getMessage()));
        app.exception(UnknownRunException.class, (e, context) -> answer(context, 404, e.getMessage()));
        app.exception(NothingRecordedException.class, (e, context) -> answer(context, 409, e.getMessage()));
        app.exception(BadQueryException.class, (e, context) -> answer(context, 400, e.getMessage()));
        app.exception(InvalidInputException.class, (e, context) -> answer(context, 409, e.getMessage()));
        app.exception(HttpResponseException.class, (e, context) -> answer(context, e.getStatus(), reason(e)));
        app.exception(IOException.class, (e, context) -> answer(context, 503, FileProblem.sentence(e)));
        app.exception(Exception.class, (e, context) -> {
            LOG.error("{} cannot be answered", context.path(), e);
            answer(context, 500, "internal error: " + e.getClass().getSimpleName());
        });
    }

    private static String reason(HttpResponseException e) {
        return e.getStatus() == 404 ? "nothing has this address" : "the request cannot be answered";
    }

    private static void secure(Context context) {
        context.header("Content-Security-Policy", POLICY);
        context.header("X-Content-Type-Options", "nosniff");
        context.header("X-Frame-Options", "DENY");
        context.header("Referrer-Policy", "no-referrer");
        context.header("Cross-Origin-Resource-Policy", "same-origin");
        context.header("Cross-Origin-Opener-Policy", "same-origin");
        context.header("Cache-Control", "no-store");
    }

    /** The page; the first time with the token in the address, which then goes into a cookie and out of sight. */
    private void front(Context context) throws IOException {
        String token = context.queryParam(Gate.TOKEN);
        if (token != null && settings.token().isPresent()) {
            context.header("Set-Cookie", Gate.cookie(context) + "=" + token + "; Path=/; HttpOnly; SameSite=Strict");
            context.status(302).header("Location", "/");
            return;
        }
        PageFiles.page(context, "index.html");
    }

    private void requireRoom(Context context) {
        if (watch.clients() >= MOST_LISTENERS) {
            throw new RefusedException(429, "too many pages listen: at most " + MOST_LISTENERS);
        }
        followed(context).forEach(run -> settings.runs().run(run));
    }

    private static Set<String> followed(Context context) {
        return new LinkedHashSet<>(new Query(context).runs(0, MOST_FOLLOWED));
    }

    private void listen(SseClient client) {
        watch.add(new EventClient(client, followed(client.ctx())));
    }

    private void progressed(RunFiles run, Part part, long done, long of) {
        settings.runs().idOf(run).ifPresent(id -> watch().tell(
                        id,
                        "trajectories",
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("part", part.label())
                                .put("complete", done >= of)
                                .put("done", done)
                                .put("of", of)));
    }

    private static void answer(Context context, int status, String sentence) {
        context.status(status);
        RunsApi.send(context, JsonNodeFactory.instance.objectNode().put("error", sentence));
    }

    static byte[] error(String sentence) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("error", sentence)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Ends it; the port is free again. */
    @Override
    public void close() {
        watch.close();
        recordings.close();
        background.shutdownNow();
        app.stop();
    }
}
