package norma.trainer.step;

import java.util.List;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.trainer.model.LayerNormSite;
import norma.trainer.safetensors.HostTensor;

/**
 * A model with its optimiser, on one device or with a replica on each of several, as the training loop drives it. One
 * thread uses it.
 *
 * <p>Steps are counted from 0: {@code step(s, …)} takes the weights of step s to those of step s + 1.
 */
public interface Learner extends AutoCloseable {
    /**
     * Gives the device one optimiser step to do: forward and backward over the micro-batches, gradients divided by the
     * number of predicted positions of all of them together, clipping, update. A step whose loss or gradient is not
     * finite changes nothing.
     *
     * @param step which step, for the dropout draws
     * @param microBatches the step's batch, cut by rows
     * @param learningRate this step's rate
     */
    StepResult step(long step, List<Batch> microBatches, double learningRate);

    /** What a step did, to be asked for before the next one is taken. */
    interface StepResult {
        /** Losses and gradient norm; waits for the device to have done the step. */
        Outcome outcome();
    }

    /** Losses and accuracy over held-out batches, dropout off, means over all predicted positions. */
    Evaluation evaluate(Iterable<Batch> batches);

    /** The LayerNorm sites in the model's order. */
    List<LayerNormSite> layerNormSites();

    /** Width H of every site. */
    int hiddenSize();

    /** Every site's weight and bias now, a copy: (sites, 2, H), weight before bias. */
    float[] layerNorms();

    /** Keeps a copy of what {@link #layerNorms} would give now, on the device and without waiting for it. */
    void keepLayerNorms();

    /** The copies kept since the last time, oldest first. */
    List<float[]> takeLayerNorms();

    /** Updates that have been applied: steps, less those without a position to predict. */
    long updates();

    /** Weights by Hugging Face name, in file order, copied to Java memory. */
    Map<String, HostTensor> weights();

    /**
     * The optimiser's moments, in file order: {@code exp_avg.<name>} and {@code exp_avg_sq.<name>} for each trained
     * parameter.
     */
    Map<String, HostTensor> optimizerState();

    /**
     * Takes weights and moments from a checkpoint.
     *
     * @param weights as {@link #weights()} gave them
     * @param optimizerState as {@link #optimizerState()} gave it
     * @param updates as {@link #updates()} gave them
     */
    void restore(Map<String, HostTensor> weights, Map<String, HostTensor> optimizerState, long updates);

    @Override
    void close();

    /**
     * What a step did.
     *
     * @param loss masked-LM loss plus, if there is one, next-sentence loss
     * @param maskedLmLoss mean cross-entropy over the predicted positions, in nats
     * @param nextSentenceLoss mean cross-entropy over the rows, in nats; NaN without that objective
     * @param gradientNorm L2 norm over all gradients before clipping
     * @param predictions number of predicted positions
     * @param skippedUpdates of this step and all before it: those that changed nothing because loss or gradient was not
     *     finite
     */
    record Outcome(
            double loss,
            double maskedLmLoss,
            double nextSentenceLoss,
            double gradientNorm,
            int predictions,
            long skippedUpdates) {}

    /**
     * What an evaluation found.
     *
     * @param maskedLmLoss mean cross-entropy over the predicted positions, in nats
     * @param accuracy share of predicted positions whose top-1 token is the original one
     * @param predictions number of predicted positions
     * @param nextSentenceLoss NaN without that objective
     * @param nextSentenceAccuracy NaN without that objective
     */
    record Evaluation(
            double maskedLmLoss,
            double accuracy,
            long predictions,
            double nextSentenceLoss,
            double nextSentenceAccuracy) {
        /** exp of the masked-LM loss. */
        public double perplexity() {
            return Math.exp(maskedLmLoss);
        }
    }
}
