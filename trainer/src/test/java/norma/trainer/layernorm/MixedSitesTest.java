package norma.trainer.layernorm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.trainer.layernorm.OutlierRule.Combination;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.Slice;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sites of two widths, one without a bias and one without a weight. */
@Tag("unit")
class MixedSitesTest {
    private static final int WIDE = 40;
    private static final int NARROW = 17;
    private static final List<LayerNormSite> SITES = List.of(
            TestSites.bert("embeddings", NARROW),
            TestSites.output(Stack.ENCODER, 0, WIDE, true, true),
            TestSites.output(Stack.ENCODER, 1, WIDE, true, false),
            TestSites.output(Stack.ENCODER, 2, NARROW, false, true));
    private static final SnapshotLayout LAYOUT = new SnapshotLayout(SITES);

    /** In a vector of zeros and one other value that one has z = sqrt(width - 1), whatever it is. */
    private static final double Z_WIDE = Math.sqrt(WIDE - 1);

    private static final double Z_NARROW = Math.sqrt(NARROW - 1);

    @TempDir
    Path folder;

    /** All vectors 0, NaN where there is none. */
    private static float[] zeros() {
        float[] snapshot = LAYOUT.blank();
        for (int site = 0; site < SITES.size(); site++) {
            for (Part part : Part.values()) {
                if (LAYOUT.has(site, part)) {
                    int from = LAYOUT.offset(site, part);
                    Arrays.fill(snapshot, from, from + LAYOUT.width(site), 0);
                }
            }
        }
        return snapshot;
    }

    private static float[] with(int dimension, String... vectors) {
        float[] snapshot = zeros();
        for (String vector : vectors) {
            String[] words = vector.split(" ", -1);
            snapshot[LAYOUT.offset(Integer.parseInt(words[0]), Part.valueOf(words[1])) + dimension] = 2;
        }
        return snapshot;
    }

    @Test
    void theLayout_isAsWideAsTheWidestSite() {
        assertThat(LAYOUT.hidden()).isEqualTo(WIDE);
        assertThat(LAYOUT.length()).isEqualTo(4 * 2 * WIDE);
        assertThat(LAYOUT.width(3)).isEqualTo(NARROW);
        assertThat(LAYOUT.weight(3)).isEqualTo(6 * WIDE);
        assertThat(LAYOUT.bias(3)).isEqualTo(7 * WIDE);
        assertThat(LAYOUT.values()).isEqualTo(2 * NARROW + 2 * WIDE + WIDE + NARROW);
        assertThat(LAYOUT.outputs()).containsExactly(1, 2, 3);
        assertThat(LAYOUT.indexOf("encoder.2")).isEqualTo(3);
        assertThat(LAYOUT.indexOf("head")).isEqualTo(-1);
    }

    @Test
    void aRecording_holdsEveryValue_andNaNWhereThereIsNone() throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, LAYOUT, 1, false)) {
            for (int step = 0; step < 60; step++) {
                float[] snapshot = new float[LAYOUT.length()];
                for (int i = 0; i < snapshot.length; i++) {
                    snapshot[i] = 1000 * step + i; // also where no value belongs
                }
                recorder.record(step, snapshot);
            }
        }
        LayerNormRecording recording = LayerNormRecording.open(store);
        assertThat(recording.layout()).isEqualTo(LAYOUT);
        float[] read = recording.snapshot(55);
        int values = 0;
        for (int i = 0; i < read.length; i++) {
            int site = i / (2 * WIDE);
            Part part = i / WIDE % 2 == 0 ? Part.WEIGHT : Part.BIAS;
            if (LAYOUT.has(site, part) && i % WIDE < LAYOUT.width(site)) {
                assertThat(read[i]).isEqualTo(55_000 + i);
                values++;
            } else {
                assertThat(read[i]).isNaN();
            }
        }
        assertThat(values).isEqualTo(2 * 17 + 3 * 40 + 17);
        assertThat(recording.weight(55, 0)).hasSize(NARROW).startsWith(55_000f);
        assertThat(recording.bias(55, 2)).isNull();
        assertThat(recording.weight(55, 3)).isNull();
        assertThat(recording.bias(55, 3)).hasSize(NARROW).startsWith(55_000f + 7 * WIDE);
        JsonNode sites =
                new ObjectMapper().readTree(store.resolve(".zattrs").toFile()).get("sites");
        assertThat(sites.get(2).toString())
                .isEqualTo("{\"name\":\"encoder.1\",\"stack\":\"encoder\",\"layer\":1,\"kind\":\"output\",\"width\":40,"
                        + "\"weight\":{\"parameter\":\"encoder.1.LayerNorm.weight\",\"axis\":0},\"bias\":null}");
        assertThat(sites.get(3).get("width").asInt()).isEqualTo(17);
    }

    @Test
    void aRecordingOfOtherSites_isNotContinued_andTheFirstDifferenceIsNamed() throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        LayerNormRecorder.open(store, LAYOUT, 1, false).close();
        LayerNormRecorder.open(store, LAYOUT, 1, true).close();
        List<LayerNormSite> other =
                List.of(SITES.get(0), SITES.get(1), TestSites.output(Stack.ENCODER, 1, WIDE, true, true), SITES.get(3));
        assertThatThrownBy(() -> LayerNormRecorder.open(store, new SnapshotLayout(other), 1, true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("site 2: found LayerNormSite[name=encoder.1")
                .hasMessageContaining("encoder.1.LayerNorm.bias")
                .hasMessageNotContaining("encoder.2");
    }

    @Test
    void attributesThatSayNoSite_areRefused() throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        LayerNormRecorder.open(store, LAYOUT, 1, false).close();
        Path attributes = store.resolve(".zattrs");
        String good = Files.readString(attributes);
        Files.writeString(attributes, good.replaceFirst("\"output\"", "\"exit\""));
        assertThatThrownBy(() -> LayerNormRecording.open(store))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(attributes + ": sites: found {\"name\":\"encoder.0\"")
                .hasMessageContaining("exit");
        Files.writeString(attributes, good.replaceAll("\"width\" *: *40", "\"width\":39"));
        assertThatThrownBy(() -> LayerNormRecording.open(store))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("weight [4, 40]")
                .hasMessageContaining("[4, 39]");
    }

    @Test
    void aRecordingOfTheFirstKind_whichGaveNamesOnly_opensAsBert() throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        List<LayerNormSite> bert = TestSites.ofBert(2, 8);
        LayerNormRecorder.open(store, new SnapshotLayout(bert), 1, false).close();
        Path attributes = store.resolve(".zattrs");
        StringBuilder names = new StringBuilder();
        for (LayerNormSite site : bert) {
            names.append(names.isEmpty() ? "" : ",")
                    .append("{\"name\":\"")
                    .append(site.name())
                    .append("\",\"weight\":\"")
                    .append(site.weight().parameter())
                    .append("\",\"bias\":\"")
                    .append(site.bias().parameter())
                    .append("\"}");
        }
        Files.writeString(attributes, "{\"every\":1,\"sites\":[" + names + "]}");
        Files.delete(store.resolve(".zmetadata")); // the copy of what it was
        assertThat(LayerNormRecording.open(store).sites()).isEqualTo(bert);
    }

    @Test
    void bytesNeeded_countsValues_notPlaces() {
        long mixed = LayerNormRecorder.bytesNeeded(LAYOUT, 99_999, 1);
        assertThat(mixed).isEqualTo((long) (100_000.0 * 171 * 4 * 0.7) + 2000 * 4096);
    }

    @Test
    void statistics_areOfAsManyValuesAsTheSiteIsWide_andThereAreNoneOfAMissingVector() {
        float[] snapshot = with(5, "0 WEIGHT", "1 WEIGHT", "2 WEIGHT", "3 BIAS");
        List<SiteStatistics> sites = SiteStatistics.of(snapshot, LAYOUT);
        assertThat(sites.get(0).weight().mean()).isEqualTo(2.0 / NARROW);
        assertThat(sites.get(0).weight().largestZ()).isCloseTo(Z_NARROW, within(1e-12));
        assertThat(sites.get(0).weight().beyond()).isEqualTo(1);
        assertThat(sites.get(0).bias().standardDeviation()).isZero();
        assertThat(sites.get(1).weight().largestZ()).isCloseTo(Z_WIDE, within(1e-12));
        assertThat(sites.get(2).weight().dimension()).isEqualTo(5);
        assertThat(sites.get(2).bias()).isNull();
        assertThat(sites.get(3).weight()).isNull();
        assertThat(sites.get(3).bias().largestZ()).isCloseTo(Z_NARROW, within(1e-12));
    }

    @Test
    void aValueThatIsNaN_stillSpoilsItsVector() {
        float[] snapshot = with(5, "0 WEIGHT");
        snapshot[LAYOUT.weight(0) + NARROW - 1] = Float.NaN;
        SiteStatistics spoiled = SiteStatistics.of(snapshot, LAYOUT).get(0);
        assertThat(spoiled.weight().largestZ()).isNaN();
        assertThat(spoiled.weight().dimension()).isEqualTo(-1);
    }

    @Test
    void whereAVectorIsMissing_theRuleLooksAtTheOtherAlone() {
        assertThat(OutlierRule.PAPER.apply(with(5, "1 WEIGHT", "2 WEIGHT", "3 BIAS"), LAYOUT))
                .as("of layer 0 only the weight is beyond")
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.dimension()).isEqualTo(5);
                    assertThat(found.sites()).containsExactly("encoder.1", "encoder.2");
                    assertThat(found.weightZ()).isCloseTo(Z_WIDE, within(1e-12));
                    assertThat(found.biasZ()).isCloseTo(Z_NARROW, within(1e-12));
                });
        assertThat(OutlierRule.PAPER.apply(with(5, "1 WEIGHT", "2 WEIGHT"), LAYOUT))
                .isEmpty();
        assertThat(new OutlierRule(3, 0.5, Combination.OR).apply(with(5, "1 BIAS", "2 WEIGHT"), LAYOUT))
                .singleElement()
                .satisfies(found -> assertThat(found.sites()).containsExactly("encoder.0", "encoder.1"));
    }

    @Test
    void ofLayersWithoutABias_theZOfTheBiasIsNone() {
        SnapshotLayout layout = new SnapshotLayout(List.of(TestSites.output(Stack.DECODER, 0, WIDE, true, false)));
        float[] snapshot = layout.blank();
        Arrays.fill(snapshot, 0, WIDE, 1);
        snapshot[9] = 3;
        assertThat(OutlierRule.PAPER.apply(snapshot, layout)).singleElement().satisfies(found -> {
            assertThat(found.weightZ()).isCloseTo(Z_WIDE, within(1e-6));
            assertThat(found.biasZ()).isNull();
        });
    }

    @Test
    void beyondTheWidthOfALayer_aDimensionIsNoOutlierThere_andTheLayerStillCounts() {
        // Beyond in both layers that have dimension 30; the third is only 17 wide.
        float[] snapshot = with(30, "1 WEIGHT", "1 BIAS", "2 WEIGHT");
        assertThat(new OutlierRule(3, 0.6, Combination.AND).apply(snapshot, LAYOUT))
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.dimension()).isEqualTo(30);
                    assertThat(found.sites()).containsExactly("encoder.0", "encoder.1");
                });
        assertThat(new OutlierRule(3, 2.0 / 3, Combination.AND).apply(snapshot, LAYOUT))
                .as("2 of 3 is not more than two thirds")
                .isEmpty();
        assertThat(new OutlierRule(0, 0, Combination.OR)
                        .apply(snapshot, LAYOUT, site -> site.name().equals("encoder.2")))
                .as("a constant vector has no outlier, and no dimension from 17 on")
                .isEmpty();
    }

    @Test
    void theWeightOfAMatrix_keepsItsAxis() throws IOException {
        Path store = folder.resolve("layernorm.zarr");
        LayerNormSite projection = new LayerNormSite(
                "h.0.output",
                Stack.DECODER,
                0,
                Kind.OUTPUT,
                8,
                new Slice("h.0.mlp.c_proj.weight", 1),
                Slice.ofVector("h.0.mlp.c_proj.bias"));
        LayerNormRecorder.open(store, new SnapshotLayout(List.of(projection)), 1, false)
                .close();
        assertThat(LayerNormRecording.open(store).sites()).containsExactly(projection);
    }
}
