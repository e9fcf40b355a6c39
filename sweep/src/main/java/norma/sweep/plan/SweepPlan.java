package norma.sweep.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * The runs of a sweep, without their configurations: what its folder keeps in {@code plan.json}.
 *
 * @param name of the sweep
 * @param base the configuration that every run begins from, as it was given
 * @param swept keys that the points have different values of, in the file's order
 * @param probes commands that each finished run is given to
 * @param runs point by point, within a point by seed
 */
public record SweepPlan(String name, String base, List<String> swept, List<String> probes, List<SweptRun> runs) {
    public SweepPlan {
        swept = List.copyOf(swept);
        probes = List.copyOf(probes);
        runs = List.copyOf(runs);
    }

    /** The points, in the file's order. */
    public List<SweepPoint> points() {
        return runs.stream().map(SweptRun::point).distinct().toList();
    }

    /** The runs of a point, by seed. */
    public List<SweptRun> of(SweepPoint point) {
        return runs.stream().filter(run -> run.point().equals(point)).toList();
    }

    /** Writes it, to be read by {@link #read}. */
    public void write(Path file) throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", name).put("base", base);
        swept.forEach(json.putArray("swept")::add);
        probes.forEach(json.putArray("probes")::add);
        ArrayNode list = json.putArray("runs");
        for (SweptRun run : runs) {
            ObjectNode one = list.addObject()
                    .put("run", run.name())
                    .put("point", run.point().name());
            run.point().values().forEach(one.putObject("values")::put);
            one.put("seed", run.seed());
        }
        JsonFile.write(file, json);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws norma.datasets.base.InvalidInputException if it is something else, with file and key
     */
    public static SweepPlan read(Path file) {
        JsonObject json = JsonFile.read(file, "the plan of a sweep");
        List<SweptRun> runs = new ArrayList<>();
        for (JsonObject run : json.objects("runs")) {
            Map<String, String> values = new LinkedHashMap<>();
            JsonObject stored = run.object("values");
            stored.keys().forEach(key -> values.put(key, stored.text(key)));
            long seed = run.wholeNumber("seed", Long.MIN_VALUE);
            runs.add(new SweptRun(run.text("run"), new SweepPoint(run.text("point"), values), seed));
        }
        return new SweepPlan(json.text("name"), json.text("base"), texts(json, "swept"), texts(json, "probes"), runs);
    }

    private static List<String> texts(JsonObject json, String key) {
        List<String> texts = new ArrayList<>();
        json.node().path(key).forEach(text -> {
            if (!text.isTextual()) {
                throw json.wrong(key, text, "a list of texts");
            }
            texts.add(text.textValue());
        });
        return texts;
    }
}
