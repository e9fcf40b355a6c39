package norma.trainer.layernorm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;
import norma.trainer.zarr.ArrayMetadata;
import norma.trainer.zarr.ElementType;
import norma.trainer.zarr.GrowingArray;
import norma.trainer.zarr.ZarrGroup;

/**
 * The files of {@code layernorm.zarr}: arrays weight and bias (step, site, hidden) and the coordinates step, site and
 * hidden. Row r holds step r * every. One thread uses it.
 */
final class LayerNormStore {
    static final int CHUNK_STEPS = 50;
    static final int STEP_CHUNK = 8192; // the coordinate is read as a whole on opening: few files
    static final String WEIGHT = "weight";
    static final String BIAS = "bias";
    static final String STEP = "step";
    private static final String SITE = "site";
    private static final String HIDDEN = "hidden";
    private static final List<String> DIMENSIONS = List.of(STEP, SITE, HIDDEN);

    private final Path folder;
    private final SnapshotLayout layout;
    private final int every;
    private final GrowingArray weight;
    private final GrowingArray bias;
    private final GrowingArray step;
    private final float[] row;

    private LayerNormStore(
            Path folder, SnapshotLayout layout, int every, GrowingArray weight, GrowingArray bias, GrowingArray step) {
        this.folder = folder;
        this.layout = layout;
        this.every = every;
        this.weight = weight;
        this.bias = bias;
        this.step = step;
        row = new float[layout.sites() * layout.hidden()];
    }

    /** Makes an empty store: under another name first, so that a store that has its name is whole. */
    static LayerNormStore create(Path folder, List<LayerNormSite> sites, int hidden, int every) throws IOException {
        Path temporary = folder.resolveSibling(folder.getFileName() + ".tmp");
        deleteFolder(temporary);
        Files.createDirectories(temporary);
        ZarrGroup.create(temporary, attributes(sites, every));
        ArrayMetadata values = new ArrayMetadata(ElementType.FLOAT32, 0, CHUNK_STEPS, List.of(sites.size(), hidden));
        GrowingArray.create(temporary.resolve(WEIGHT), values, DIMENSIONS);
        GrowingArray.create(temporary.resolve(BIAS), values, DIMENSIONS);
        GrowingArray.create(
                temporary.resolve(STEP), new ArrayMetadata(ElementType.INT64, 0, STEP_CHUNK, List.of()), List.of(STEP));
        ZarrGroup.writeTexts(
                temporary.resolve(SITE), sites.stream().map(LayerNormSite::name).toList(), SITE);
        ZarrGroup.writeNumbers(
                temporary.resolve(HIDDEN), LongStream.range(0, hidden).toArray(), HIDDEN);
        ZarrGroup.consolidate(temporary);
        Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
        return open(folder, sites, hidden, every);
    }

    /** Opens a store to go on; after a crash the arrays may differ in length, and the shortest counts. */
    static LayerNormStore open(Path folder, List<LayerNormSite> sites, int hidden, int every) throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(folder);
        requireSame(folder, "hidden", recording.hidden(), hidden);
        requireSame(folder, "sites", recording.sites(), sites);
        requireSame(folder, "every", recording.every(), every);
        long irregular = recording.firstIrregularRow();
        if (irregular >= 0) {
            throw InvalidInputException.of(
                    folder.toString(),
                    "step",
                    recording.step(irregular),
                    irregular * every + " at row " + irregular + ", for a recording that goes on");
        }
        ZarrGroup.removeConsolidated(folder);
        LayerNormStore store = new LayerNormStore(
                folder,
                new SnapshotLayout(sites.size(), hidden),
                every,
                GrowingArray.open(folder.resolve(WEIGHT), recording.size()),
                GrowingArray.open(folder.resolve(BIAS), recording.size()),
                GrowingArray.open(folder.resolve(STEP), recording.size()));
        ZarrGroup.consolidate(folder);
        return store;
    }

    private static void requireSame(Path folder, String key, Object found, Object expected) {
        if (!found.equals(expected)) {
            throw InvalidInputException.of(
                    folder.toString(), key, found, "the model's and the configuration's " + expected);
        }
    }

    private static ObjectNode attributes(List<LayerNormSite> sites, int every) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("description", "LayerNorm weight and bias of every site; step 0 is the state before any update");
        node.put("every", every);
        var list = node.putArray("sites");
        for (LayerNormSite site : sites) {
            ObjectNode described = list.addObject()
                    .put("name", site.name())
                    .put("stack", word(site.stack()))
                    .put("layer", site.layer())
                    .put("kind", word(site.kind()))
                    .put("width", site.width());
            put(described, "weight", site.weight());
            put(described, "bias", site.bias());
        }
        return node;
    }

    static List<LayerNormSite> sites(JsonNode attributes, int hidden) {
        return Stream.iterate(0, i -> i < attributes.path("sites").size(), i -> i + 1)
                .map(i -> attributes.path("sites").get(i))
                .map(site -> site(site, hidden))
                .toList();
    }

    private static LayerNormSite site(JsonNode json, int hidden) {
        String name = json.path("name").asText();
        if (!json.has("kind")) {
            return unstructured(name, hidden, json);
        }
        return new LayerNormSite(
                name,
                LayerNormSite.Stack.valueOf(json.path("stack").asText().toUpperCase(Locale.ROOT)),
                json.path("layer").asInt(),
                LayerNormSite.Kind.valueOf(json.path("kind").asText().toUpperCase(Locale.ROOT)),
                json.path("width").asInt(),
                slice(json.get("weight")),
                slice(json.get("bias")));
    }

    /** A site of the first recordings, all of them BERT's, which gave names only. */
    private static LayerNormSite unstructured(String name, int hidden, JsonNode json) {
        boolean inLayer = name.startsWith("layer.");
        LayerNormSite.Kind kind = name.endsWith(".attention.output")
                ? LayerNormSite.Kind.ATTENTION
                : inLayer
                        ? LayerNormSite.Kind.OUTPUT
                        : name.equals("head") ? LayerNormSite.Kind.HEAD : LayerNormSite.Kind.EMBEDDINGS;
        return new LayerNormSite(
                name,
                LayerNormSite.Stack.ENCODER,
                inLayer ? Integer.parseInt(name.split("\\.", -1)[1]) : LayerNormSite.NO_LAYER,
                kind,
                hidden,
                Slice.ofVector(json.path("weight").asText()),
                Slice.ofVector(json.path("bias").asText()));
    }

    private static void put(ObjectNode site, String key, Slice slice) {
        if (slice == null) {
            site.putNull(key);
        } else {
            site.putObject(key).put("parameter", slice.parameter()).put("axis", slice.axis());
        }
    }

    private static Slice slice(JsonNode json) {
        return json == null || json.isNull()
                ? null
                : new Slice(json.path("parameter").asText(), json.path("axis").asInt());
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    long rows() {
        return step.rows();
    }

    /** Whether rows wait that a reader cannot see yet. */
    boolean hasUncommitted() {
        return step.rows() > step.metadata().rows();
    }

    /** Adds a row; every 50 rows, when the chunks are full, they become durable and visible. */
    void append(long newStep, float[] snapshot) throws IOException {
        if (newStep != rows() * every) {
            throw new IOException("step " + newStep + " after " + rows() + " rows would leave a hole");
        }
        weight.append(gather(snapshot, 0));
        bias.append(gather(snapshot, layout.hidden()));
        step.append(newStep);
        if (rows() % CHUNK_STEPS == 0) {
            commit();
        }
    }

    private float[] gather(float[] snapshot, int offset) {
        for (int site = 0; site < layout.sites(); site++) {
            System.arraycopy(snapshot, layout.weight(site) + offset, row, site * layout.hidden(), layout.hidden());
        }
        return row;
    }

    /** Makes every row durable and visible: data first, lengths last. */
    void commit() throws IOException {
        if (!hasUncommitted()) {
            return;
        }
        for (GrowingArray array : arrays()) {
            array.writeChunks();
        }
        for (GrowingArray array : arrays()) {
            array.publish();
        }
        for (GrowingArray array : arrays()) {
            array.syncFolder();
        }
        ZarrGroup.consolidate(folder);
    }

    /** Keeps the rows up to and including a step. */
    void truncateAfter(long lastStep) throws IOException {
        commit();
        long kept = Math.floorDiv(lastStep, every) + 1;
        if (kept > rows()) {
            throw new InvalidInputException(folder + ": the recording ends at step " + (rows() - 1) * every
                    + ", before step " + lastStep + " where the run goes on");
        }
        if (kept < rows()) {
            ZarrGroup.removeConsolidated(folder);
            for (GrowingArray array : arrays()) {
                array.truncate(kept);
            }
            ZarrGroup.consolidate(folder);
        }
    }

    private List<GrowingArray> arrays() {
        return List.of(weight, bias, step);
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
