package norma.probes.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import norma.probes.attention.TokenKind;
import norma.probes.outliers.DimensionActivation;
import norma.probes.profile.DimensionProfile.Shape;
import norma.probes.profile.DimensionProfiles.Respect;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class ProfileTextTest {
    private static DimensionProfile profile(int dimension, double meanZ, double largest, double cost) {
        return new DimensionProfile(
                dimension,
                new Shape(-meanZ, meanZ, 1, meanZ),
                new DimensionActivation(largest, "layer.0.output", largest / 100, 3),
                Map.of(TokenKind.SEP, largest / 2),
                cost);
    }

    @Test
    void dimensionsThatLeadInOneRespectOnly_areSaidToBeDifferent() {
        DimensionProfiles profiles = new DimensionProfiles(
                List.of(
                        profile(0, 5, 1, 0.01),
                        profile(1, 1, 9, 0.02),
                        profile(2, 2, 2, 0.36),
                        profile(3, 0.5, 0.5, 0),
                        profile(4, 0.4, 0.4, -0.01)),
                4);
        String text = ProfileText.of(profiles, "rise of loss");
        assertThat(text).endsWith("Not one dimension leads but several: 0 in shape, 1 in activation, 2 in cost.");
        assertThat(text.lines().filter(line -> line.strip().startsWith("2 ")).findFirst())
                .hasValueSatisfying(row -> assertThat(row.strip().split(" +"))
                        .containsExactly(
                                "2", "-2.0", "2.0", "1", "of", "4", "2.0", "(2)", "2.0", "(2)", "1.00", "-", "2.0", "%",
                                "3.00", "0.3600", "(1)",
                                "72.0")); // the others' mean is (0.01 + 0.02 + 0 - 0.01) / 4 = 0.005
        assertThat(text).as("the fifth leads in nothing").doesNotContain("-0.0100");
        assertThat(ProfileText.of(
                                new DimensionProfiles(List.of(profile(0, 5, 1, -0.02), profile(1, 1, 9, 0.1)), 4),
                                "rise of loss")
                        .lines()
                        .filter(line -> line.strip().startsWith("0 "))
                        .findFirst())
                .hasValueSatisfying(row -> assertThat(row).endsWith("-0.0200 (2)         -"));
        assertThat(profiles.rank(Respect.COST, profiles.all().get(4))).isEqualTo(5);
    }

    @Test
    void oneThatLeadsInAll_isSaidToBeTheSame() {
        DimensionProfiles profiles =
                new DimensionProfiles(List.of(profile(0, 1, 1, 0.1), profile(1, 5, 9, 2), profile(2, 1, 1, 0)), 2);
        assertThat(ProfileText.of(profiles, "rise of loss"))
                .endsWith("Dimension 1 leads in shape, activation and cost.");
    }
}
