package norma.monitor.recording;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import norma.datasets.base.InvalidInputException;
import norma.trainer.layernorm.LayerNormChunks;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.model.LayerNormSite;

/** A recording as long as it was when it was opened. Several threads may use it. */
final class OpenRecording {
    private final Path folder;
    private final LayerNormRecording recording;
    private final long[] steps;
    private final SnapshotLayout layout;
    private long snapshotRow = -1;
    private float[] snapshot;

    private OpenRecording(Path folder, LayerNormRecording recording) {
        this.folder = folder;
        this.recording = recording;
        steps = recording.steps();
        layout = recording.layout();
    }

    /**
     * Opens a recording, with all its networks.
     *
     * @throws InvalidInputException if it is damaged
     */
    static OpenRecording open(Path layerNorms) throws IOException {
        return new OpenRecording(layerNorms, LayerNormRecording.whole(layerNorms));
    }

    int rows() {
        return steps.length;
    }

    long step(long row) {
        return steps[Math.toIntExact(row)];
    }

    SnapshotLayout layout() {
        return layout;
    }

    LayerNormChunks chunks() throws IOException {
        return recording.chunks();
    }

    /**
     * A site by its index.
     *
     * @throws InvalidInputException if there is none, or it lacks the vector
     */
    LayerNormSite require(int site, Part part) {
        if (site < 0 || site >= layout.size()) {
            throw BadQueryException.of("site", site, "from 0 to " + (layout.size() - 1));
        }
        if (!layout.has(site, part)) {
            throw BadQueryException.of(
                    "part", part.label(), "the other one: " + layout.site(site).name() + " has no " + part.label());
        }
        return layout.site(site);
    }

    /** The first row at or after a step; the number of rows if there is none. */
    int rowFrom(long step) {
        int row = Arrays.binarySearch(steps, step);
        return row >= 0 ? row : -row - 1;
    }

    /** The row whose step is nearest. */
    int nearestRow(long step) {
        if (steps.length == 0) {
            throw new InvalidInputException(folder.getFileName() + ": holds no step yet");
        }
        int after = Math.min(rowFrom(step), steps.length - 1);
        boolean before = after > 0 && step - steps[after - 1] < steps[after] - step;
        return before ? after - 1 : after;
    }

    /** {@code sites} and {@code networks}. */
    ObjectNode description() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode sites = json.putArray("sites");
        for (int i = 0; i < layout.size(); i++) {
            LayerNormSite site = layout.site(i);
            sites.addObject()
                    .put("index", i)
                    .put("name", site.name())
                    .put("network", site.network())
                    .put("stack", word(site.stack()))
                    .put("layer", site.layer() == LayerNormSite.NO_LAYER ? null : (Integer) site.layer())
                    .put("kind", word(site.kind()))
                    .put("width", site.width())
                    .put("weight", layout.has(i, Part.WEIGHT))
                    .put("bias", layout.has(i, Part.BIAS));
        }
        ArrayNode networks = json.putArray("networks");
        layout.sites().stream().map(LayerNormSite::network).distinct().forEach(networks::add);
        if (steps.length == 0) {
            json.putNull("recorded");
        } else {
            json.set("recorded", extent());
        }
        return json;
    }

    /** {@code first_step}, {@code last_step}, {@code count}, {@code every}. */
    ObjectNode extent() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("first_step", steps.length == 0 ? null : (Long) steps[0]);
        json.put("last_step", steps.length == 0 ? null : (Long) steps[steps.length - 1]);
        return json.put("count", steps.length).put("every", recording.every());
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** All sites at a row; the rows of one chunk one after the other are quick. */
    private synchronized float[] snapshot(int row) throws IOException {
        if (row != snapshotRow) {
            if (!recording.has(row)) {
                throw new InvalidInputException(
                        folder.getFileName() + ": the chunk with step " + steps[row] + " is missing");
            }
            snapshot = recording.snapshot(row);
            snapshotRow = row;
        }
        return snapshot;
    }

    /** Outlier dimensions by the paper's rule at the last row that is there. */
    ObjectNode outliersNow() throws IOException {
        long row = recording.lastRow();
        if (row < 0) {
            return null;
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("step", steps[(int) row]);
        ArrayNode dimensions = json.putArray("dimensions");
        int layers =
                layout.indices(site -> site.isLayerOutput() && site.network().isEmpty()).length;
        for (OutlierDimension outlier : OutlierRule.PAPER.ofMain(snapshot((int) row), layout)) {
            ObjectNode each = dimensions.addObject().put("dimension", outlier.dimension());
            ArrayNode names = each.putArray("layers");
            outlier.sites().forEach(names::add);
            each.put("of", layers);
            put(each, "weight_z", outlier.weightZ());
            put(each, "bias_z", outlier.biasZ());
        }
        return json;
    }

    private static void put(ObjectNode json, String key, Double value) {
        if (value == null || !Double.isFinite(value)) {
            json.putNull(key);
        } else {
            json.put(key, value);
        }
    }

    /** z of every site and dimension at the step nearest to one: a header, and (sites, widest) values. */
    HeatMap heatMap(long step, Part part) throws IOException {
        int row = nearestRow(step);
        float[] all = snapshot(row);
        ObjectNode header = extent();
        header.put("step", steps[row]).put("part", part.label()).put("width", layout.hidden());
        ArrayNode names = header.putArray("sites");
        ArrayNode widths = header.putArray("widths");
        float[] z = new float[layout.size() * layout.hidden()];
        Arrays.fill(z, Float.NaN);
        for (int site = 0; site < layout.size(); site++) {
            names.add(layout.site(site).name());
            widths.add(layout.width(site));
            if (layout.has(site, part)) {
                double[] ofSite = VectorStatistics.z(all, layout.offset(site, part), layout.width(site));
                for (int d = 0; d < ofSite.length; d++) {
                    z[site * layout.hidden() + d] = (float) ofSite[d];
                }
            }
        }
        ArrayNode outliers = header.putArray("outliers");
        OutlierRule.PAPER.ofMain(all, layout).forEach(outlier -> outliers.add(outlier.dimension()));
        return new HeatMap(header, z);
    }

    /**
     * A picture of one step.
     *
     * @param header what it is
     * @param z (sites, widest); NaN where a site has no value
     */
    @SuppressWarnings("ArrayRecordComponent") // a hand-over, never compared
    record HeatMap(ObjectNode header, float[] z) {}

    /** One vector, exact, at the step nearest to one. */
    ObjectNode vector(long step, int site, Part part) throws IOException {
        require(site, part);
        int row = nearestRow(step);
        float[] all = snapshot(row);
        int from = layout.offset(site, part);
        int width = layout.width(site);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("step", steps[row]).put("site", site).put("part", part.label());
        VectorStatistics statistics = VectorStatistics.of(all, from, width, OutlierRule.PAPER.sigma());
        put(json, "mean", statistics.mean());
        put(json, "standard_deviation", statistics.standardDeviation());
        ArrayNode values = json.putArray("values");
        ArrayNode zs = json.putArray("z");
        double[] z = VectorStatistics.z(all, from, width);
        for (int d = 0; d < width; d++) {
            if (Float.isFinite(all[from + d])) {
                values.add(all[from + d]);
            } else {
                values.addNull();
            }
            if (Double.isFinite(z[d])) {
                zs.add(z[d]);
            } else {
                zs.addNull();
            }
        }
        return json;
    }
}
