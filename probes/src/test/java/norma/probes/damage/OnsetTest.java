package norma.probes.damage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import norma.probes.damage.DamageCurve.Point;
import norma.probes.damage.Onset.Crossing;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** When costs come, by hand. */
@Tag("unit")
class OnsetTest {
    /** A checkpoint every 100 steps. */
    private static List<Point> points(double... costs) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < costs.length; i++) {
            points.add(new Point(100L * i, 5, costs[i], 0.01));
        }
        return points;
    }

    @Test
    void aShareOfTheFinalCost_isInterpolatedBetweenTheCheckpointsAroundIt() {
        List<Point> points = points(0, 0, 0.5, 1.5, 2);
        // 0.2 of 0.5 on the way from 100 to 200; 1.8 is 0.3 of 0.5 beyond 1.5.
        assertThat(Onset.crossing(points, 0.1).step()).isCloseTo(140, within(1e-9));
        assertThat(Onset.crossing(points, 0.1).after()).isEqualTo(100);
        assertThat(Onset.crossing(points, 0.1).by()).isEqualTo(200);
        assertThat(Onset.crossing(points, 0.9).step()).isCloseTo(360, within(1e-9));
    }

    @Test
    void aCostThatFallsBack_countsFromWhenItIsThereForGood() {
        // 1.8 is reached at 100 and lost at 200; from 1 to 2 it is 0.8 of the way.
        Crossing last = Onset.crossing(points(0, 3, 1, 2), 0.9);
        assertThat(last.step()).isCloseTo(280, within(1e-9));
        assertThat(last.after()).isEqualTo(200);
    }

    @Test
    void aCostThatIsThereFromTheFirstCheckpoint_hasNoneBefore_andNoCostIsNeverReached() {
        assertThat(Onset.crossing(points(1, 1, 1), 0.1)).isEqualTo(new Crossing(0, null, 0));
        assertThat(Onset.crossing(points(0, 1, 0), 0.1)).isNull();
        assertThat(Onset.crossing(points(0, 1, -0.1), 0.1)).isNull();
    }

    @Test
    void catastrophic_isANatAndTenTimesRandom() {
        assertThat(onset(2.38, 0.0006).catastrophic()).as("BERT-base").isTrue();
        assertThat(onset(1, 0.1).catastrophic()).isTrue();
        assertThat(onset(0.99, 0.0001).catastrophic()).isFalse();
        assertThat(onset(1.5, 0.16).catastrophic()).isFalse();
        assertThat(onset(1.5, -0.01).catastrophic()).isTrue();
        assertThat(onset(1.5, Double.NaN).catastrophic())
                .as("nothing to compare with")
                .isFalse();
        assertThat(onset(1.5, -0.01).timesRandom()).isNaN();
        assertThat(onset(1.5, 0.1).timesRandom()).isCloseTo(15, within(1e-9));
    }

    private static Onset onset(double cost, double random) {
        return new Onset(List.of(1, 2), 10L, 5L, 1, cost, random, null, null);
    }

    @Test
    void theText_saysTheGridOfEachFigure() {
        Onset onset = new Onset(
                List.of(82), 2251L, 1800L, 1, 0.4, 0.04, new Crossing(3000.4, 2000L, 4000), new Crossing(0, null, 0));
        assertThat(onset.text())
                .contains("Shape and cost of dimension 82:")
                .contains("an outlier by the rule for good since step 2,251")
                .contains("(recorded every step)")
                .contains("0.4000 nats, 10.0 times that of random dimensions")
                .contains("a tenth of it for good from step 3,000 (between the checkpoints 2,000 and 4,000)")
                .contains("nine tenths of it for good from the first checkpoint, step 0, or before")
                .contains("from shape to a tenth of the cost: 749 steps")
                .doesNotContain("catastrophic");
        assertThat(onset.json().get("steps_from_rule_to_t10").asDouble()).isCloseTo(749.4, within(1e-9));
    }
}
