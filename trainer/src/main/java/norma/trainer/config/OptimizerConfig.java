package norma.trainer.config;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;

/**
 * AdamW as torch.optim.AdamW defines it (Loshchilov and Hutter 2019, "Decoupled weight decay regularization"); a
 * component that is null takes its default.
 *
 * @param learningRate the peak rate, per optimiser step
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment, after bias correction
 * @param weightDecay decoupled decay of matrices and embeddings, per unit of learning rate
 * @param decayLayerNorm whether LayerNorm weights and biases decay too
 * @param decayBias whether the other biases decay too
 * @param maxGradNorm gradients are scaled down to this global L2 norm; 0 leaves them alone
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record OptimizerConfig(
        Double learningRate,
        Double beta1,
        Double beta2,
        Double epsilon,
        Double weightDecay,
        Boolean decayLayerNorm,
        Boolean decayBias,
        Double maxGradNorm) {
    private static final String GROUP = "optimizer";

    public OptimizerConfig {
        learningRate = learningRate == null ? 1e-4 : learningRate;
        beta1 = beta1 == null ? 0.9 : beta1;
        beta2 = beta2 == null ? 0.999 : beta2;
        epsilon = epsilon == null ? 1e-8 : epsilon;
        weightDecay = weightDecay == null ? 0.01 : weightDecay;
        decayLayerNorm = decayLayerNorm != null && decayLayerNorm;
        decayBias = decayBias != null && decayBias;
        maxGradNorm = maxGradNorm == null ? 1.0 : maxGradNorm;
        Requirement.positive(GROUP, "learning_rate", learningRate);
        Requirement.fraction(GROUP, "beta1", beta1);
        Requirement.fraction(GROUP, "beta2", beta2);
        Requirement.positive(GROUP, "epsilon", epsilon);
        Requirement.fraction(GROUP, "weight_decay", weightDecay);
        Requirement.require(
                maxGradNorm >= 0 && maxGradNorm < Double.POSITIVE_INFINITY,
                GROUP,
                "max_grad_norm",
                maxGradNorm,
                "a number above 0, or 0 for no clipping");
    }

    /** What AdamW takes of this. */
    public AdamW.Hyperparameters hyperparameters() {
        return new AdamW.Hyperparameters(
                beta1, beta2, epsilon, weightDecay, maxGradNorm > 0 ? maxGradNorm : Double.POSITIVE_INFINITY);
    }

    /** Which parameters decay. */
    public DecayGroups decayGroups() {
        return new DecayGroups(decayLayerNorm, decayBias);
    }
}
