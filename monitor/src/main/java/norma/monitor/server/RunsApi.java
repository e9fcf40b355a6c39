package norma.monitor.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import norma.datasets.base.InvalidInputException;
import norma.monitor.metrics.MetricsCache;
import norma.monitor.metrics.MetricsHistory;
import norma.monitor.recording.BadQueryException;
import norma.monitor.recording.NothingRecordedException;
import norma.monitor.recording.Recordings;
import norma.monitor.runs.RunDetail;
import norma.monitor.runs.SweepDetail;
import norma.trainer.layernorm.Part;
import norma.trainer.run.MetricNames;
import norma.trainer.run.RunFiles;

/** What the page asks about runs. */
final class RunsApi {
    private static final int MOST_POINTS = 10_000;
    private static final int POINTS = 1200;
    private static final int MOST_DIMENSIONS = 32;
    private static final int WIDEST = 1 << 20;
    private static final int COMPARED = 12;
    private static final int POINTS_OF_COMPARED = 600;
    private static final int EXPORTS = 2;

    private final MonitorSettings settings;
    private final RunWatch watch;
    private final MetricsCache metrics;
    private final Recordings recordings;
    private final Semaphore exports = new Semaphore(EXPORTS);

    RunsApi(MonitorSettings settings, RunWatch watch, MetricsCache metrics, Recordings recordings) {
        this.settings = settings;
        this.watch = watch;
        this.metrics = metrics;
        this.recordings = recordings;
    }

    private RunFiles run(Context context) {
        return inside(settings.runs().run(context.pathParam("run")));
    }

    private RunFiles inside(RunFiles run) {
        settings.runs().requireInside(run);
        return run;
    }

    private RunDetail detailOf(String id) {
        return new RunDetail(settings.runs(), id, settings.commands(), watch.list());
    }

    /** Looks at the folder now; what is new goes to all pages as it always does. */
    void look(Context context) {
        watch.look();
        send(context, JsonNodeFactory.instance.objectNode());
    }

    void list(Context context) {
        send(context, watch.runs());
    }

    void detail(Context context) throws IOException {
        String id = context.pathParam("run");
        RunFiles files = settings.runs().run(id);
        ObjectNode json = detailOf(id).json();
        json.putNull("recorded").putNull("recording_problem").putNull("outliers_now");
        json.putArray("sites");
        json.putArray("networks");
        try {
            json.setAll(recordings.description(inside(files)));
            json.set("outliers_now", recordings.outliersNow(files));
        } catch (InvalidInputException e) {
            json.put("recording_problem", e.getMessage());
        } catch (NothingRecordedException e) {
            json.putNull("recorded");
        }
        if (json.path("state").asText().equals("unreadable")) {
            json.putNull("unigram_entropy")
                    .putNull("unigram_loss")
                    .putNull("no_context_loss")
                    .putNull("plateau");
        } else {
            putLevels(json, inside(files));
        }
        send(context, json);
    }

    /** What a model without context could reach at best, and since when the run is there. */
    private void putLevels(ObjectNode json, RunFiles files) throws IOException {
        MetricsCache.View view = metrics.view(files.metrics());
        put(json, "unigram_entropy", view.history().lastValidation(MetricNames.UNIGRAM_ENTROPY));
        put(json, "unigram_loss", view.history().lastValidation(MetricNames.UNIGRAM_LOSS));
        put(json, "no_context_loss", view.history().lastValidation(MetricNames.CONTEXT_FREE_LOSS));
        json.set("plateau", view.history().plateau());
    }

    private static void put(ObjectNode json, String key, double value) {
        if (Double.isFinite(value)) {
            json.put(key, value);
        } else {
            json.putNull(key);
        }
    }

    void probes(Context context) {
        send(context, detailOf(context.pathParam("run")).probes());
    }

    void metrics(Context context) throws IOException {
        int points = (int) new Query(context).number("points", 2, MOST_POINTS, POINTS);
        send(context, metrics.view(run(context).metrics()).json(points));
    }

    /** Every logged row, exact. */
    void metricsCsv(Context context) {
        String kind = context.queryParam("kind");
        MetricsHistory history = metrics.whole(run(context).metrics());
        String csv = history.csv(kind == null ? "training" : kind)
                .orElseThrow(() -> BadQueryException.of("kind", "another", "training, validation or outliers"));
        context.contentType("text/csv; charset=utf-8");
        context.header("Content-Disposition", "attachment; filename=\"metrics.csv\"");
        context.result(csv);
    }

    void outliers(Context context) throws IOException {
        int points = (int) new Query(context).number("points", 2, MOST_POINTS, POINTS);
        send(context, metrics.view(run(context).metrics()).history().outlierDimensions(points));
    }

    void trajectories(Context context) throws IOException {
        Query query = new Query(context);
        Recordings.Values values = recordings.trajectories(
                run(context),
                (int) query.number("site", 0, WIDEST),
                query.part(),
                (int) query.number("points", 2, MOST_POINTS, POINTS),
                query.number("from", 0, Long.MAX_VALUE, 0));
        BinaryAnswer.send(context, values.header().put("run", context.pathParam("run")), values);
    }

    void heatMap(Context context) throws IOException {
        Query query = new Query(context);
        Recordings.Values values =
                recordings.heatMap(run(context), query.part(), query.number("step", 0, Long.MAX_VALUE, Long.MAX_VALUE));
        BinaryAnswer.send(context, values.header().put("run", context.pathParam("run")), values);
    }

    void vector(Context context) throws IOException {
        Query query = new Query(context);
        send(
                context,
                recordings.vector(
                        run(context),
                        (int) query.number("site", 0, WIDEST),
                        query.part(),
                        query.number("step", 0, Long.MAX_VALUE)));
    }

    /** Reads a whole recording, so only few at a time. */
    void values(Context context) throws IOException {
        Query query = new Query(context);
        RunFiles run = run(context);
        int site = (int) query.number("site", 0, WIDEST);
        Part part = query.part();
        List<Integer> dimensions = query.numbers("dimension", 0, WIDEST, MOST_DIMENSIONS);
        recordings.require(run, site, part, dimensions);
        if (!exports.tryAcquire()) {
            context.header("Retry-After", "10");
            throw new RefusedException(429, "too many exports at a time: at most " + EXPORTS);
        }
        try {
            context.contentType("text/csv; charset=utf-8");
            context.header("Content-Disposition", "attachment; filename=\"values.csv\"");
            Writer out = new OutputStreamWriter(context.outputStream(), StandardCharsets.UTF_8);
            recordings.csv(run, site, part, dimensions, out);
            out.flush();
        } finally {
            exports.release();
        }
    }

    void sweep(Context context) {
        send(context, SweepDetail.json(settings.runs(), context.pathParam("sweep")));
    }

    void compare(Context context) throws IOException {
        List<String> ids = new Query(context).runs(1, COMPARED);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode runs = json.putArray("runs");
        for (String id : ids) {
            RunFiles files = settings.runs().run(id);
            ObjectNode detail = detailOf(id).json();
            detail.set("metrics", metrics.view(inside(files).metrics()).json(POINTS_OF_COMPARED));
            detail.remove(List.of("config", "provenance", "commands", "parent_config_values"));
            runs.add(detail);
        }
        json.set("differences", differences(runs));
        send(context, json);
    }

    /** Every key in which the configurations are not all the same. */
    private static ArrayNode differences(ArrayNode runs) {
        ArrayNode differences = JsonNodeFactory.instance.arrayNode();
        TreeSet<String> keys = new TreeSet<>();
        runs.forEach(run -> run.path("config_values").fieldNames().forEachRemaining(keys::add));
        for (String key : keys) {
            ObjectNode values = JsonNodeFactory.instance.objectNode();
            for (JsonNode run : runs) {
                values.set(
                        run.path("id").asText(),
                        run.path("config_values").path(key).isMissingNode()
                                ? JsonNodeFactory.instance.nullNode()
                                : run.path("config_values").path(key));
            }
            JsonNode first = values.elements().next();
            for (JsonNode value : values) {
                if (!value.equals(first)) {
                    differences.addObject().put("key", key).set("values", values);
                    break;
                }
            }
        }
        return differences;
    }

    static void send(Context context, JsonNode json) {
        context.contentType("application/json; charset=utf-8");
        context.result(json.toString());
    }
}
