package norma.trainer.model;

/**
 * What the computations of a layer or head take besides arrays.
 *
 * @param hiddenSize H
 * @param numAttentionHeads A; H is a multiple of it
 * @param activation {@code gelu} (erf), {@code gelu_new} (tanh) or {@code relu}
 * @param hiddenDropoutProb after linear layers, in [0, 1)
 * @param attentionProbsDropoutProb on attention probabilities, in [0, 1)
 * @param layerNormEps added to the variance
 * @param stretch what becomes of attention probabilities before dropout
 */
public record TransformerShape(
        int hiddenSize,
        int numAttentionHeads,
        String activation,
        double hiddenDropoutProb,
        double attentionProbsDropoutProb,
        double layerNormEps,
        SoftmaxStretch stretch) {
    /** With the softmax as it is. */
    public TransformerShape(
            int hiddenSize,
            int numAttentionHeads,
            String activation,
            double hiddenDropoutProb,
            double attentionProbsDropoutProb,
            double layerNormEps) {
        this(
                hiddenSize,
                numAttentionHeads,
                activation,
                hiddenDropoutProb,
                attentionProbsDropoutProb,
                layerNormEps,
                SoftmaxStretch.NONE);
    }

    /** D = H / A, the width of one attention head. */
    public int headSize() {
        return hiddenSize / numAttentionHeads;
    }

    /** The same with another activation function. */
    public TransformerShape withActivation(String name) {
        return new TransformerShape(
                hiddenSize,
                numAttentionHeads,
                name,
                hiddenDropoutProb,
                attentionProbsDropoutProb,
                layerNormEps,
                stretch);
    }

    /** The same that drops nothing. */
    public TransformerShape withoutDropout() {
        return new TransformerShape(hiddenSize, numAttentionHeads, activation, 0, 0, layerNormEps, stretch);
    }

    /** The same with another dropout of hidden states. */
    public TransformerShape withHiddenDropout(double probability) {
        return new TransformerShape(
                hiddenSize,
                numAttentionHeads,
                activation,
                probability,
                attentionProbsDropoutProb,
                layerNormEps,
                stretch);
    }

    /** The same of another width and epsilon, for what computes with whole vectors: a head, embeddings. */
    public TransformerShape withVectors(int width, double eps) {
        return new TransformerShape(
                width, numAttentionHeads, activation, hiddenDropoutProb, attentionProbsDropoutProb, eps);
    }
}
