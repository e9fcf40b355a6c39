package norma.cli;

import java.util.Locale;
import norma.trainer.pretraining.Learner;
import norma.trainer.pretraining.RunListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows a run: its stages and steps as progress, its evaluations and messages as lines; and writes them to the log. */
final class RunDisplay implements RunListener {
    private static final Logger LOG = LoggerFactory.getLogger(RunDisplay.class);

    private final OutputOptions output;
    private final ProgressDisplay progress;

    RunDisplay(OutputOptions output, ProgressDisplay progress) {
        this.output = output;
        this.progress = progress;
    }

    @Override
    public void update(String stage, long done, long total, String unit) {
        progress.update(stage, done, total, unit);
    }

    @Override
    public void message(String text) {
        LOG.info(text);
        progress.finish();
        output.say(text);
    }

    @Override
    public void warning(String text) {
        progress.finish();
        LOG.warn(text);
    }

    @Override
    public void step(long step, long steps, Learner.Outcome outcome, double seconds) {
        progress.update("training", step, steps, "steps");
    }

    @Override
    public void evaluation(long step, Learner.Evaluation evaluation) {
        message(String.format(
                Locale.ROOT,
                "step %,d: validation loss %.4f, perplexity %.1f, accuracy %.4f",
                step,
                evaluation.maskedLmLoss(),
                evaluation.perplexity(),
                evaluation.accuracy()));
    }
}
