package norma.monitor.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import norma.datasets.base.Progress;
import norma.datasets.files.DurableFiles;
import norma.datasets.json.JsonFile;
import norma.datasets.random.CounterHash;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.Slice;
import norma.trainer.run.RunFiles;
import norma.trainer.zarr.ConsolidatedMetadata;
import norma.trainer.zarr.GrowingArray;

/**
 * The folder of a run that was never trained, as long as one likes: its recording has few chunks that differ, and every
 * other one is a further name (a hard link) of one of them. Read and decoded are they all the same; what is not
 * measured with it is a disk that is slower than memory.
 */
public final class SyntheticRun {
    /** Steps that are made; the recording goes through them slower. */
    private static final int MADE = 1000;

    private static final int CHUNK = 50;
    private static final int LOG_EVERY = 10;
    private static final int OUTLIER = 17;
    private static final double LEAVES = 0.4;
    private static final String VECTOR = "{\"largest_z\":-2.7334114583413465,\"dimension\":17,\"beyond_3_sigma\":1}";

    private final RunFiles files;
    private final int layers;
    private final int hidden;
    private long rows;
    private long logged;

    private SyntheticRun(Path folder, int layers, int hidden) {
        files = new RunFiles(folder);
        this.layers = layers;
        this.hidden = hidden;
    }

    /**
     * Writes one.
     *
     * @param folder does not exist yet
     * @param steps recorded and, every tenth of them, logged
     * @param layers of the model, which has 2 sites in each and 2 beside them
     * @param hidden width of every site
     * @param room further steps that it can be {@link #grow grown} by
     */
    public static SyntheticRun write(Path folder, long steps, int layers, int hidden, long room, Progress progress)
            throws IOException {
        Files.createDirectories(folder);
        SyntheticRun run = new SyntheticRun(folder, layers, hidden);
        Files.writeString(run.files.config(), String.format(Locale.ROOT, """
                seed: 1
                device: "cpu"
                data:
                  objective: "mlm"
                model:
                  model_type: "bert"
                  hidden_size: %d
                  num_hidden_layers: %d
                training:
                  steps: %d
                  precision: "float32"
                """, hidden, layers, steps + room));
        Files.writeString(
                run.files.provenance(),
                "{\"device\":\"cpu\",\"seed\":1,\"data\":{},\"started\":\"2026-01-01T00:00:00Z\",\"resumed\":[],"
                        + "\"ended\":null}\n");
        run.recording(steps, room, progress);
        run.log(steps, progress);
        return run;
    }

    /** Where it lies. */
    public RunFiles files() {
        return files;
    }

    private SnapshotLayout layout() {
        List<LayerNormSite> sites = new ArrayList<>();
        sites.add(site("embeddings", LayerNormSite.NO_LAYER, Kind.EMBEDDINGS));
        for (int layer = 0; layer < layers; layer++) {
            sites.add(site("layer." + layer + ".attention.output", layer, Kind.ATTENTION));
            sites.add(site("layer." + layer + ".output", layer, Kind.OUTPUT));
        }
        sites.add(site("head", LayerNormSite.NO_LAYER, Kind.HEAD));
        return new SnapshotLayout(sites);
    }

    private LayerNormSite site(String name, int layer, Kind kind) {
        return new LayerNormSite(
                name,
                Stack.ENCODER,
                layer,
                kind,
                hidden,
                Slice.ofVector(name + ".LayerNorm.weight"),
                Slice.ofVector(name + ".LayerNorm.bias"));
    }

    private void recording(long steps, long room, Progress progress) throws IOException {
        Path made = files.path().resolve("made.zarr");
        SnapshotLayout layout = layout();
        try (LayerNormRecorder recorder = LayerNormRecorder.open(made, layout, 1, false)) {
            for (int step = 0; step < MADE; step++) {
                recorder.record(step, snapshot(layout, step));
                progress.update("making", step, MADE, "steps");
            }
        }
        Path target = files.layerNorms();
        Files.createDirectory(target);
        for (String name : List.of(".zgroup", ".zattrs")) {
            Files.copy(made.resolve(name), target.resolve(name));
        }
        for (String name : List.of("site", "hidden")) {
            copyFolder(made.resolve(name), target.resolve(name));
        }
        long chunks = (steps + room) / CHUNK + 1;
        for (String part : List.of("weight", "bias")) {
            link(made.resolve(part), target.resolve(part), chunks);
        }
        steps(made.resolve("step"), target.resolve("step"));
        publish(steps + 1);
        DurableFiles.delete(made);
    }

    private static void copyFolder(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (var entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                Files.copy(entry, to.resolve(entry.getFileName().toString()));
            }
        }
    }

    private static void link(Path made, Path target, long chunks) throws IOException {
        Files.createDirectory(target);
        Files.copy(made.resolve(".zattrs"), target.resolve(".zattrs"));
        Files.copy(made.resolve(".zarray"), target.resolve(".zarray"));
        for (long chunk = 0; chunk < chunks; chunk++) {
            long like = chunk * (MADE / CHUNK) / chunks;
            Files.createLink(target.resolve(chunk + ".0.0"), made.resolve(like + ".0.0"));
        }
    }

    private static void steps(Path made, Path target) throws IOException {
        copyFolder(made, target);
        GrowingArray.open(target, 0);
    }

    /** Makes so many rows visible, the coordinate first and the lengths after it. */
    private void publish(long newRows) throws IOException {
        Path folder = files.layerNorms();
        GrowingArray step = GrowingArray.open(folder.resolve("step"), rows);
        for (; rows < newRows; rows++) {
            step.append(rows);
        }
        step.writeChunks();
        step.publish();
        for (String part : List.of("bias", "weight")) {
            Path file = folder.resolve(part).resolve(".zarray");
            ObjectNode json = JsonFile.read(file).node();
            ((ArrayNode) json.get("shape")).set(0, rows);
            Path temporary = file.resolveSibling(".zarray.tmp");
            Files.writeString(temporary, json.toPrettyString());
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        }
        ConsolidatedMetadata.write(folder);
    }

    private float[] snapshot(SnapshotLayout layout, int step) {
        double done = (double) step / MADE;
        float[] snapshot = layout.blank();
        for (int i = 0; i < snapshot.length; i++) {
            boolean weight = i / hidden % 2 == 0;
            long key = CounterHash.key(i, "synthetic-run");
            double drift = (CounterHash.uniform(key, -1) - 0.5) * 0.2 * Math.sqrt(done);
            double noise = (CounterHash.uniform(key, step) - 0.5) / 500;
            double leaves = i % hidden == OUTLIER && done > LEAVES ? (weight ? 1 : -1) * (done - LEAVES) : 0;
            snapshot[i] = (float) ((weight ? 1 : 0) + drift + noise + leaves);
        }
        return snapshot;
    }

    /**
     * Records and logs further steps, as a run that goes on.
     *
     * @throws IllegalArgumentException if there is no room for them
     */
    public void grow(int steps) throws IOException {
        long last = rows - 1 + steps;
        if (!Files.exists(files.layerNorms().resolve("weight").resolve(last / CHUNK + ".0.0"))) {
            throw new IllegalArgumentException("no room for step " + last);
        }
        log(last, (phase, done, of, unit) -> {});
        publish(last + 1);
    }

    private void log(long last, Progress progress) throws IOException {
        List<String> names = layout().sites().stream().map(LayerNormSite::name).toList();
        try (BufferedWriter out =
                Files.newBufferedWriter(files.metrics(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (; logged <= last; logged += LOG_EVERY) {
                out.write(line(logged, names));
                progress.update("logging", logged, last, "steps");
            }
        }
    }

    private static String line(long step, List<String> sites) {
        double noise = CounterHash.uniform(7, step);
        StringBuilder line = new StringBuilder(4096);
        line.append(String.format(
                Locale.ROOT,
                "{\"step\":%d,\"loss\":%.12f,\"mlm_loss\":%.12f,\"learning_rate\":0.001,\"grad_norm\":%.12f,"
                        + "\"step_seconds\":0.0512345678,\"tokens_per_second\":19987.123456,\"resident_bytes\":1234567890",
                step,
                3 + 6 / Math.sqrt(1 + step / 1000.0) + noise,
                3 + noise,
                1 + noise));
        if (step % 500 == 0) {
            line.append(String.format(
                    Locale.ROOT,
                    ",\"validation\":{\"mlm_loss\":%.12f,\"perplexity\":42.5,\"accuracy\":0.31,\"predictions\":4000,"
                            + "\"unigram_loss\":6.4,\"unigram_entropy\":6.31,\"context_free_loss\":6.2}",
                    3 + 6 / Math.sqrt(1 + step / 1000.0)));
        }
        line.append(",\"layernorm\":{\"outlier_dimensions\":[").append(OUTLIER).append("],\"sites\":{");
        for (int site = 0; site < sites.size(); site++) {
            line.append(site == 0 ? "\"" : ",\"")
                    .append(sites.get(site))
                    .append("\":{\"weight\":")
                    .append(VECTOR);
            line.append(",\"bias\":").append(VECTOR).append('}');
        }
        return line.append("}}}\n").toString();
    }
}
