package norma.sweep.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.files.FileProblem;
import norma.probes.ablation.AblationFile;
import norma.probes.ablation.AblationJson;
import norma.probes.ablation.Cost;
import norma.probes.damage.DamageCurve;
import norma.probes.damage.Onset;
import norma.probes.emergence.EmergedDimension;
import norma.probes.emergence.Emergence;
import norma.probes.emergence.EmergenceReader;
import norma.probes.files.ProbeFiles;
import norma.sweep.folder.SweepFiles;
import norma.sweep.folder.TaskRecord;
import norma.sweep.plan.SweptRun;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsReader;
import norma.trainer.run.RunFiles;

/** Reads one run of a sweep, finished or not: its metrics, its recording, and what the probes have left. */
final class RunReader {
    private final SweptRun run;
    private final RunFiles files;
    private final TaskRecord task;
    private final List<String> problems = new ArrayList<>();
    private Long step;
    private Double trainingLoss;
    private Double validationLoss;
    private List<Integer> outliers;
    private List<Integer> dimensions;
    private Cost cost;
    private Long ruleStep;
    private Long departureStep;
    private Double t10;

    private RunReader(SweepFiles sweep, SweptRun run) {
        this.run = run;
        files = sweep.run(run);
        task = TaskRecord.read(sweep.task(run.name()));
        problems.addAll(task.problems());
    }

    /** The run as it is now. */
    static RunResult read(SweepFiles sweep, SweptRun run) {
        return new RunReader(sweep, run).result();
    }

    /** A part of a run that reads its files. */
    @FunctionalInterface
    private interface Reading {
        void read() throws IOException;
    }

    private RunResult result() {
        note(this::losses);
        note(this::damage);
        return new RunResult(
                run,
                task.stateNow(),
                task.sentence(),
                step,
                trainingLoss,
                validationLoss,
                outliers,
                dimensions,
                cost,
                ruleStep,
                departureStep,
                t10,
                problems);
    }

    /** What is damaged in one run is said, and leaves the others alone. */
    private void note(Reading reading) {
        try {
            reading.read();
        } catch (InvalidInputException e) {
            problems.add(e.getMessage());
        } catch (IOException e) {
            problems.add(FileProblem.sentence(e));
        }
    }

    private void losses() throws IOException {
        if (!Files.isRegularFile(files.metrics())) {
            return;
        }
        MetricsReader.read(files.metrics(), line -> {
            step = line.step();
            line.figure(MetricNames.LOSS).ifPresent(loss -> trainingLoss = loss);
            line.validationLoss().ifPresent(loss -> validationLoss = loss);
            return true;
        });
    }

    private void damage() throws IOException {
        Optional<DamageCurve> curve = DamageCurve.read(files.path());
        if (curve.isPresent()) {
            dimensions = curve.get().dimensions();
            cost = curve.get().last().cost();
        } else {
            lastAlone();
        }
        if (!Files.isDirectory(files.layerNorms())) {
            return;
        }
        LayerNormRecording recording = LayerNormRecording.open(files.layerNorms());
        if (recording.size() == 0) {
            return;
        }
        Emergence emergence = EmergenceReader.read(recording, OutlierRule.PAPER, Progress.NONE);
        outliers = emergence.dimensions().stream()
                .filter(dimension -> dimension.emergenceStep() != null)
                .map(EmergedDimension::dimension)
                .toList();
        ruleStep = emergence.dimensions().stream()
                .map(EmergedDimension::emergenceStep)
                .filter(Objects::nonNull)
                .min(Long::compare)
                .orElse(null);
        curve.ifPresent(damage -> {
            Onset onset = Onset.of(damage, emergence);
            ruleStep = onset.ruleStep();
            departureStep = onset.departureStep();
            t10 = onset.t10() == null ? null : onset.t10().step();
        });
    }

    /** Of a run whose last checkpoint alone was ablated. */
    private void lastAlone() {
        Path file = ProbeFiles.of(files).json(ProbeFiles.ABLATION_LAST);
        if (!Files.isRegularFile(file)) {
            return;
        }
        AblationFile.Checkpoint last = AblationJson.read(file).checkpoints().get(0);
        if (last.ablations().isEmpty()) {
            return;
        }
        AblationFile.Ablation own = last.ablations().get(0);
        dimensions = own.dimensions();
        cost = last.cost(own);
    }
}
