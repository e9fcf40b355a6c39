package norma.trainer.bert;

import norma.trainer.config.OptimizerConfig;

/**
 * Which parameters weight decay applies to, besides the matrices and embeddings.
 *
 * @param layerNorm LayerNorm weights and biases too
 * @param bias the biases of matrix products too
 */
public record DecayGroups(boolean layerNorm, boolean bias) {
    /** As a configuration has them. */
    public static DecayGroups of(OptimizerConfig config) {
        return new DecayGroups(config.decayLayerNorm(), config.decayBias());
    }
}
