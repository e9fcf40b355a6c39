package norma.trainer.figure;

import java.util.ArrayList;
import java.util.List;

/**
 * Every 2^k-th of a growing row of points, with k as small as keeps at most 1,024 of them, and the last one. Which are
 * kept depends only on how many there are, so a resumed run draws the picture that an uninterrupted one draws.
 *
 * @param <T> what a point holds
 */
final class ThinnedSeries<T> {
    private static final int CAPACITY = 1024;

    private final List<Point<T>> points = new ArrayList<>();
    private long stride = 1;

    /** Whether the point with this number is needed; the last one always is. */
    boolean wants(long number) {
        return number % stride == 0;
    }

    /** Adds a wanted point; numbers ascend. */
    void add(long number, long step, T value) {
        if (points.size() == CAPACITY) {
            stride *= 2;
            points.removeIf(point -> point.number() % stride != 0);
        }
        if (wants(number)) {
            points.add(new Point<>(number, step, value));
        }
    }

    /** The points kept, ascending. */
    List<Point<T>> points() {
        return points;
    }

    record Point<T>(long number, long step, T value) {}
}
