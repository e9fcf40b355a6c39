package norma.trainer.optimizer;

/**
 * Which parameters weight decay applies to, besides the matrices and embeddings.
 *
 * @param layerNorm LayerNorm weights and biases too
 * @param bias the biases of matrix products too
 */
public record DecayGroups(boolean layerNorm, boolean bias) {}
