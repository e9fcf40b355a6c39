package norma.probes.emergence;

import java.nio.file.Path;
import java.util.List;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TestSites;

/**
 * A recording in which exactly those values lie beyond 3 standard deviations that a test asks for: the others are 0.01
 * above or below their mean, those asked for 1 above, which is at least 3.8 deviations for up to 4 of 64.
 */
final class ConstructedRecording {
    static final int HIDDEN = 64;

    private ConstructedRecording() {}

    /** Says which values are beyond. */
    @FunctionalInterface
    interface Plan {
        boolean beyond(long step, String site, boolean weight, int dimension);
    }

    /** Changes a finished snapshot. */
    @FunctionalInterface
    interface Damage {
        void apply(long step, float[] snapshot);
    }

    static Path write(Path folder, int layers, int rows, int every, Plan plan) {
        return write(folder, layers, rows, every, plan, (step, snapshot) -> {});
    }

    static Path write(Path folder, int layers, int rows, int every, Plan plan, Damage damage) {
        List<LayerNormSite> sites = TestSites.ofBert(layers, HIDDEN);
        Path store = folder.resolve("layernorm.zarr");
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, new SnapshotLayout(sites), every, false)) {
            for (long row = 0; row < rows; row++) {
                long step = row * every;
                float[] snapshot = snapshot(sites, step, plan);
                damage.apply(step, snapshot);
                recorder.record(step, snapshot);
            }
        }
        return store;
    }

    private static float[] snapshot(List<LayerNormSite> sites, long step, Plan plan) {
        float[] snapshot = new float[sites.size() * 2 * HIDDEN];
        for (int i = 0; i < snapshot.length; i++) {
            int d = i % HIDDEN;
            boolean weight = i / HIDDEN % 2 == 0;
            String site = sites.get(i / HIDDEN / 2).name();
            float rest = (weight ? 1 : 0) + (d % 2 == 0 ? 0.01f : -0.01f);
            snapshot[i] = plan.beyond(step, site, weight, d) ? (weight ? 2 : 1) : rest;
        }
        return snapshot;
    }

    /** Whether this is the output of one of the first so many layers. */
    static boolean output(String site, int layers) {
        return site.matches("layer\\.\\d+\\.output") && Integer.parseInt(site.split("\\.", -1)[1]) < layers;
    }
}
