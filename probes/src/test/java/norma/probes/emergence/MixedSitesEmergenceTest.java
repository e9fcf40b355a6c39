package norma.probes.emergence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import norma.datasets.base.Progress;
import norma.probes.dimensions.StackChoice;
import norma.trainer.figure.FigureWidth;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recordings of sites of two widths, one without a bias and one without a weight. */
@Tag("unit")
class MixedSitesEmergenceTest {
    private static final int WIDE = 70; // more than one word of 64 bits
    private static final int NARROW = 20;
    private static final SnapshotLayout LAYOUT = new SnapshotLayout(List.of(
            TestSites.bert("embeddings", NARROW),
            TestSites.output(Stack.ENCODER, 0, WIDE, true, true),
            TestSites.output(Stack.ENCODER, 1, WIDE, true, false),
            TestSites.output(Stack.ENCODER, 2, NARROW, false, true)));

    @TempDir
    Path folder;

    /** Values that alternate between +0.01 and -0.01; dimension 5 leaves everywhere, dimension 66 where it exists. */
    private static float[] snapshot(int step) {
        float[] snapshot = LAYOUT.blank();
        for (int site = 0; site < LAYOUT.size(); site++) {
            for (Part part : Part.values()) {
                if (LAYOUT.has(site, part)) {
                    for (int d = 0; d < LAYOUT.width(site); d++) {
                        boolean beyond = (d == 5 && step >= 10 * site) || (d == 66 && step >= 15 * site);
                        snapshot[LAYOUT.offset(site, part) + d] = beyond ? 1 : d % 2 == 0 ? 0.01f : -0.01f;
                    }
                }
            }
        }
        return snapshot;
    }

    private Emergence read(List<float[]> snapshots, OutlierRule rule) throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, LAYOUT, 1, true)) {
            recorder.truncateAfter(-1);
            for (int step = 0; step < snapshots.size(); step++) {
                recorder.record(step, snapshots.get(step));
            }
        }
        return EmergenceReader.read(LayerNormRecording.open(store), rule, Progress.NONE);
    }

    private Emergence read() throws IOException {
        List<float[]> snapshots = new ArrayList<>();
        for (int step = 0; step < 60; step++) {
            snapshots.add(snapshot(step));
        }
        return read(snapshots, OutlierRule.PAPER);
    }

    @Test
    void aDimensionEmerges_whenMoreThanHalfOfTheLayersHaveWhatTheyHaveBeyond() throws IOException {
        Emergence emergence = read();
        assertThat(emergence.notFinite()).isEmpty();
        assertThat(emergence.hidden()).isEqualTo(WIDE);
        assertThat(emergence.dimensions())
                .extracting(EmergedDimension::dimension, EmergedDimension::emergenceStep)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(5, 20L), org.assertj.core.groups.Tuple.tuple(66, 30L));
        assertThat(emergence.dimensions().get(0).order()).containsExactly("encoder.0", "encoder.1", "encoder.2");
        assertThat(emergence.dimensions().get(1).order()).containsExactly("encoder.0", "encoder.1");
        assertThat(emergence.dimensions().get(0).sites().get(2))
                .isEqualTo(new EmergedDimension.SiteSteps("encoder.1", 20L, 20L, null, null));
    }

    @Test
    void theRise_isTheMeanOverLayersThatHaveTheVector() throws IOException {
        EmergedDimension.Rise rise = read().dimensions().get(0).rise();
        float[] at20 = snapshot(20);
        double weight0 = Math.abs(VectorStatistics.z(at20, LAYOUT.weight(1), WIDE)[5]);
        double weight1 = Math.abs(VectorStatistics.z(at20, LAYOUT.weight(2), WIDE)[5]);
        double bias0 = Math.abs(VectorStatistics.z(at20, LAYOUT.bias(1), WIDE)[5]);
        assertThat(rise.onsetStep()).isEqualTo(10);
        assertThat(rise.layers()).isEqualTo(2);
        assertThat(rise.weightZ()).isCloseTo((weight0 + weight1) / 2, within(1e-12));
        assertThat(rise.biasZ()).isCloseTo(bias0, within(1e-12));
        double atOnset = Math.abs(VectorStatistics.z(snapshot(10), LAYOUT.bias(1), WIDE)[5]);
        assertThat(rise.biasSpeed())
                .as("of layer 0 alone, in 10 steps; slower since dimension 66 has left too")
                .isCloseTo((bias0 - atOnset) / 0.01, within(1e-9))
                .isNegative();
    }

    @Test
    void departures_haveNoZOfAVectorThatIsMissing() throws IOException {
        Emergence emergence = read();
        assertThat(emergence.departures())
                .filteredOn(departure -> departure.site().equals("encoder.2"))
                .singleElement()
                .satisfies(departure -> {
                    assertThat(departure.dimension()).isEqualTo(5);
                    assertThat(departure.weightStep()).isNull();
                    assertThat(departure.weightZ()).isNull();
                    assertThat(departure.biasStep()).isEqualTo(30);
                    assertThat(departure.biasZ()).isCloseTo(Math.sqrt(NARROW - 1), within(0.01));
                });
        JsonNode json = EmergenceJson.of("run", emergence, null);
        JsonNode departure = json.get("departures").get(json.get("departures").size() - 1);
        assertThat(departure.get("site").asText()).isEqualTo("encoder.2");
        assertThat(departure.get("weight_z").isNull()).isTrue();
        assertThat(departure.get("weight_z_per_1000_steps").isNull()).isTrue();
        assertThat(json.at("/rule/note").asText())
                .isEqualTo("encoder.2 has no weight, encoder.1 has no bias:"
                        + " there the rule looks at the other vector alone");
    }

    @Test
    void atEveryRowOfARandomRecording_asManyDimensionsSatisfyTheRuleAsByItsDefinition() throws IOException {
        Random random = new Random(4);
        List<float[]> snapshots = new ArrayList<>();
        for (int step = 0; step < 120; step++) {
            float[] snapshot = LAYOUT.blank();
            for (int i = 0; i < snapshot.length; i++) {
                double cube = random.nextGaussian();
                snapshot[i] = (float) (cube * cube * cube);
            }
            snapshots.add(snapshot);
        }
        for (OutlierRule rule : List.of(
                new OutlierRule(1, 0.5, OutlierRule.Combination.AND),
                new OutlierRule(1.5, 0.4, OutlierRule.Combination.OR),
                new OutlierRule(0.2, 0.6, OutlierRule.Combination.AND))) {
            Emergence found = read(snapshots, rule);
            int total = 0;
            for (int step = 0; step < snapshots.size(); step++) {
                List<OutlierDimension> expected = rule.apply(snapshots.get(step), LAYOUT);
                total += expected.size();
                int at = step;
                assertThat(found.counts().stream()
                                .filter(count -> count.step() <= at)
                                .reduce((a, b) -> b)
                                .orElseThrow()
                                .count())
                        .isEqualTo(expected.size());
            }
            assertThat(total).as("or the comparison says little").isGreaterThan(50);
        }
    }

    @Test
    void theFigure_drawsWhatExists() throws IOException {
        Emergence emergence = read();
        LayerNormRecording recording = LayerNormRecording.open(folder.resolve("layernorm.zarr"));
        List<Long> rows = List.of(0L, 35L);
        FigureSeries series = new FigureSeries(recording, StackChoice.ALL, rows, List.of(5, 66), 3);
        float[] at35 = snapshot(35);
        double narrow = Math.abs(VectorStatistics.z(at35, LAYOUT.bias(3), NARROW)[5]);
        double wide = Math.abs(VectorStatistics.z(at35, LAYOUT.bias(1), WIDE)[5]);
        assertThat(series.magnitude(5, Part.BIAS).orElseThrow()[1]).isCloseTo((narrow + wide) / 2, within(1e-12));
        double wide66 = Math.abs(VectorStatistics.z(at35, LAYOUT.bias(1), WIDE)[66]);
        assertThat(series.magnitude(66, Part.BIAS).orElseThrow()[1])
                .as("the narrow layer has no dimension 66")
                .isCloseTo(wide66, within(1e-12));
        assertThat(series.beyond(Part.WEIGHT).orElseThrow()[1]).isEqualTo(2);
        assertThat(series.beyond(Part.BIAS).orElseThrow()[1]).isEqualTo(1.5);
        assertThat(EmergenceFigure.of("run", recording, emergence, null).svg(FigureWidth.TWO_COLUMNS))
                .contains("biases, mean over layers");
    }
}
