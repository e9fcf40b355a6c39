package norma.trainer.layernorm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.trainer.model.LayerNormSite;
import norma.trainer.zarr.ArrayAttributes;
import norma.trainer.zarr.ArrayMetadata;
import norma.trainer.zarr.ConsolidatedMetadata;
import norma.trainer.zarr.ElementType;
import norma.trainer.zarr.FixedVector;
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
    private static final ArrayAttributes OF_WEIGHT = values("LayerNorm weight (scaling factor)");
    private static final ArrayAttributes OF_BIAS = values("LayerNorm bias (shift)");
    private static final ArrayAttributes OF_STEP = coordinate(STEP, "optimiser steps taken");
    private static final ArrayAttributes OF_SITE = new ArrayAttributes(List.of(SITE), "LayerNorm site", null);
    private static final ArrayAttributes OF_HIDDEN = coordinate(HIDDEN, "dimension of the hidden vector");
    static final List<String> ARRAYS = List.of(WEIGHT, BIAS, STEP, SITE, HIDDEN);

    private final Path folder;
    private final SnapshotLayout layout;
    private final int every;
    private final GrowingArray weight;
    private final GrowingArray bias;
    private final GrowingArray step;
    private final float[] row;
    private RecordingDigest digest; // of all rows; null until the first is added, or it is asked for

    private LayerNormStore(
            Path folder, SnapshotLayout layout, int every, GrowingArray weight, GrowingArray bias, GrowingArray step) {
        this.folder = folder;
        this.layout = layout;
        this.every = every;
        this.weight = weight;
        this.bias = bias;
        this.step = step;
        row = new float[layout.size() * layout.hidden()];
        Arrays.fill(row, Float.NaN);
    }

    private static ArrayAttributes values(String longName) {
        return new ArrayAttributes(List.of(STEP, SITE, HIDDEN), longName, "1");
    }

    private static ArrayAttributes coordinate(String name, String longName) {
        return new ArrayAttributes(List.of(name), longName, "1");
    }

    /** Makes an empty store: under another name first, so that a store that has its name is whole. */
    static LayerNormStore create(Path folder, SnapshotLayout layout, int every, Map<String, String> run)
            throws IOException {
        Path temporary = folder.resolveSibling(folder.getFileName() + ".tmp");
        DurableFiles.delete(temporary);
        Files.createDirectories(temporary);
        ZarrGroup.create(temporary, SiteAttributes.write(layout.sites(), every, run));
        ArrayMetadata values =
                new ArrayMetadata(ElementType.FLOAT32, 0, CHUNK_STEPS, List.of(layout.size(), layout.hidden()));
        GrowingArray.create(temporary.resolve(WEIGHT), values, OF_WEIGHT);
        GrowingArray.create(temporary.resolve(BIAS), values, OF_BIAS);
        GrowingArray.create(
                temporary.resolve(STEP), new ArrayMetadata(ElementType.INT64, 0, STEP_CHUNK, List.of()), OF_STEP);
        sites(layout).write(temporary.resolve(SITE), OF_SITE);
        positions(layout).write(temporary.resolve(HIDDEN), OF_HIDDEN);
        ConsolidatedMetadata.write(temporary);
        Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
        return open(folder, layout, every, run);
    }

    private static FixedVector sites(SnapshotLayout layout) {
        return FixedVector.of(layout.sites().stream().map(LayerNormSite::name).toList());
    }

    private static FixedVector positions(SnapshotLayout layout) {
        return FixedVector.of(LongStream.range(0, layout.hidden()).toArray());
    }

    /**
     * Reads whole what a run that goes on adds to: every metadata file, coordinate and chunk up to a step.
     *
     * @param lastStep that the run goes on from
     * @return the {@link RecordingDigest} of the rows up to there
     * @throws InvalidInputException naming the file that is missing or damaged, or what was recorded from another model
     */
    static String requireWhole(Path folder, SnapshotLayout layout, int every, long lastStep) throws IOException {
        LayerNormRecording recording = requireOf(folder, layout, every);
        requireRows(folder, recording.size(), every, lastStep);
        OF_WEIGHT.require(folder.resolve(WEIGHT));
        OF_BIAS.require(folder.resolve(BIAS));
        OF_STEP.require(folder.resolve(STEP));
        sites(layout).require(folder.resolve(SITE), OF_SITE);
        positions(layout).require(folder.resolve(HIDDEN), OF_HIDDEN);
        return new RecordingDigest(folder, recording).through(lastStep);
    }

    private static void requireRows(Path folder, long rows, int every, long lastStep) {
        if (Math.floorDiv(lastStep, every) >= rows) {
            throw new InvalidInputException(folder + ": the recording ends at step " + (rows - 1) * every
                    + ", before step " + lastStep + " where the run goes on");
        }
    }

    /** Opens a recording that a run of a model can go on with. */
    private static LayerNormRecording requireOf(Path folder, SnapshotLayout layout, int every) throws IOException {
        LayerNormRecording recording = LayerNormRecording.whole(folder);
        requireSame(folder, "hidden", recording.layout().hidden(), layout.hidden());
        requireSame(folder, "sites", recording.layout().size(), layout.size());
        for (int site = 0; site < layout.size(); site++) {
            requireSame(folder, "site " + site, recording.layout().site(site), layout.site(site));
        }
        requireSame(folder, "every", recording.every(), every);
        long irregular = recording.firstIrregularRow();
        if (irregular >= 0) {
            throw InvalidInputException.of(
                    folder.toString(),
                    "step",
                    recording.step(irregular),
                    irregular * every + " at row " + irregular + ", for a recording that goes on");
        }
        return recording;
    }

    /**
     * Opens a store to continue it; after a crash the arrays may differ in length, and the shortest counts.
     *
     * @param run what the attributes say of it from now on, for a fork begins with a copy of its parent's; empty to
     *     leave them
     */
    static LayerNormStore open(Path folder, SnapshotLayout layout, int every, Map<String, String> run)
            throws IOException {
        LayerNormRecording recording = requireOf(folder, layout, every);
        ConsolidatedMetadata.remove(folder);
        if (!run.isEmpty()) {
            ZarrGroup.describe(folder, SiteAttributes.describe(ZarrGroup.attributes(folder), run));
        }
        LayerNormStore store = new LayerNormStore(
                folder,
                layout,
                every,
                GrowingArray.open(folder.resolve(WEIGHT), recording.size()),
                GrowingArray.open(folder.resolve(BIAS), recording.size()),
                GrowingArray.open(folder.resolve(STEP), recording.size()));
        ConsolidatedMetadata.write(folder);
        return store;
    }

    private static void requireSame(Path folder, String key, Object found, Object expected) {
        if (!found.equals(expected)) {
            throw InvalidInputException.of(
                    folder.toString(), key, found, "the model's and the configuration's " + expected);
        }
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
        RecordingDigest rowsDigest = digest();
        rowsDigest.begin(newStep);
        weight.append(gather(snapshot, Part.WEIGHT));
        rowsDigest.values(row, 0);
        bias.append(gather(snapshot, Part.BIAS));
        rowsDigest.values(row, 0);
        step.append(newStep);
        if (rows() % CHUNK_STEPS == 0) {
            commit();
        }
    }

    /** Of one part (sites, hidden): the sites' values and nothing else of the snapshot, NaN in all other places. */
    private float[] gather(float[] snapshot, Part part) {
        for (int site = 0; site < layout.size(); site++) {
            int at = site * layout.hidden();
            if (layout.has(site, part)) {
                System.arraycopy(snapshot, layout.offset(site, part), row, at, layout.width(site));
            } else {
                Arrays.fill(row, at, at + layout.width(site), Float.NaN);
            }
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
        ConsolidatedMetadata.write(folder);
    }

    /** The {@link RecordingDigest} of all rows so far. */
    String sha256() throws IOException {
        return digest().sha256();
    }

    /** Read from the disk once, where everything lies that was added before this store was opened or cut. */
    private RecordingDigest digest() throws IOException {
        if (digest == null) {
            digest = RecordingDigest.of(folder);
            digest.through(Long.MAX_VALUE);
        }
        return digest;
    }

    /** Keeps the rows up to and including a step. */
    void truncateAfter(long lastStep) throws IOException {
        commit();
        long kept = Math.floorDiv(lastStep, every) + 1;
        requireRows(folder, rows(), every, lastStep);
        if (kept < rows()) {
            digest = null;
            ConsolidatedMetadata.remove(folder);
            for (GrowingArray array : arrays()) {
                array.truncate(kept);
            }
            ConsolidatedMetadata.write(folder);
        }
    }

    private List<GrowingArray> arrays() {
        return List.of(weight, bias, step);
    }
}
