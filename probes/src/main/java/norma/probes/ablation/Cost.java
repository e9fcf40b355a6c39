package norma.probes.ablation;

/**
 * What a model loses without some dimensions, beside what it loses without as many others.
 *
 * @param nats rise of the loss; of a task, fall of its first score
 * @param random mean of the same over the random draws; NaN if there were none
 * @param error standard error of that mean; 0 where it is the mean over all other dimensions and nothing was drawn, NaN
 *     where it is not known, as of a single draw
 */
public record Cost(double nats, double random, double error) {
    /** A cost is catastrophic from 1 nat on … */
    public static final double CATASTROPHIC_NATS = 1;

    /** … if it is also at least 10 times that of random dimensions. */
    public static final double CATASTROPHIC_TIMES = 10;

    /**
     * A mean of draws counts as above 0 if it is at least 2 of its standard errors above; below that it may be chance.
     */
    private static final double LEAST_ERRORS = 2;

    /**
     * Standard error of a mean.
     *
     * @param std population standard deviation of the draws
     * @param draws how many
     * @return NaN of fewer than two, which do not show how much they vary
     */
    public static double error(double std, int draws) {
        return draws < 2 ? Double.NaN : std / Math.sqrt(draws - 1);
    }

    /**
     * How many times the cost of the others it is. This is the only place where that is computed, and the rule for when
     * there is no such number; every table, file and page shows the two costs either way.
     *
     * @return NaN if the model gains without the dimensions, or if the mean of the others is not above 0, less than 2
     *     standard errors above it, or of unknown error
     */
    public double ratio() {
        boolean comparable = random > 0 && random >= LEAST_ERRORS * error;
        return nats >= 0 && comparable ? nats / random : Double.NaN;
    }

    /**
     * Whether the model breaks: at least 1 nat, and at least 10 times the mean of the random draws. Without draws that
     * is not known, and not said.
     */
    public boolean catastrophic() {
        return nats >= CATASTROPHIC_NATS && nats >= CATASTROPHIC_TIMES * random;
    }
}
