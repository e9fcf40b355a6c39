package norma.probes.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.EnumSet;
import java.util.List;
import norma.probes.dimensions.LayerRange;
import norma.probes.dimensions.SiteChoice;
import norma.trainer.blocks.EncoderConfig;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.layernorm.Part;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.Slice;
import norma.trainer.pretrained.PretrainedModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Output components that are matrices: those of a BERT's feed-forward part, as if its layers ended there. */
@Tag("engine")
class MatrixAblationTest {
    private static final String FIRST = "bert.encoder.layer.0.output.dense";
    private static final String SECOND = "bert.encoder.layer.1.output.dense";

    private PretrainedModel bert;
    private List<LayerNormSite> sites;
    private int width;
    private int inner;

    @BeforeEach
    void open() {
        bert = PretrainedModel.open(GoldenFixture.of("bert").folder(), Device.cpu());
        width = bert.config().hiddenSize();
        inner = ((EncoderConfig) bert.config()).intermediateSize();
        sites = List.of(site(0, FIRST, true), site(1, SECOND, false));
    }

    @AfterEach
    void close() {
        if (bert != null) {
            bert.close();
        }
    }

    private LayerNormSite site(int layer, String parameter, boolean bias) {
        return new LayerNormSite(
                "layer." + layer,
                Stack.DECODER,
                layer,
                Kind.OUTPUT,
                width,
                new Slice(parameter + ".weight", 0), // PyTorch's Linear: [H, 4H]
                bias ? Slice.ofVector(parameter + ".bias") : null);
    }

    @Test
    void aDimension_isItsRowAndItsBias_andAfterwardsAllIsAsBefore() {
        float[] before = bert.parameter(FIRST + ".weight");
        float[] biasBefore = bert.parameter(FIRST + ".bias");
        assertThat(bert.shape(FIRST + ".weight")).containsExactly(width, inner);
        try (AblationScope scope = AblationScope.open(bert, sites, new Ablation(List.of(3), AblationPlace.PAPER))) {
            assertThat(scope).isNotNull();
            float[] edited = bert.parameter(FIRST + ".weight");
            for (int i = 0; i < edited.length; i++) {
                assertThat(edited[i]).isEqualTo(i / inner == 3 ? 0 : before[i]);
            }
            assertThat(bert.parameter(FIRST + ".bias")[3]).isZero();
            assertThat(bert.parameter(FIRST + ".bias")[4]).isEqualTo(biasBefore[4]);
            assertThat(bert.parameter(SECOND + ".weight")[3 * inner]).isZero();
            assertThat(bert.parameter(SECOND + ".bias")[3])
                    .as("a bias that the site does not have")
                    .isNotZero();
        }
        assertThat(bert.parameter(FIRST + ".weight")).containsExactly(before);
        assertThat(bert.parameter(FIRST + ".bias")).containsExactly(biasBefore);
    }

    @Test
    void theMean_isOfTheOtherDimensions_forEachOfTheFeedForwardValues() {
        float[] before = bert.parameter(FIRST + ".weight");
        AblationPlace place =
                new AblationPlace(SiteChoice.PAPER, LayerRange.ALL, EnumSet.of(Part.WEIGHT), Replacement.MEAN);
        double mean = 0;
        for (int d = 0; d < width; d++) {
            mean += d == 3 || d == 5 ? 0 : before[d * inner + 7] / (double) (width - 2);
        }
        try (AblationScope scope = AblationScope.open(bert, sites, new Ablation(List.of(3, 5), place))) {
            assertThat(scope).isNotNull();
            float[] edited = bert.parameter(FIRST + ".weight");
            assertThat(edited[3 * inner + 7]).isCloseTo((float) mean, within(1e-6f));
            assertThat(edited[5 * inner + 7]).isEqualTo(edited[3 * inner + 7]);
            assertThat(edited[4 * inner + 7]).isEqualTo(before[4 * inner + 7]);
        }
    }

    @Test
    void scopesInsideEachOther_leaveTheWeightsAsTheyWere() {
        float[] before = bert.parameter(FIRST + ".weight");
        try (AblationScope outer = AblationScope.open(bert, sites, new Ablation(List.of(3), AblationPlace.PAPER))) {
            assertThat(outer).isNotNull();
            AblationScope.open(bert, sites, new Ablation(List.of(3, 4), AblationPlace.PAPER))
                    .close();
            assertThat(bert.parameter(FIRST + ".weight")[3 * inner]).isZero();
            assertThat(bert.parameter(FIRST + ".weight")[4 * inner]).isEqualTo(before[4 * inner]);
        }
        assertThat(bert.parameter(FIRST + ".weight")).containsExactly(before);
    }

    @Test
    void theMagnitude_isOfAllValuesThatAnAblationWouldEdit() {
        double[] magnitudes = Baseline.magnitudes(bert, sites, AblationPlace.PAPER);
        double squares = Math.pow(bert.parameter(FIRST + ".bias")[2], 2);
        for (String parameter : List.of(FIRST, SECOND)) {
            float[] values = bert.parameter(parameter + ".weight");
            for (int i = 2 * inner; i < 3 * inner; i++) {
                squares += (double) values[i] * values[i];
            }
        }
        assertThat(magnitudes).hasSize(width);
        assertThat(magnitudes[2]).isCloseTo(Math.sqrt(squares), within(1e-9));
    }

    @Test
    void aSiteThatIsNotAsWideAsItsSlice_isAFaultOfTheModel() {
        float[] before = bert.parameter(FIRST + ".weight");
        List<LayerNormSite> wrong = List.of(
                site(0, FIRST, true),
                new LayerNormSite(
                        "layer.1", Stack.DECODER, 1, Kind.OUTPUT, width, new Slice(FIRST + ".weight", 1), null));
        assertThatThrownBy(() -> AblationScope.open(bert, wrong, new Ablation(List.of(3), AblationPlace.PAPER)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has " + inner + " positions, expected " + width);
        assertThat(bert.parameter(FIRST + ".weight"))
                .as("what was edited before it was noticed")
                .containsExactly(before);
    }
}
