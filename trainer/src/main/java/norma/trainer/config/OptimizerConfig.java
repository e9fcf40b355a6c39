package norma.trainer.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Set;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.optimizer.Optimizer;
import norma.trainer.optimizer.RotatedAdamW;
import norma.trainer.optimizer.Sgd;

/**
 * The optimiser. A component that is null takes its default; one that the type does not have stays null.
 *
 * @param type {@code adamw} (Loshchilov and Hutter 2019, as torch.optim.AdamW), {@code sgd} (as torch.optim.SGD), or
 *     {@code rotated-adamw}, AdamW in a random basis of the hidden positions
 * @param learningRate the peak rate, per optimiser step
 * @param beta1 decay of AdamW's first moment
 * @param beta2 decay of AdamW's second moment
 * @param epsilon added to the root of AdamW's second moment, after bias correction
 * @param momentum momentum of SGD
 * @param rotationSeed seed of the basis of {@code rotated-adamw}
 * @param weightDecay decay of matrices and embeddings: AdamW's decoupled one per unit of learning rate, with SGD a term
 *     of the gradient
 * @param decayLayerNorm whether LayerNorm weights and biases decay too
 * @param decayBias whether the other biases decay too
 * @param maxGradNorm gradients are scaled down to this global L2 norm; 0 leaves them alone
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record OptimizerConfig(
        String type,
        Double learningRate,
        Double beta1,
        Double beta2,
        Double epsilon,
        Double momentum,
        Long rotationSeed,
        Double weightDecay,
        Boolean decayLayerNorm,
        Boolean decayBias,
        Double maxGradNorm) {
    private static final String GROUP = "optimizer";
    private static final String MOMENTUM = "momentum";
    private static final String ROTATION_SEED = "rotation_seed";
    private static final Set<String> OF_ADAM = Set.of("beta1", "beta2", "epsilon");

    public OptimizerConfig {
        type = type == null ? AdamW.TYPE : type;
        boolean sgd = type.equals(Sgd.TYPE);
        boolean rotated = type.equals(RotatedAdamW.TYPE);
        Requirement.require(
                sgd || rotated || type.equals(AdamW.TYPE),
                GROUP,
                "type",
                type,
                AdamW.TYPE + ", " + Sgd.TYPE + " or " + RotatedAdamW.TYPE);
        learningRate = learningRate == null ? 1e-4 : learningRate;
        Requirement.positive(GROUP, "learning_rate", learningRate);
        if (sgd) {
            momentum = momentum == null ? 0.9 : momentum;
            Requirement.fraction(GROUP, MOMENTUM, momentum);
            requireAbsent("beta1", beta1, type);
            requireAbsent("beta2", beta2, type);
            requireAbsent("epsilon", epsilon, type);
        } else {
            beta1 = beta1 == null ? 0.9 : beta1;
            beta2 = beta2 == null ? 0.999 : beta2;
            epsilon = epsilon == null ? 1e-8 : epsilon;
            Requirement.fraction(GROUP, "beta1", beta1);
            Requirement.fraction(GROUP, "beta2", beta2);
            Requirement.positive(GROUP, "epsilon", epsilon);
            requireAbsent(MOMENTUM, momentum, type);
        }
        if (rotated) {
            rotationSeed = rotationSeed == null ? 1L : rotationSeed;
        } else {
            requireAbsent(ROTATION_SEED, rotationSeed, type);
        }
        weightDecay = weightDecay == null ? 0.01 : weightDecay;
        decayLayerNorm = decayLayerNorm != null && decayLayerNorm;
        decayBias = decayBias != null && decayBias;
        maxGradNorm = maxGradNorm == null ? 1.0 : maxGradNorm;
        Requirement.fraction(GROUP, "weight_decay", weightDecay);
        Requirement.require(
                maxGradNorm >= 0 && maxGradNorm < Double.POSITIVE_INFINITY,
                GROUP,
                "max_grad_norm",
                maxGradNorm,
                "a number above 0, or 0 for no clipping");
    }

    private static void requireAbsent(String key, Object value, String type) {
        Requirement.require(value == null, GROUP, key, value, "no such key, for optimizer.type is " + type);
    }

    /** AdamW with some values of its own; null for the default. */
    public static OptimizerConfig adamW(Double learningRate, Double weightDecay, Double maxGradNorm) {
        return new OptimizerConfig(
                AdamW.TYPE, learningRate, null, null, null, null, null, weightDecay, null, null, maxGradNorm);
    }

    /** Whether a key belongs to some types of optimiser, and this is none of them. */
    static boolean isOfOthers(String key, String type) {
        return switch (key) {
            case MOMENTUM -> !type.equals(Sgd.TYPE);
            case ROTATION_SEED -> !type.equals(RotatedAdamW.TYPE);
            default -> OF_ADAM.contains(key) && type.equals(Sgd.TYPE);
        };
    }

    /** What the optimiser takes of this. */
    public Optimizer.Settings settings() {
        double bound = maxGradNorm > 0 ? maxGradNorm : Double.POSITIVE_INFINITY;
        if (type.equals(Sgd.TYPE)) {
            return new Sgd.Hyperparameters(momentum, weightDecay, bound);
        }
        AdamW.Hyperparameters adam = new AdamW.Hyperparameters(beta1, beta2, epsilon, weightDecay, bound);
        return rotationSeed == null ? adam : new RotatedAdamW.Hyperparameters(adam, rotationSeed);
    }

    /** Which parameters decay. */
    public DecayGroups decayGroups() {
        return new DecayGroups(decayLayerNorm, decayBias);
    }
}
