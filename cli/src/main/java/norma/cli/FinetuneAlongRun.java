package norma.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import norma.datasets.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.finetuning.Finetuning;
import norma.trainer.finetuning.FinetuningSummary;
import norma.trainer.pretraining.StopRequest;

/**
 * Checkpoints of a pre-training run fine-tuned on one task, one after the other, each in a folder {@code step-N} of the
 * given one, and {@code along-run.json} with the score at every step. What has ended already is not trained again.
 */
final class FinetuneAlongRun {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final OutputOptions output;
    private final Path folder;
    private final boolean force;

    FinetuneAlongRun(OutputOptions output, Path folder, boolean force) {
        this.output = output;
        this.folder = folder;
        this.force = force;
    }

    private record Point(long step, FinetuningSummary summary) {}

    /**
     * Fine-tunes all.
     *
     * @param checkpoints of a run, oldest first
     * @param config from a checkpoint's folder to its settings
     */
    @SuppressWarnings("try") // the signals are only held
    int run(List<ProbedCheckpoint> checkpoints, Function<Path, FinetuneConfig> config) throws IOException {
        for (ProbedCheckpoint checkpoint : checkpoints) {
            if (checkpoint.step().isEmpty()) {
                throw new InvalidInputException(
                        checkpoint.folder() + ": is no checkpoint of a run, expected a run beside --checkpoints");
            }
        }
        StopRequest stop = new StopRequest();
        List<Point> points = new ArrayList<>();
        try (StopSignals signals = new StopSignals(stop, output.terminal())) {
            for (ProbedCheckpoint checkpoint : checkpoints) {
                long step = checkpoint.step().getAsLong();
                String name = String.format(Locale.ROOT, "step-%08d", step);
                FinetuneConfig settings = config.apply(checkpoint.folder());
                FinetuningSummary summary =
                        FinetuneSession.shown(output, stop, finetuning -> one(finetuning, settings, name));
                if (summary.interrupted()) {
                    output.say("Stopped, with a checkpoint. The same command goes on.");
                    return ExitCode.INTERRUPTED;
                }
                points.add(new Point(step, summary));
            }
        }
        output.say(table(points));
        ObjectNode json = json(points);
        DurableFiles.write(
                folder.resolve("along-run.json"),
                MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json).getBytes(StandardCharsets.UTF_8));
        output.result(json);
        return ExitCode.DONE;
    }

    private FinetuningSummary one(Finetuning finetuning, FinetuneConfig settings, String name) {
        Path path = folder.resolve(name);
        if (Files.exists(path) && Finetuning.isFolder(path) && !force) {
            Finetuning.requireSettings(path, settings);
            return finetuning.resume(path);
        }
        return finetuning.start(settings, folder, name, force);
    }

    private ObjectNode json(List<Point> points) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("command", output.commandLine());
        json.put("folder", folder.toString());
        ArrayNode array = json.putArray("checkpoints");
        for (Point point : points) {
            ObjectNode entry = array.addObject();
            entry.put("step", point.step());
            entry.setAll(point.summary().json());
        }
        return json;
    }

    private static String table(List<Point> points) {
        FinetuningSummary first = points.get(0).summary();
        StringBuilder text =
                new StringBuilder("\n" + first.task().name() + " after fine-tuning each checkpoint, mean ± std of "
                        + first.seeds().size() + " seeds:\n");
        for (Point point : points) {
            text.append(String.format(Locale.ROOT, "  step %,10d", point.step()));
            for (int split = 0; split < first.task().devs().size(); split++) {
                String name = first.task().devs().get(split).name();
                for (var metric : first.task().headline()) {
                    FinetuningSummary.Spread spread = point.summary().spread(split, metric);
                    text.append(String.format(
                            Locale.ROOT,
                            "   %s %s %.4f ± %.4f (majority %.4f)",
                            name,
                            metric.key(),
                            spread.mean(),
                            spread.deviation(),
                            first.baseline().get(name).get(metric)));
                }
            }
            text.append('\n');
        }
        return text.toString().stripTrailing();
    }
}
