package norma.datasets.tasks;

import norma.datasets.random.CounterHash;

/** Which examples of a set that has no held-out part are held out: one in twenty, by a hash of the text. */
final class HeldOutShare {
    private static final double SHARE = 0.05;

    private HeldOutShare() {}

    /** Whether examples of this text are held out; equal texts are never on both sides. */
    static boolean isHeldOut(String text) {
        return CounterHash.uniform(CounterHash.key(0, text), 0) < SHARE;
    }
}
