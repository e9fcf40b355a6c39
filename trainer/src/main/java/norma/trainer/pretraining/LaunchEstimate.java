package norma.trainer.pretraining;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import norma.trainer.config.RunConfig;
import norma.trainer.model.Precision;

/**
 * Whether a GPU would wait for its launches: a micro-batch launches as many functions for few tokens as for many, and
 * where its matrix products take less time than that, the card is idle for the rest. By arithmetic; no card has been
 * held against it.
 *
 * @param launches functions of a micro-batch, forward and backward
 * @param flops operations of its matrix products
 * @param precision of these
 */
record LaunchEstimate(long launches, double flops, Precision precision) {
    /** Counted in the fused functions of a layer: 24 on the way there, 40 on the way back. */
    private static final int OF_A_LAYER = 64;

    /** Embeddings, heads and losses. */
    private static final int OUTSIDE_LAYERS = 80;

    private static final double SECONDS_OF_A_LAUNCH = 7e-6;

    /** About half of what an A100's data sheet says. */
    private static final double BF16_RATE = 150e12;

    private static final double TF32_RATE = 75e12;
    private static final double FLOAT32_RATE = 10e12;
    private static final int OPERATIONS = 3 * 2; // backward takes twice as many, each a product and a sum

    /** Of a configuration with so many sequences at once. */
    static LaunchEstimate of(RunConfig config, int rows) {
        double predictions = MemoryEstimate.predictions(config);
        double multiplications = config.model()
                .multiplications(
                        rows,
                        config.data().rowLength(),
                        Math.round(rows * predictions),
                        config.data().nextSentence());
        return new LaunchEstimate(
                (long) OF_A_LAYER * config.model().numHiddenLayers() + OUTSIDE_LAYERS,
                OPERATIONS * multiplications,
                config.training().precision());
    }

    private double launching() {
        return launches * SECONDS_OF_A_LAUNCH;
    }

    private double computing() {
        return flops
                / switch (precision) {
                    case BF16 -> BF16_RATE;
                    case TF32 -> TF32_RATE;
                    default -> FLOAT32_RATE;
                };
    }

    boolean isLaunchBound() {
        return computing() < launching();
    }

    /**
     * What is to be said of a run whose micro-batches are known; empty on a CPU, and where a card is busy enough.
     *
     * @param gpu whether it is a GPU that computes
     * @param devices how many
     */
    static Optional<String> warning(RunConfig config, boolean gpu, int devices) {
        int rows = config.training().microBatchSize().rows();
        LaunchEstimate estimate = of(config, rows);
        if (!gpu || !estimate.isLaunchBound()) {
            return Optional.empty();
        }
        int share = config.training().batchSize() / devices;
        OptionalInt enough = IntStream.rangeClosed(rows, share)
                .filter(more -> share % more == 0 && !of(config, more).isLaunchBound())
                .findFirst();
        return Optional.of(String.format(
                Locale.ROOT,
                "a micro-batch of %,d tokens keeps a GPU waiting: its matrix products take about %.1f ms, and launching"
                        + " its functions %.1f ms; %s",
                (long) rows * config.data().rowLength(),
                1000 * estimate.computing(),
                1000 * estimate.launching(),
                enough.isPresent()
                        ? "training.micro_batch_size: " + enough.getAsInt() + " is enough"
                        : "a larger training.batch_size costs little time, or a CPU is as fast"));
    }
}
