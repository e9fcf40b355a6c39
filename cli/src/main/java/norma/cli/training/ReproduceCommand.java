package norma.cli.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.Counted;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.probes.verification.RunDifference;
import norma.trainer.config.ConfigSource;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.pretraining.RunSummary;
import norma.trainer.run.ForwardingListener;
import norma.trainer.run.Provenance;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunFolder;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.run.UnwatchedListener;
import norma.trainer.step.Learner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Whether a run can be made again. */
@Command(
        name = "reproduce",
        description = {
            "Trains a run again and compares the two bit for bit.",
            "The new run has a folder of its own. Reports the first step at which a logged metric or a recorded LayerNorm value differs, or that none does. Corpus and tokenizer must be those of the run's provenance.json. Exit code 1 if something differs."
        },
        footer = {"  norma reproduce runs/quickstart --steps 50", "  norma reproduce runs/quickstart --out runs/again"})
public final class ReproduceCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "Folder of the run, finished or not.")
    private Path run;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Number of steps to train again; default: all that the run has recorded.")
    private Long steps;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description =
                    "Folder for the new run, which is kept; default: a temporary folder that is deleted at the end.")
    private Path out;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        RunFolder.requireRun(run);
        long upTo = steps();
        List<String> changes = Provenance.read(new RunFiles(run).provenance()).changes();
        ConfigSource original = new ConfigSource(new RunFiles(run).config(), List.of());
        if (out != null) {
            RunFolder.requireFree(out, false);
            return compare(original, out.toAbsolutePath().normalize(), upTo, changes);
        }
        Path temporary = Files.createTempDirectory("norma-reproduce-");
        try {
            return compare(original, temporary.resolve("runs").resolve("again"), upTo, changes);
        } finally {
            DurableFiles.delete(temporary);
        }
    }

    private long steps() throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(new RunFiles(run).layerNorms());
        long last = recording.size() == 0 ? 0 : recording.step(recording.size() - 1);
        if (last == 0) {
            throw new InvalidInputException(run + ": has recorded no step after 0, expected a run that was trained");
        }
        if (steps != null && (steps < 1 || steps > last)) {
            throw InvalidInputException.of(
                    "command line", "--steps", steps, "1 to " + last + ", the last step that the run has recorded");
        }
        return steps == null ? last : steps;
    }

    private int compare(ConfigSource original, Path again, long upTo, List<String> changes) throws IOException {
        StopRequest stop = new StopRequest();
        RunSummary summary = original.located(() -> RunSession.train(
                output,
                stop,
                display -> new StopsAt(out == null ? new UnwatchedListener(display) : display, upTo, stop),
                pretraining -> pretraining.again(
                        run, again.getParent(), again.getFileName().toString())));
        if (summary.step() < upTo) {
            output.say("Stopped at step " + summary.step() + "; nothing was compared.");
            return ExitCode.INTERRUPTED;
        }
        RunDifference difference = RunDifference.of(run, again, upTo);
        ObjectNode json = json(difference, upTo, changes);
        output.print(text(difference, upTo));
        if (!difference.none() && !changes.isEmpty()) {
            output.print("Not as when the run began: " + String.join("; ", changes));
        }
        if (out != null) {
            json.put("again", out.toString());
            output.print("The new run: " + out);
        }
        output.result(json);
        return difference.none() ? ExitCode.DONE : ExitCode.FAILED;
    }

    /** Shows the run, and stops it after a step. */
    private static final class StopsAt extends ForwardingListener {
        private final long last;
        private final StopRequest stop;

        StopsAt(RunListener display, long last, StopRequest stop) {
            super(display);
            this.last = last;
            this.stop = stop;
        }

        @Override
        public void step(long step, long steps, Learner.Outcome outcome, int taken, double seconds) {
            super.step(step, Math.min(steps, last), outcome, taken, seconds);
            if (step >= last) {
                stop.request();
            }
        }
    }

    private String text(RunDifference difference, long upTo) {
        if (difference.none()) {
            return String.format(
                    Locale.ROOT,
                    "%s reproduced: %s, the metrics of %,d and the LayerNorms of %,d are the same, bit for bit",
                    run,
                    Counted.of(upTo, "step"),
                    difference.metricSteps(),
                    difference.recordedSteps());
        }
        return String.format(
                Locale.ROOT,
                "%s differs from step %,d on%n  metrics:   %s%n  recording: %s",
                run,
                difference.step().orElseThrow(),
                words(difference.metric()),
                words(difference.recorded()));
    }

    private static String words(RunDifference.First first) {
        return first == null ? "the same" : String.format(Locale.ROOT, "step %,d: %s", first.step(), first.words());
    }

    private ObjectNode json(RunDifference difference, long upTo, List<String> changes) {
        ObjectNode json = output.startResult();
        json.put("run", run.toString());
        json.put("steps", upTo);
        json.put("reproduced", difference.none());
        json.put("first_different_step", difference.step().orElse(null));
        put(json, "metrics", difference.metric(), difference.metricSteps());
        put(json, "recording", difference.recorded(), difference.recordedSteps());
        changes.forEach(json.putArray("changed_surroundings")::add);
        return json;
    }

    private static void put(ObjectNode json, String key, RunDifference.First first, long compared) {
        ObjectNode one = json.putObject(key).put("steps_compared", compared);
        one.put("first_different_step", first == null ? null : first.step());
        one.put("difference", first == null ? null : first.words());
    }
}
