package norma.trainer.step;

import java.util.List;
import java.util.Map;
import norma.datasets.base.PublicApi;
import norma.datasets.batches.Batch;
import norma.trainer.model.DimensionValue;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LossTerm;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;

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

    /** The terms of the loss, in the order of {@link Outcome#terms} and {@link Evaluation#terms}. */
    List<LossTerm> terms();

    /** The sites of all networks in their order, the main one's first. */
    List<LayerNormSite> layerNormSites();

    /**
     * Every site's weight and bias now, a copy: (sites, 2, H), weight before bias; NaN where a site has no such value.
     */
    float[] layerNorms();

    /**
     * Gives every LayerNorm that has a dimension this value there; the optimiser's state stays.
     *
     * @param value stands when the next step begins, in evaluations, recordings and checkpoints
     */
    void set(DimensionValue value);

    /** Keeps a copy of what {@link #layerNorms} would give now, on the device and without waiting for it. */
    void keepLayerNorms();

    /** The copies kept since the last time, oldest first. */
    List<float[]> takeLayerNorms();

    /** Updates of the optimiser: steps since it began, less those without a position to predict. */
    long updates();

    /** The networks by name, {@link PretrainingModel#MAIN} first. */
    Map<String, Network> networks();

    /** Every network's weights and optimiser state, as they are when their values are asked for. */
    Map<String, NetworkTensors> tensors();

    /**
     * Takes weights and optimiser state from a checkpoint.
     *
     * @param networks as {@link #tensors()} gave them
     * @param updates as {@link #updates()} gave them
     */
    void restore(Map<String, NetworkTensors> networks, long updates);

    @Override
    void close();

    /**
     * What a step did.
     *
     * @param loss the sum of the terms that had something to predict, which the step minimised; NaN if none had
     * @param terms the mean of each term, in nats; NaN if it had nothing to predict
     * @param gradientNorm L2 norm over all gradients before clipping; NaN if nothing was predicted
     * @param predictions number of predicted positions
     * @param skippedUpdates of this step and all before it: those that changed nothing because loss or gradient was not
     *     finite
     * @param finite whether all that was computed is a finite number
     */
    @PublicApi
    record Outcome(
            double loss,
            List<Double> terms,
            double gradientNorm,
            int predictions,
            long skippedUpdates,
            boolean finite) {
        public Outcome {
            terms = List.copyOf(terms);
        }

        /** The sum of all terms, to be compared with other steps'; NaN if one of them had nothing to predict. */
        public double total() {
            return terms.stream().anyMatch(term -> term.isNaN()) ? Double.NaN : loss;
        }
    }

    /**
     * What an evaluation found.
     *
     * @param terms a score for each term, that of the predicted tokens first
     */
    @PublicApi
    record Evaluation(List<TermScore> terms) {
        public Evaluation {
            terms = List.copyOf(terms);
        }

        /** The score of the predicted tokens. */
        public TermScore tokens() {
            return terms.get(0);
        }

        /** The scores of the other terms, in their order. */
        public List<TermScore> others() {
            return terms.subList(1, terms.size());
        }

        /** Mean cross-entropy over the predicted positions, in nats. */
        public double loss() {
            return tokens().loss();
        }

        /** exp of the loss of the predicted tokens. */
        public double perplexity() {
            return Math.exp(loss());
        }
    }

    /**
     * The score of one term.
     *
     * @param name of the term
     * @param loss mean cross-entropy over the predictions, in nats
     * @param accuracy share of predictions whose top-1 class is the right one
     * @param predictions how many there were
     */
    @PublicApi
    record TermScore(String name, double loss, double accuracy, long predictions) {}
}
