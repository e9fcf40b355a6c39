package norma.probes.damage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import norma.probes.ablation.Cost;
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
            points.add(new Point(100L * i, 5, new Cost(costs[i], 0.01, 0.001)));
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

    private static Onset onset(Long rule, Long departure, Cost cost, double... costs) {
        List<Point> points = points(costs);
        return new Onset(
                List.of(3), rule, departure, 1, cost, Onset.crossing(points, 0.1), Onset.crossing(points, 0.9));
    }

    @Test
    void theText_saysFromWhenToTheEnd_andTheRatioOnlyWhereThereIsOne() {
        assertThat(onset(4248L, 751L, new Cost(2, 0.01, 0.001), 0, 1, 2).text().lines())
                .containsExactly(
                        "Shape and cost of dimension 3:",
                        "  an outlier by the rule from step 4,248 to the end",
                        "  beyond the threshold in some layer from step 751 to the end",
                        "  (recorded every step)",
                        "  cost at the last checkpoint 2.0000 nats, 200.0 times that of random dimensions: catastrophic",
                        "  at least a tenth of it from step 20 to the end (between the checkpoints 0 and 100)",
                        "  at least nine tenths of it from step 180 to the end (between the checkpoints 100 and 200)",
                        "  from shape to a tenth of the cost: -4,228 steps");
        assertThat(onset(null, null, new Cost(0.2, 0.01, 0.02), 0.2).text().lines())
                .containsExactly(
                        "Shape and cost of dimension 3:",
                        "  not an outlier by the rule at the end",
                        "  not beyond the threshold in any layer at the end",
                        "  (recorded every step)",
                        "  cost at the last checkpoint 0.2000 nats; random dimensions cost 0.0100",
                        "  at least a tenth of it from the first checkpoint, step 0, or earlier to the end",
                        "  at least nine tenths of it from the first checkpoint, step 0, or earlier to the end");
    }

    @Test
    void aCostThatIsThereFromTheFirstCheckpoint_hasNoneBefore_andNoCostIsNeverReached() {
        assertThat(Onset.crossing(points(1, 1, 1), 0.1)).isEqualTo(new Crossing(0, null, 0));
        assertThat(Onset.crossing(points(0, 1, 0), 0.1)).isNull();
        assertThat(Onset.crossing(points(0, 1, -0.1), 0.1)).isNull();
    }
}
