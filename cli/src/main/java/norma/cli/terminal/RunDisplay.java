package norma.cli.terminal;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunFolder;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.step.Learner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows a run to people, and writes what they saw into its {@code norma.log}. */
public final class RunDisplay implements RunListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunDisplay.class);

    private final OutputOptions output;
    private final StopRequest stop;
    private final ProgressDisplay progress;
    private Logging.File log = Logging.File.NONE;
    private boolean training;

    public RunDisplay(OutputOptions output, StopRequest stop) {
        this.output = output;
        this.stop = stop;
        this.progress = output.progress();
    }

    @Override
    public void opened(RunFolder folder) {
        log = Logging.toFile(folder.files().log());
        training = true;
    }

    @Override
    public void starts(RunFiles run) {
        String runs = OutputOptions.quoted(
                List.of(run.path().toAbsolutePath().getParent().toString()));
        output.say("watch it: norma monitor " + runs + ", or tensorboard --logdir " + runs);
    }

    @Override
    public void update(String stage, long done, long total, String unit) {
        if (stop.isRequested() && !training) {
            throw new StoppedEarlyException("stopped while " + stage + ", before the run began");
        }
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
    public void step(long step, long steps, Learner.Outcome outcome, int taken, double seconds) {
        progress.note(
                Double.isNaN(outcome.total())
                        ? "nothing to predict"
                        : String.format(Locale.ROOT, "loss %.3f", outcome.total()));
        progress.update("training", step, steps, "steps");
    }

    @Override
    public void evaluation(long step, Learner.Evaluation evaluation) {
        message(
                evaluation.tokens().predictions() == 0
                        ? String.format(Locale.ROOT, "step %,d: nothing to predict in the validation sequences", step)
                        : String.format(
                                Locale.ROOT,
                                "step %,d: validation loss %.3f, perplexity %.1f, accuracy %.1f %%%s",
                                step,
                                evaluation.loss(),
                                evaluation.perplexity(),
                                100 * evaluation.tokens().accuracy(),
                                others(evaluation)));
    }

    private static String others(Learner.Evaluation evaluation) {
        return evaluation.others().stream()
                .map(more -> String.format(
                        Locale.ROOT, "; %s %.3f, accuracy %.1f %%", more.name(), more.loss(), 100 * more.accuracy()))
                .collect(Collectors.joining());
    }

    /** An error that ends the run, for the log only. */
    public void failed(Exception problem) {
        LOG.debug("the run failed", problem);
    }

    @Override
    public void close() {
        progress.finish();
        log.close();
    }
}
