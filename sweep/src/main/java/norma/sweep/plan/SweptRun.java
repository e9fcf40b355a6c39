package norma.sweep.plan;

/**
 * A run of a sweep.
 *
 * @param name of its folder
 * @param point what distinguishes it from those of other points
 * @param seed what distinguishes it from others of its point
 */
public record SweptRun(String name, SweepPoint point, long seed) {}
