package norma.probes.damage;

/**
 * What a model loses without some dimensions, beside what it loses without as many at random.
 *
 * @param nats rise of the loss
 * @param random mean rise over the random draws, in nats; NaN if there were none
 */
public record Cost(double nats, double random) {
    /** A cost is catastrophic from so many nats on … */
    public static final double CATASTROPHIC_NATS = 1;

    /** … if it is also so many times that of random dimensions. */
    public static final double CATASTROPHIC_TIMES = 10;

    /** Cost over that of the random draws; NaN where theirs is not above 0, or there were none. */
    public double timesRandom() {
        return random > 0 ? nats / random : Double.NaN;
    }

    /**
     * Whether the model breaks: at least 1 nat, and at least 10 times the mean of the random draws. Without draws that
     * is not known, and not said.
     */
    public boolean catastrophic() {
        return nats >= CATASTROPHIC_NATS && nats >= CATASTROPHIC_TIMES * random;
    }
}
