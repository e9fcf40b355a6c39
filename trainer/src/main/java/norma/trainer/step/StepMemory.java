package norma.trainer.step;

import ai.djl.nn.Parameter;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import norma.trainer.blocks.ActivationMemory;
import norma.trainer.blocks.HeadLosses;
import norma.trainer.blocks.KernelSet;
import norma.trainer.model.Head;
import norma.trainer.model.Network;
import norma.trainer.optimizer.Optimizer;

/**
 * What a model's training holds on one device at its largest, in bytes of the arrays that are alive at the same time:
 * by the shapes alone, before any of them is asked for.
 *
 * @param weights every parameter, with the arrays that the optimiser keeps of it
 * @param gradients those that are there when {@code kept} is
 * @param kept what autograd keeps of the layers for the way back, with dropout masks, see {@link ActivationMemory}
 * @param logits those over the vocabulary, with their gradient
 * @param besides what one layer needs besides what it keeps; it is not there at the same time as the logits
 * @param other what the largest of the other moments of a step has beyond all that: the update, or an evaluation
 */
public record StepMemory(double weights, double gradients, double kept, double logits, double besides, double other) {
    /** Sequences that an evaluation takes at once, where a micro-batch is not smaller. */
    public static final int MOST_EVALUATION_ROWS = 32;

    /** Arrays (M, H) of a head over the vocabulary that autograd keeps. */
    private static final int HEAD_ARRAYS = 5;

    /**
     * A micro-batch.
     *
     * @param rows B
     * @param length S
     * @param predictions predicted positions of a sequence, the mean
     * @param several whether more of them follow in the step, so that gradients are kept from one to the next
     */
    public record MicroBatch(int rows, int length, double predictions, boolean several) {}

    /**
     * Of the networks that learn together.
     *
     * @param optimizer which keeps arrays of its own
     * @param choice the kernels of the training pass
     */
    public static StepMemory of(
            Collection<Network> networks, Optimizer.Settings optimizer, KernelSet.Choice choice, MicroBatch batch) {
        double parameters = Float.BYTES * elements(networks);
        double weights = parameters * (1 + optimizer.state().size());
        double kept = 0;
        double besides = 0;
        double logits = 0;
        double table = 0;
        double inference = 0;
        for (Network network : networks) {
            ActivationMemory activations = ActivationMemory.of(network.config(), choice);
            kept += activations.kept(batch.rows, batch.length) + activations.roundedWeights();
            kept += Float.BYTES
                    * network.config().numHiddenLayers()
                    * network.config().keptBesides(batch.rows, batch.length);
            besides = Math.max(besides, activations.besides(batch.rows, batch.length));
            int rows = Math.min(MOST_EVALUATION_ROWS, batch.rows);
            double layer = activations.inference(rows, batch.length);
            if (network.heads().contains(Head.LANGUAGE_MODEL)) {
                int vocabulary = network.outputs(Head.LANGUAGE_MODEL);
                int hidden = network.config().hiddenSize();
                double perPrediction = Float.BYTES * (2.0 * vocabulary + HEAD_ARRAYS * hidden);
                int most = HeadLosses.mostRows(vocabulary, choice.way() == KernelSet.Way.FUSED);
                logits = Math.max(logits, Math.min(most, batch.rows * batch.predictions) * perPrediction);
                layer = Math.max(layer, Math.min(most, rows * batch.predictions) * perPrediction);
                table = Math.max(table, (double) Float.BYTES * vocabulary * hidden);
            }
            inference = Math.max(inference, layer);
        }
        double gradients = batch.several ? parameters : table;
        double update = parameters * (1 + optimizer.copiesOfGradients()) + table; // that of the embeddings comes last
        double other = Math.max(0, Math.max(update, inference) - gradients - kept - Math.max(logits, besides));
        return new StepMemory(weights, gradients, kept, logits, besides, other);
    }

    private static double elements(Collection<Network> networks) {
        Set<Parameter> all = new HashSet<>(); // two networks may share one
        networks.forEach(network -> all.addAll(network.parameters()));
        return all.stream()
                .mapToDouble(parameter -> parameter.getShape().size())
                .sum();
    }

    /** What is allocated and freed in every step. */
    public double transientBytes() {
        return gradients + kept + Math.max(logits, besides) + other;
    }

    /** All of it. */
    public double bytes() {
        return weights + transientBytes();
    }
}
