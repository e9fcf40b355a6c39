package norma.trainer.layernorm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.PublicApi;
import norma.datasets.json.JsonObject;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.PretrainingModel;
import norma.trainer.zarr.ArrayReader;
import norma.trainer.zarr.ConsolidatedMetadata;
import norma.trainer.zarr.ZarrGroup;

/**
 * Reads {@code layernorm.zarr} without ever holding more than one chunk (50 steps) of each array in memory.
 *
 * <p>A recording is numbered by rows. In one that the recorder wrote, row r holds step r * {@link #every()}; others,
 * such as a part of one, may begin later and leave steps out, as long as their step coordinate ascends. The length is
 * that of the moment of opening, so a run that goes on meanwhile does no harm; open again to see more. One thread uses
 * it; {@link #chunks()} gives each thread a reader of its own.
 */
@PublicApi
public final class LayerNormRecording {
    private final Path folder;
    private final SnapshotLayout stored;
    private final int[] chosen; // of the stored sites
    private final SnapshotLayout layout; // of those
    private final int every;
    private final ArrayReader weight;
    private final ArrayReader bias;
    private final long[] steps;

    private LayerNormRecording(Path folder, JsonObject attributes, Optional<String> network) throws IOException {
        this.folder = folder;
        every = attributes.count("every", 1);
        // Lengths in the order in which they grow, so that the shortest is the one that all have.
        ArrayReader step = ArrayReader.open(folder.resolve(LayerNormStore.STEP));
        bias = ArrayReader.open(folder.resolve(LayerNormStore.BIAS));
        weight = ArrayReader.open(folder.resolve(LayerNormStore.WEIGHT));
        List<Integer> shape = weight.metadata().rowShape();
        stored = new SnapshotLayout(SiteAttributes.read(attributes, shape.size() == 2 ? shape.get(1) : 1));
        chosen = stored.indices(site -> network.isEmpty() || site.network().equals(network.get()));
        if (chosen.length == 0) {
            throw InvalidInputException.of(
                    folder.toString(), "network", name(network.orElse("")), "one of those recorded: " + networks());
        }
        layout = new SnapshotLayout(Arrays.stream(chosen).mapToObj(stored::site).toList());
        List<Integer> expected = List.of(stored.size(), stored.hidden());
        if (!shape.equals(expected) || !bias.metadata().rowShape().equals(shape)) {
            throw InvalidInputException.of(
                    folder.toString(),
                    "shape",
                    "weight " + shape + ", bias " + bias.metadata().rowShape(),
                    expected + " for both, [sites, width of the widest]");
        }
        long size = Math.min(
                weight.metadata().rows(),
                Math.min(bias.metadata().rows(), step.metadata().rows()));
        if (size > Integer.MAX_VALUE || (size > 0 && !step.has(size - 1))) {
            throw InvalidInputException.of(
                    folder.resolve(LayerNormStore.STEP).toString(),
                    "shape",
                    "[" + size + "]",
                    "the rows that are there");
        }
        steps = new long[(int) size];
        for (int row = 0; row < steps.length; row++) {
            steps[row] = step.readLong(row);
            if (steps[row] < 0 || (row > 0 && steps[row] <= steps[row - 1])) {
                throw InvalidInputException.of(
                        folder.toString(),
                        "step",
                        steps[row] + " at row " + row,
                        row == 0 ? "a step of at least 0" : "more than " + steps[row - 1] + " of the row before");
            }
        }
    }

    private String networks() {
        return stored.sites().stream()
                .map(LayerNormSite::network)
                .distinct()
                .map(LayerNormRecording::name)
                .collect(Collectors.joining(", "));
    }

    private static String name(String network) {
        return network.equals(PretrainingModel.MAIN) ? "the main one" : network;
    }

    /**
     * Opens a recording, and shows the sites of the network that a checkpoint of the run opens as.
     *
     * @throws InvalidInputException when it is missing, damaged, or not of our make
     */
    public static LayerNormRecording open(Path layernormZarr) throws IOException {
        return open(layernormZarr, PretrainingModel.MAIN);
    }

    /**
     * The same of another network of the run.
     *
     * @param network its name
     * @throws InvalidInputException also if nothing is recorded of it
     */
    public static LayerNormRecording open(Path layernormZarr, String network) throws IOException {
        return open(layernormZarr, Optional.of(network));
    }

    /** The same of all networks of the run. */
    public static LayerNormRecording whole(Path layernormZarr) throws IOException {
        return open(layernormZarr, Optional.empty());
    }

    private static LayerNormRecording open(Path layernormZarr, Optional<String> network) throws IOException {
        Optional<ConsolidatedMetadata> copies = ConsolidatedMetadata.read(layernormZarr);
        LayerNormRecording recording =
                new LayerNormRecording(layernormZarr, ZarrGroup.attributes(layernormZarr), network);
        if (copies.isPresent()) {
            copies.get().requireCopies(LayerNormStore.ARRAYS);
        }
        return recording;
    }

    /** Number of recorded steps. */
    public long size() {
        return steps.length;
    }

    /** Steps from one row to the next, where none is left out. */
    public int every() {
        return every;
    }

    /** The step at a row. */
    public long step(long row) {
        return steps[Math.toIntExact(row)];
    }

    /** All recorded steps, ascending. */
    public long[] steps() {
        return steps.clone();
    }

    /** The row of a step, or −1 if that step was not recorded. */
    public long row(long step) {
        int row = Arrays.binarySearch(steps, step);
        return row >= 0 ? row : -1;
    }

    /** The first row that does not hold step row * every, or −1 if there is none: then a recorder can go on with it. */
    long firstIrregularRow() {
        for (int row = 0; row < steps.length; row++) {
            if (steps[row] != (long) row * every) {
                return row;
            }
        }
        return -1;
    }

    /** A reader of whole chunks, for one thread. */
    public LayerNormChunks chunks() throws IOException {
        return new LayerNormChunks(folder, stored, chosen, layout.hidden(), steps.length);
    }

    /** The sites of what was opened, in the model's order. */
    public List<LayerNormSite> sites() {
        return layout.sites();
    }

    /** The index of the site with this name. */
    public int site(String name) {
        int index = layout.indexOf(name);
        if (index < 0) {
            throw InvalidInputException.of(
                    folder.toString(),
                    "site",
                    name,
                    "one of " + sites().stream().map(LayerNormSite::name).toList());
        }
        return index;
    }

    /** Where things lie in a snapshot. */
    public SnapshotLayout layout() {
        return layout;
    }

    /** All sites at one row, as the layout has it. */
    public float[] snapshot(long row) throws IOException {
        float[] snapshot = new float[layout.length()];
        read(row, snapshot);
        return snapshot;
    }

    /** One site's weight at one row, as long as the site is wide; null where the site has none. */
    public float[] weight(long row, int site) throws IOException {
        return vector(Part.WEIGHT, row, site);
    }

    /** One site's bias at one row; null where the site has none. */
    public float[] bias(long row, int site) throws IOException {
        return vector(Part.BIAS, row, site);
    }

    private float[] vector(Part part, long row, int site) throws IOException {
        if (!layout.has(site, part)) {
            return null;
        }
        float[] values = new float[layout.width(site)];
        (part == Part.WEIGHT ? weight : bias).read(row, chosen[site] * stored.hidden(), values, 0, values.length);
        return values;
    }

    /** Whether a row is there: a chunk of the recording that was lost leaves a gap. */
    public boolean has(long row) {
        return weight.has(row) && bias.has(row);
    }

    /** The last row that is there, −1 if none is. */
    public long lastRow() {
        long row = size() - 1;
        while (row >= 0 && !has(row)) {
            row--;
        }
        return row;
    }

    /** The steps that were recorded and whose chunks are lost, ascending. */
    public List<Gap> gaps() {
        List<Gap> gaps = new ArrayList<>();
        long first = -1;
        for (long row = 0; row <= size(); row++) {
            boolean lost = row < size() && !has(row);
            if (lost && first < 0) {
                first = row;
            } else if (!lost && first >= 0) {
                gaps.add(new Gap(step(first), step(row - 1)));
                first = -1;
            }
        }
        return gaps;
    }

    /**
     * Steps that were recorded and are lost.
     *
     * @param from the first of them
     * @param to the last
     */
    public record Gap(long from, long to) {}

    /** Visits the rows from, from + stride, … below to. The visitor's array is used again for the next row. */
    public void forEach(long from, long to, long stride, SnapshotVisitor visitor) throws IOException {
        float[] snapshot = new float[layout.length()];
        for (long row = from; row < to; row += stride) {
            read(row, snapshot);
            visitor.visit(step(row), snapshot);
        }
    }

    private void read(long row, float[] snapshot) throws IOException {
        for (int site = 0; site < layout.size(); site++) {
            int from = chosen[site] * stored.hidden();
            weight.read(row, from, snapshot, layout.weight(site), layout.hidden());
            bias.read(row, from, snapshot, layout.bias(site), layout.hidden());
        }
    }

    /** Takes the snapshots of a recording one after the other. */
    @FunctionalInterface
    public interface SnapshotVisitor {
        /**
         * The next snapshot.
         *
         * @param step the step
         * @param snapshot as the layout has it; copy what must last
         */
        void visit(long step, float[] snapshot) throws IOException;
    }
}
