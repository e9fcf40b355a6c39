package norma.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.random.CounterHash;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.Slice;
import norma.trainer.run.RunFiles;

/** A run's folder whose every recorded value is a function of step, site and dimension. */
public final class TestRun {
    /** Width of the sites. */
    public static final int WIDTH = 12;

    private static final String CONFIG = """
            seed: 7
            device: "cpu"
            data:
              objective: "mlm"
            model:
              model_type: "bert"
              hidden_size: 12
            training:
              steps: 500
              precision: "float32"
            """;

    private final RunFiles files;
    private final SnapshotLayout layout;

    private TestRun(Path folder) {
        files = new RunFiles(folder);
        layout = new SnapshotLayout(List.of(
                site("embeddings", LayerNormSite.NO_LAYER, Kind.EMBEDDINGS, WIDTH, true),
                site("layer.0.output", 0, Kind.OUTPUT, WIDTH, true),
                site("layer.1.output", 1, Kind.OUTPUT, WIDTH, true),
                site("head", LayerNormSite.NO_LAYER, Kind.HEAD, WIDTH - 4, false)));
    }

    private static LayerNormSite site(String name, int layer, Kind kind, int width, boolean bias) {
        return new LayerNormSite(
                name,
                Stack.ENCODER,
                layer,
                kind,
                width,
                Slice.ofVector(name + ".weight"),
                bias ? Slice.ofVector(name + ".bias") : null);
    }

    /** A folder with configuration and provenance of a run that goes on, and nothing logged or recorded. */
    public static TestRun begin(Path folder) throws IOException {
        Files.createDirectories(folder);
        TestRun run = new TestRun(folder);
        Files.writeString(run.files.config(), CONFIG);
        Files.writeString(
                run.files.provenance(),
                "{\"device\":\"cpu\",\"seed\":7,\"data\":{},\"started\":\"2026-01-01T00:00:00Z\",\"resumed\":[],\"ended\":null}");
        return run;
    }

    /** The same with lines of metrics and a recording of steps 0 to the last. */
    public static TestRun recorded(Path folder, int lastStep) throws IOException {
        TestRun run = begin(folder);
        run.record(0, lastStep);
        run.log(10, lastStep);
        return run;
    }

    /** Records steps; those of a recording that is there must be those before. */
    public void record(int from, int to) {
        try (LayerNormRecorder recorder = LayerNormRecorder.open(files.layerNorms(), layout, 1, from > 0)) {
            for (int step = from; step <= to; step++) {
                recorder.record(step, snapshot(step));
            }
        }
    }

    /** Cuts the recording after a step, as a run does that is resumed from there. */
    public void cutRecording(int step) {
        try (LayerNormRecorder recorder = LayerNormRecorder.open(files.layerNorms(), layout, 1, true)) {
            recorder.truncateAfter(step);
        }
    }

    /** Logs every tenth step, with an evaluation at every hundredth. */
    public void log(int from, int to) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int step = from; step <= to; step += 10) {
            lines.add(line(step));
        }
        Files.write(files.metrics(), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The line of a step. */
    public static String line(int step) {
        String validation = step % 100 == 0
                ? ",\"validation\":{\"mlm_loss\":" + loss(step) * 2 + ",\"perplexity\":5.5,\"unigram_entropy\":6.25,"
                        + "\"context_free_loss\":6.0}"
                : "";
        return "{\"step\":" + step + ",\"loss\":" + loss(step) + ",\"learning_rate\":0.001,\"step_seconds\":0.5"
                + ",\"tokens_per_second\":1000.0" + validation
                + ",\"layernorm\":{\"outlier_dimensions\":" + (step >= 200 ? "[3]" : "[]")
                + ",\"sites\":{\"head\":{\"weight\":{\"largest_z\":1.5,\"dimension\":1,\"beyond_3_sigma\":0},"
                + "\"bias\":null}}}}";
    }

    /** The training loss that is logged at a step. */
    public static double loss(int step) {
        return 8.0 - step / 512.0;
    }

    /** All values of a step, as {@link #layout} has them. */
    public float[] snapshot(int step) {
        float[] snapshot = layout.blank();
        for (int site = 0; site < layout.size(); site++) {
            for (int d = 0; d < layout.width(site); d++) {
                snapshot[layout.weight(site) + d] = value(step, site, 0, d);
                if (layout.site(site).bias() != null) {
                    snapshot[layout.bias(site) + d] = value(step, site, 1, d);
                }
            }
        }
        return snapshot;
    }

    /** A recorded value: noise around 1 or 0; dimension 3 leaves the others. */
    public static float value(int step, int site, int part, int dimension) {
        long key = CounterHash.key(site * 1000L + part * 100L + dimension, "monitor-test");
        double noise = (CounterHash.uniform(key, step) - 0.5) / 50;
        double drift = dimension == 3 ? step / 100.0 : 0;
        return (float) ((part == 0 ? 1 : 0) + noise + drift);
    }

    /** Where its files lie. */
    public RunFiles files() {
        return files;
    }

    /** Its sites: two layers, embeddings, and a head that is narrower and has no bias. */
    public SnapshotLayout layout() {
        return layout;
    }
}
