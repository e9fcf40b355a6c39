package norma.cli.finetune;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import norma.cli.options.EvaluationOptions;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.cli.terminal.StopSignals;
import norma.cli.terminal.StoppedEarlyException;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.probes.ablation.AblationPlace;
import norma.probes.ablation.Baseline;
import norma.probes.ablation.NamedChoices;
import norma.probes.downstream.DownstreamCurve;
import norma.probes.downstream.DownstreamPoint;
import norma.probes.downstream.DownstreamStudy;
import norma.probes.emergence.EmergedDimension;
import norma.probes.emergence.EmergenceReader;
import norma.probes.evaluation.TaskEvaluation;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.device.Devices;
import norma.trainer.finetuning.Finetuning;
import norma.trainer.finetuning.FinetuningSummary;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.run.RunFiles;
import norma.trainer.run.StopRequest;

/**
 * Checkpoints of a pre-training run fine-tuned on one task, one after the other, each in a folder {@code step-N} of the
 * given one, and each then measured whole and ablated. What has been trained to its end already is not trained again.
 */
final class FinetuneAlongRun {
    private final OutputOptions output;
    private final Path folder;
    private final boolean force;

    FinetuneAlongRun(OutputOptions output, Path folder, boolean force) {
        this.output = output;
        this.folder = folder;
        this.force = force;
    }

    /**
     * Fine-tunes and measures all.
     *
     * @param source the run
     * @param checkpoints of it, oldest first
     * @param config from a checkpoint's folder to its settings
     * @param choices what to switch off
     * @param baseline what to compare with, or null
     */
    @SuppressWarnings("try") // the signals are only held
    int run(
            ModelSource source,
            List<ProbedCheckpoint> checkpoints,
            Function<Path, FinetuneConfig> config,
            NamedChoices choices,
            Baseline baseline)
            throws IOException {
        if (!source.run()) {
            throw new InvalidInputException(source.path() + ": is no run, expected a run beside --checkpoints");
        }
        StopRequest stop = new StopRequest();
        List<DownstreamPoint> points = new ArrayList<>();
        TaskEvaluation evaluation = null;
        Device device = Devices.parse(config.apply(source.last().folder()).device());
        DownstreamStudy study = new DownstreamStudy(
                source,
                AblationPlace.PAPER,
                choices,
                bert -> EvaluationOptions.costsOf(bert, source, Progress.NONE),
                baseline,
                device);
        try (StopSignals signals = output.signals(stop)) {
            for (ProbedCheckpoint checkpoint : checkpoints) {
                String name = Checkpoints.name(checkpoint.step().getAsLong());
                FinetuneConfig settings = config.apply(checkpoint.folder());
                FinetuningSummary summary;
                try {
                    summary = FinetuneSession.shown(output, stop, finetuning -> one(finetuning, settings, name));
                } catch (StoppedEarlyException e) {
                    output.result(stopped(source, evaluation, points));
                    throw e;
                }
                if (summary.interrupted()) {
                    output.say("Stopped, with a checkpoint. The same command goes on.");
                    ObjectNode json = stopped(source, evaluation, points);
                    ObjectNode unfinished = json.putObject("unfinished");
                    unfinished.put("step", checkpoint.step().getAsLong());
                    unfinished.setAll(summary.json());
                    output.result(json);
                    return ExitCode.INTERRUPTED;
                }
                if (evaluation == null) {
                    evaluation = DownstreamStudy.evaluation(checkpoint, summary);
                }
                try (ProgressDisplay progress = output.progress()) {
                    points.add(study.measure(checkpoint, summary, evaluation, progress));
                    progress.finish();
                }
            }
        }
        DownstreamCurve curve = curve(source, evaluation, points);
        ObjectNode json = header(false);
        json.setAll(curve.json());
        curve.write(folder, json);
        output.say("Written to " + folder);
        output.result(json, DownstreamText.of(curve));
        return ExitCode.DONE;
    }

    private ObjectNode header(boolean interrupted) {
        ObjectNode json = output.startResult();
        json.put("folder", folder.toString());
        json.put("interrupted", interrupted);
        return json;
    }

    /** What there is so far: the checkpoints that were fine-tuned and measured. */
    private ObjectNode stopped(ModelSource source, TaskEvaluation evaluation, List<DownstreamPoint> points)
            throws IOException {
        ObjectNode json = header(true);
        if (points.isEmpty()) {
            json.putArray("checkpoints");
        } else {
            json.setAll(curve(source, evaluation, points).json());
        }
        return json;
    }

    private DownstreamCurve curve(ModelSource source, TaskEvaluation evaluation, List<DownstreamPoint> points)
            throws IOException {
        List<EmergedDimension> emerged = List.of();
        Path recorded = new RunFiles(source.path()).layerNorms();
        if (Files.isDirectory(recorded)) {
            try (ProgressDisplay progress = output.progress()) {
                LayerNormRecording recording = LayerNormRecording.open(recorded);
                emerged = EmergenceReader.read(recording, OutlierRule.PAPER, progress)
                        .dimensions();
                progress.finish();
            }
        }
        return new DownstreamCurve(
                String.valueOf(source.path().getFileName()), evaluation, AblationPlace.PAPER, emerged, points);
    }

    private FinetuningSummary one(Finetuning finetuning, FinetuneConfig settings, String name) {
        Path path = folder.resolve(name);
        if (Finetuning.isBegun(path) && !force) {
            Finetuning.requireSettings(path, settings);
            return finetuning.resume(path);
        }
        return finetuning.start(settings, folder, name, force);
    }
}
