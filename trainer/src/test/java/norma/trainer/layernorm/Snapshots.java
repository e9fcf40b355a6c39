package norma.trainer.layernorm;

import norma.datasets.random.CounterHash;

/** Constructed snapshots: a function of the step, so that a test knows what has to be at any place. */
final class Snapshots {
    private Snapshots() {}

    /** Weights around 1 and biases around 0 that wander with the step; step 0 is the initial state. */
    static float[] at(long step, int sites, int hidden) {
        float[] snapshot = new float[sites * 2 * hidden];
        for (int i = 0; i < snapshot.length; i++) {
            boolean isWeight = i / hidden % 2 == 0;
            long key = CounterHash.key(i, "snapshot");
            double drift = (CounterHash.uniform(key, 0) - 0.5) * Math.sqrt((double) step) / 100;
            double noise = step == 0 ? 0 : (CounterHash.uniform(key, step) - 0.5) / 1000;
            snapshot[i] = (float) ((isWeight ? 1 : 0) + drift + noise);
        }
        return snapshot;
    }
}
