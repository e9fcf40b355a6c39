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
}
