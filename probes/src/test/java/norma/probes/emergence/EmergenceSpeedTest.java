package norma.probes.emergence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import norma.datasets.base.Progress;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Time of reading a recording of BERT-medium's shape, a tenth of 250,000 steps long (1.8 GB of values):
 *
 * <pre>mvn -pl probes -am -Dtest=EmergenceSpeedTest -Dnorma.slow=true test</pre>
 *
 * {@code -Dnorma.slow.steps=250000} is the whole length, which takes 12 GB of disk and some minutes to write.
 */
@Tag("slow")
@EnabledIfSystemProperty(
        named = "norma.slow",
        matches = "true",
        disabledReason = "writes 1.2 GB; -Dnorma.slow=true runs it")
class EmergenceSpeedTest {
    private static final int LAYERS = 8;
    private static final int HIDDEN = 512;
    private static final int OUTLIER = 308;
    private static final double SECONDS_FOR_WHOLE = 60;
    private static final int WHOLE = 250_000;
    private static final long LARGEST_RESIDENT = 2_000_000_000L;

    @TempDir
    Path folder;

    @Test
    void atThePaceOfAMinuteForAQuarterMillionSteps() throws IOException {
        int steps = Integer.getInteger("norma.slow.steps", WHOLE / 10);
        Path store = folder.resolve("layernorm.zarr");
        write(store, steps);
        long start = System.nanoTime();
        Emergence found = EmergenceReader.read(LayerNormRecording.open(store), OutlierRule.PAPER, Progress.NONE);
        double seconds = (System.nanoTime() - start) / 1e9;
        long resident = largestResident();
        System.err.printf(
                Locale.ROOT,
                "%,d steps x %d sites x %d: %.1f s, at most %,d MB resident, writing included%n",
                steps,
                2 * LAYERS + 2,
                HIDDEN,
                seconds,
                resident / 1_000_000);
        assertThat(found.dimensions()).hasSize(1);
        assertThat(found.dimensions().get(0).dimension()).isEqualTo(OUTLIER);
        assertThat(found.dimensions().get(0).emergenceStep()).isEqualTo(steps / 2);
        assertThat(seconds).isLessThan(SECONDS_FOR_WHOLE * steps / WHOLE);
        assertThat(resident).isLessThan(LARGEST_RESIDENT);
    }

    /** VmHWM of proc(5), in bytes; 0 on a system that does not tell it. */
    private static long largestResident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(0);
    }

    /** Noise that compresses like a training's, and one dimension that leaves at half of the steps. */
    static void write(Path store, int steps) {
        List<LayerNormSite> sites = TestSites.ofBert(LAYERS, HIDDEN);
        SplittableRandom random = new SplittableRandom(1);
        float[] start = new float[sites.size() * 2 * HIDDEN];
        for (int i = 0; i < start.length; i++) {
            start[i] = (i / HIDDEN % 2 == 0 ? 1 : 0) + (float) ((random.nextDouble() - 0.5) / 20);
        }
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, new SnapshotLayout(sites), 1, false)) {
            float[] current = start;
            for (int step = 0; step < steps; step++) {
                float[] next = new float[current.length];
                for (int i = 0; i < next.length; i++) {
                    boolean out = i % HIDDEN == OUTLIER && step >= steps / 2;
                    next[i] = out ? start[i] + 0.5f : start[i] + (random.nextInt() >> 12) * 1e-9f;
                }
                recorder.record(step, next);
                current = next;
            }
        }
    }
}
