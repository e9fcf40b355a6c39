package norma.trainer.pretraining;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.config.RunConfig;
import norma.trainer.run.TrainingDivergedException;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.step.Learner;

/**
 * Ends a run that has diverged: whose loss, gradients or weights are no finite numbers, or whose validation loss is
 * more than {@value #TIMES} times ln V, what guessing every token of the vocabulary alike costs. No model that learns
 * comes near that; one whose weights explode passes it by far, although all of its numbers may still be finite. A run
 * that plants a dimension may break its model on purpose and is only held to finite numbers.
 */
final class Divergence {
    static final double TIMES = 10;

    private final RunConfig config;
    private final Path run;
    private final Checkpoints checkpoints;
    private final Outputs outputs;
    private long sound =
            Long.MAX_VALUE; // the last step whose evaluation passed; until one fails, all checkpoints are good

    /** What a run writes besides checkpoints. */
    interface Outputs {
        /** Writes what has been recorded and logged so far. */
        void flush() throws IOException;
    }

    /** Of a run, whose outputs are written before it ends. */
    Divergence(RunConfig config, Path run, Checkpoints checkpoints, Outputs outputs) {
        this.config = config;
        this.run = run;
        this.checkpoints = checkpoints;
        this.outputs = outputs;
    }

    /** Checks what a step has computed. */
    void requireFinite(long step, Learner.Outcome outcome, double rate) throws IOException {
        if (!outcome.finite()) {
            throw diverged(
                    step,
                    String.format(
                            Locale.ROOT,
                            "loss %s, gradient norm %s at learning rate %.3g",
                            outcome.loss(),
                            outcome.gradientNorm(),
                            rate));
        }
        if (outcome.skippedUpdates() > 0) {
            throw diverged(
                    step,
                    "loss or gradient norm was not finite at " + outcome.skippedUpdates()
                            + " of the steps since the look before (training.check_every: "
                            + config.training().checkEvery() + ")");
        }
    }

    /** Checks weights: a checkpoint that could only go on diverging must not be taken for a good one. */
    void requireFinite(long step, Map<String, HostTensor> weights, double rate) throws IOException {
        for (Map.Entry<String, HostTensor> tensor : weights.entrySet()) {
            OptionalDouble wrong = tensor.getValue().notFinite();
            if (wrong.isPresent()) {
                throw diverged(
                        step,
                        String.format(
                                Locale.ROOT,
                                "%s holds %s at learning rate %.3g",
                                tensor.getKey(),
                                (float) wrong.getAsDouble(),
                                rate));
            }
        }
    }

    /**
     * Checks an evaluation; without held-out text, the step's own loss.
     *
     * @param outcome of the step; null at step 0
     * @param evaluation of the step; null if it was not evaluated
     */
    void requireLearning(long step, Learner.Outcome outcome, Learner.Evaluation evaluation, double rate)
            throws IOException {
        boolean planted = config.intervention() != null && config.intervention().plant() != null;
        if (evaluation == null || planted) {
            return;
        }
        boolean heldOut = evaluation.tokens().predictions() > 0;
        double loss = heldOut
                ? evaluation.loss()
                : outcome == null ? Double.NaN : outcome.terms().get(0);
        double guessing = Math.log(config.model().vocabSize());
        if (loss > TIMES * guessing || (heldOut && Double.isNaN(loss))) {
            throw diverged(
                    step,
                    String.format(
                            Locale.ROOT,
                            "%s loss %,.1f at learning rate %.3g, more than %.0f times the %.1f of guessing every token"
                                    + " alike",
                            heldOut ? "validation" : "training",
                            loss,
                            rate,
                            TIMES,
                            guessing));
        }
        sound = step;
    }

    private TrainingDivergedException diverged(long step, String what) throws IOException {
        outputs.flush();
        List<Checkpoint> good = checkpoints.all().stream()
                .filter(checkpoint -> checkpoint.step() <= sound)
                .toList();
        String last = good.isEmpty()
                ? "there is no good checkpoint before it"
                : "the last good checkpoint is " + good.get(good.size() - 1).folder();
        return new TrainingDivergedException(run + ": training diverged at step " + step + ": " + what + "; " + last
                + " (a lower optimizer.learning_rate or a longer schedule.warmup_steps helps)");
    }
}
