package norma.probes.emergence;

/**
 * The times at which something held, over steps that come in order.
 *
 * <p>Held for good means: from that step on at every recorded step until the last. Steps that were not recorded say
 * nothing either way.
 */
final class Spell {
    private static final long NEVER = -1;

    private long first = NEVER;
    private long since = NEVER;
    private int crossings;

    /**
     * The next recorded step.
     *
     * @param step larger than the one before
     * @param holds whether it holds there
     */
    void add(long step, boolean holds) {
        if (!holds) {
            since = NEVER;
        } else if (since == NEVER) {
            since = step;
            crossings++;
            if (first == NEVER) {
                first = step;
            }
        }
    }

    boolean holds() {
        return since != NEVER;
    }

    boolean everHeld() {
        return first != NEVER;
    }

    /** The first step at which it held, or null. */
    Long first() {
        return first == NEVER ? null : first;
    }

    /** The step from which it holds until the end, or null if it does not at the end. */
    Long forGood() {
        return since == NEVER ? null : since;
    }

    /** How often it began to hold. */
    int crossings() {
        return crossings;
    }
}
