package norma.monitor.recording;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import norma.datasets.base.Counted;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonFile;
import norma.trainer.layernorm.LayerNormChunks;
import norma.trainer.layernorm.Part;
import norma.trainer.model.LayerNormSite;
import norma.trainer.run.RunFiles;

/**
 * The recordings that are looked at, and what was read of them, within a bound of memory. Several threads may use it.
 *
 * <p>A recording of 250,000 steps has 5,000 chunks of each part. Of one that long a sample of {@value #SAMPLE} chunks
 * is answered at once, and the rest is read in the background.
 */
public final class Recordings implements AutoCloseable {
    /** Bytes of all that is kept. */
    private static final long MOST_BYTES = 112L << 20;
    /** Bytes of what one way through a recording keeps: of as many sites as fit. */
    private static final long MOST_BYTES_OF_PASS = 48L << 20;

    private static final int MOST_OPEN = 6;
    /** Chunks that are read before an answer. */
    private static final int AT_ONCE = 48;

    private static final int SAMPLE = 32;

    private final Map<Path, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private final PassQueue queue;

    /** A recording, and what of it is in memory. */
    private static final class Kept {
        private final RunFiles files;
        private Object origin;
        private final int resumptions;
        private final Object made;
        private final Object changed;
        private final OpenRecording recording;
        private final List<EnvelopePass> passes = new ArrayList<>();

        Kept(RunFiles files, Object origin, int resumptions, Object made, Object changed, OpenRecording recording) {
            this.files = files;
            this.origin = origin;
            this.resumptions = resumptions;
            this.made = made;
            this.changed = changed;
            this.recording = recording;
        }
    }

    /**
     * An empty one.
     *
     * @param listener is told how far the background is
     */
    public Recordings(Listener listener) {
        queue = new PassQueue(pass ->
                files(pass).ifPresent(files -> listener.progressed(files, pass.part(), pass.rowsDone(), pass.rows())));
    }

    /** Is told of what happens in the background. */
    @FunctionalInterface
    public interface Listener {
        /**
         * More of a recording is read.
         *
         * @param done rows
         * @param of all rows
         */
        void progressed(RunFiles run, Part part, long done, long of);
    }

    private synchronized Optional<RunFiles> files(EnvelopePass pass) {
        return kept.values().stream()
                .filter(each -> each.passes.contains(pass))
                .map(each -> each.files)
                .findFirst();
    }

    /**
     * Sites, networks and extent of a recording.
     *
     * @throws InvalidInputException if it is damaged
     */
    public ObjectNode description(RunFiles run) throws IOException {
        return open(run).recording.description();
    }

    /** First and last step, and how many there are. */
    public ObjectNode extent(RunFiles run) throws IOException {
        return open(run).recording.extent();
    }

    /** Outlier dimensions by the paper's rule at the last recorded step; null if nothing is recorded yet. */
    public ObjectNode outliersNow(RunFiles run) throws IOException {
        return open(run).recording.outliersNow();
    }

    /** One vector, exact, at the recorded step nearest to one. */
    public ObjectNode vector(RunFiles run, int site, Part part, long step) throws IOException {
        return open(run).recording.vector(step, site, part);
    }

    /** z of every site and dimension at the recorded step nearest to one. */
    public Values heatMap(RunFiles run, Part part, long step) throws IOException {
        OpenRecording.HeatMap map = open(run).recording.heatMap(step, part);
        return new Values(map.header(), List.of(map.z()));
    }

    /**
     * Numbers with what they are.
     *
     * @param header what they are
     * @param arrays one after the other
     */
    public record Values(ObjectNode header, List<float[]> arrays) {}

    /**
     * The trajectories of a site's vector.
     *
     * @param points at most
     * @param fromStep those before are not wanted, where all are known
     */
    public Values trajectories(RunFiles run, int site, Part part, int points, long fromStep) throws IOException {
        Kept recording = open(run);
        LayerNormSite described = recording.recording.require(site, part);
        EnvelopePass pass = pass(recording, site, part);
        if (pass.isWithin(AT_ONCE)) {
            pass.advance(AT_ONCE);
        } else {
            pass.sample(SAMPLE);
            queue.add(pass);
        }
        int fromRow = recording.recording.rowFrom(fromStep);
        EnvelopePass.Points found = pass.points(site, points, fromRow);
        ObjectNode header = header(recording.recording, found, pass.rows());
        header.put("site", site).put("site_name", described.name()).put("part", part.label());
        return new Values(header, List.of(found.min(), found.max()));
    }

    private static ObjectNode header(OpenRecording recording, EnvelopePass.Points found, int rows) {
        ObjectNode header = recording.extent();
        header.put("width", found.width()).put("points", found.firstRows().length);
        ArrayNode steps = header.putArray("steps");
        ArrayNode lastSteps = header.putArray("last_steps");
        for (int point = 0; point < found.firstRows().length; point++) {
            steps.add(recording.step(found.firstRows()[point]));
            lastSteps.add(recording.step(found.lastRows()[point]));
        }
        header.put("rows_per_point", found.rowsPerPoint()).put("rows", rows).put("complete", found.complete());
        return header.put("method", method(found, rows));
    }

    private static String method(EnvelopePass.Points found, int rows) {
        if (!found.complete()) {
            return String.format(
                    Locale.ROOT,
                    "a sample: min and max of %d stretches of %s, of %,d in all",
                    found.firstRows().length,
                    Counted.of(found.rowsPerPoint(), "recorded step"),
                    rows);
        }
        return found.rowsPerPoint() == 1
                ? "every recorded step"
                : String.format(Locale.ROOT, "min and max of each %,d recorded steps", found.rowsPerPoint());
    }

    private synchronized EnvelopePass pass(Kept recording, int site, Part part) {
        Optional<EnvelopePass> known =
                recording.passes.stream().filter(pass -> pass.has(part, site)).findFirst();
        if (known.isPresent()) {
            return known.get();
        }
        OpenRecording open = recording.recording;
        long each = Math.max(1, Envelope.bytes(1, open.layout().hidden(), Envelope.MOST));
        int together = (int) Math.max(1, Math.min(open.layout().size(), MOST_BYTES_OF_PASS / each));
        int first = site / together * together;
        EnvelopePass pass = new EnvelopePass(
                open, part, first, Math.min(together, open.layout().size() - first));
        recording.passes.add(pass);
        forget(recording);
        return pass;
    }

    /** Lets go of what was not looked at for longest, until the rest fits. */
    private void forget(Kept latest) {
        long bytes = kept.values().stream()
                .flatMap(each -> each.passes.stream())
                .mapToLong(EnvelopePass::bytes)
                .sum();
        Iterator<Kept> eldest = kept.values().iterator();
        int open = kept.size();
        while (eldest.hasNext() && (bytes > MOST_BYTES || open > MOST_OPEN)) {
            Kept each = eldest.next();
            while (!each.passes.isEmpty() && bytes > MOST_BYTES && (each != latest || each.passes.size() > 1)) {
                EnvelopePass gone = each.passes.remove(0);
                queue.remove(gone);
                bytes -= gone.bytes();
            }
            if (each != latest && open > MOST_OPEN) {
                each.passes.forEach(queue::remove);
                eldest.remove();
                open--;
            }
        }
    }

    /** The recording as it is now; what was read of it stays, unless it was cut or made again. */
    private synchronized Kept open(RunFiles run) throws IOException {
        Path folder = run.layerNorms();
        if (!Files.isDirectory(folder)) {
            throw new NothingRecordedException(run.path().getFileName() + ": has no layernorm.zarr");
        }
        Kept before = kept.get(folder);
        Object origin = stamp(provenance(run));
        boolean sameOrigin = before != null && before.origin.equals(origin);
        int resumptions = sameOrigin ? before.resumptions : resumptions(run);
        Object made = List.of(stamp(folder.resolve(".zgroup")), resumptions);
        Object changed = List.of(
                stamp(folder.resolve("weight").resolve(".zarray")),
                stamp(folder.resolve("bias").resolve(".zarray")),
                stamp(folder.resolve("step").resolve(".zarray")));
        if (before != null && before.made.equals(made) && before.changed.equals(changed)) {
            before.origin = origin;
            return before;
        }
        Kept now = new Kept(run, origin, resumptions, made, changed, OpenRecording.open(folder));
        boolean grown = before != null
                && before.made.equals(made)
                && now.recording.rows() >= before.recording.rows()
                && now.recording.layout().equals(before.recording.layout());
        if (grown) {
            now.passes.addAll(before.passes);
            now.passes.forEach(pass -> pass.extend(now.recording));
        } else if (before != null) {
            before.passes.forEach(queue::remove);
        }
        kept.put(folder, now);
        forget(now);
        return now;
    }

    /** A seed of a fine-tuning has that of the whole. */
    private static Path provenance(RunFiles run) {
        Path own = run.provenance();
        return Files.exists(own) ? own : new RunFiles(run.path().getParent()).provenance();
    }

    /**
     * How often a run was resumed: then what it had recorded is cut, and recorded again, on a GPU with other digits.
     */
    private static int resumptions(RunFiles run) {
        try {
            return JsonFile.read(provenance(run)).node().path("resumed").size();
        } catch (InvalidInputException e) {
            return 0; // what is wrong with it is said in the list of the runs
        }
    }

    private static Object stamp(Path file) throws IOException {
        if (!Files.exists(file)) {
            return "none";
        }
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return List.of(attributes.lastModifiedTime(), attributes.size(), String.valueOf(attributes.fileKey()));
    }

    /**
     * Refuses what {@link #csv} could not write.
     *
     * @throws BadQueryException if there is no such site, vector or dimension
     */
    public void require(RunFiles run, int site, Part part, List<Integer> dimensions) throws IOException {
        LayerNormSite described = open(run).recording.require(site, part);
        for (int dimension : dimensions) {
            if (dimension < 0 || dimension >= described.width()) {
                throw BadQueryException.of("dimension", dimension, "from 0 to " + (described.width() - 1));
            }
        }
    }

    /**
     * Writes every recorded value of some dimensions as CSV, exactly: {@code step,dim_3,dim_17}. A float is written
     * with as many digits as tell it from its neighbours.
     */
    public void csv(RunFiles run, int site, Part part, List<Integer> dimensions, Writer out) throws IOException {
        OpenRecording recording = open(run).recording;
        out.write("step");
        for (int dimension : dimensions) {
            out.write(",dim_" + dimension);
        }
        out.write('\n');
        LayerNormChunks chunks = recording.chunks();
        int site0 = site * recording.layout().hidden();
        int row = recording.layout().size() * recording.layout().hidden();
        for (long chunk = 0; chunk < chunks.count(); chunk++) {
            if (!chunks.read(chunk, part)) {
                continue; // steps that are lost are not there
            }
            float[] values = chunks.values(part);
            for (int r = 0; r < chunks.rows(chunk); r++) {
                out.write(Long.toString(recording.step(chunks.firstRow(chunk) + r)));
                for (int dimension : dimensions) {
                    out.write(',');
                    out.write(Float.toString(values[r * row + site0 + dimension]));
                }
                out.write('\n');
            }
        }
    }

    @Override
    public void close() {
        queue.close();
    }
}
