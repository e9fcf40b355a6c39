package norma.trainer.run;

import java.util.Set;

/**
 * The keys of {@code metrics.jsonl}, as its writers and its readers know them. A loss term, such as {@code mlm} or
 * {@code nsp}, has a key of its own, its name with {@link #LOSS_OF_TERM} behind it.
 */
public final class MetricNames {
    public static final String STEP = "step";
    /** The loss that is trained on, the sum of all terms, in nats. */
    public static final String LOSS = "loss";

    public static final String LOSS_OF_TERM = "_loss";
    public static final String ACCURACY_OF_TERM = "_accuracy";
    public static final String LEARNING_RATE = "learning_rate";
    /** Euclidean norm of all gradients, before clipping. */
    public static final String GRAD_NORM = "grad_norm";

    public static final String STEP_SECONDS = "step_seconds";
    public static final String TOKENS_PER_SECOND = "tokens_per_second";
    public static final String RESIDENT_BYTES = "resident_bytes";
    /** Of a fine-tuning, from 1. */
    public static final String EPOCH = "epoch";

    /** Group of what is measured on the held-out sequences of a pre-training. */
    public static final String VALIDATION = "validation";

    public static final String PERPLEXITY = "perplexity";
    public static final String ACCURACY = "accuracy";
    public static final String PREDICTIONS = "predictions";
    /** The best loss of a prediction that is the same everywhere, from the frequencies of the training text. */
    public static final String UNIGRAM_LOSS = "unigram_loss";

    public static final String UNIGRAM_ENTROPY = "unigram_entropy";
    /** The best loss without context, which also knows what is shown where a predicted token was not masked. */
    public static final String CONTEXT_FREE_LOSS = "context_free_loss";

    /** Group of a fine-tuning's held-out splits, each with its scores. */
    public static final String DEV = "dev";

    /** Group of the LayerNorm parameters. */
    public static final String LAYER_NORM = "layernorm";

    public static final String OUTLIER_DIMENSIONS = "outlier_dimensions";
    public static final String SITES = "sites";
    public static final String LARGEST_Z = "largest_z";
    public static final String DIMENSION = "dimension";
    public static final String BEYOND_3_SIGMA = "beyond_3_sigma";

    /** What a line says of the machine and the moment; everything else is a function of configuration and seed. */
    public static final Set<String> OF_THE_MACHINE = Set.of(STEP_SECONDS, TOKENS_PER_SECOND, RESIDENT_BYTES);

    /** The keys that hold objects. */
    static final Set<String> GROUPS = Set.of(VALIDATION, LAYER_NORM, DEV);

    private MetricNames() {}
}
