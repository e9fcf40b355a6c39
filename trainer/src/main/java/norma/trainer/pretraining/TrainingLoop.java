package norma.trainer.pretraining;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.datasets.batches.BatchSource;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.architectures.Architectures;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.checkpoint.HuggingFaceTokenizerConfig;
import norma.trainer.config.RunConfig;
import norma.trainer.figure.TrajectoryFigure;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.InputTables;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.run.LearningRateSchedule;
import norma.trainer.run.MetricNames;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunFolder;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.step.Learner;
import norma.trainer.step.NetworkTensors;
import norma.trainer.step.StepMemory;

/**
 * The loop. Step 0 is the state before any update, step n the one after the update number n and what the configuration
 * does to a dimension then. At each step that is due, in this order: record, evaluate, log, checkpoint; so what a
 * checkpoint's step has left on disk is complete when the checkpoint is.
 */
final class TrainingLoop {
    private final RunConfig config;
    private final PretrainingData data;
    private final BatchSource batches;
    private final InputTables tables;
    private final Learner learner;
    private final LayerNormRecorder recorder;
    private final Monitor monitor;
    private final StopRequest stop;
    private final RunListener listener;
    private final StepClock clock;
    private final LearningRateSchedule schedule;
    private final DueSteps due;
    private final Checkpoints checkpoints;
    private final Divergence divergence;
    private final RunFolder folder;
    private final long steps;
    private final List<Long> keptSteps = new ArrayList<>();
    private Checkpoint lastCheckpoint;
    private Learner.Outcome lastOutcome;
    private Learner.Evaluation lastEvaluation;
    private long lastEvaluationStep;
    private TrajectoryFigure figure;

    TrainingLoop(
            RunConfig config,
            RunFolder folder,
            PretrainingData data,
            Learner learner,
            LayerNormRecorder recorder,
            Monitor monitor,
            StopRequest stop,
            RunListener listener) {
        this.config = config;
        this.folder = folder;
        this.data = data;
        this.batches = data.batches();
        this.tables = new InputTables(folder.path().toString(), config.model());
        this.learner = learner;
        this.recorder = recorder;
        this.monitor = monitor;
        this.stop = stop;
        this.listener = listener;
        this.clock = listener.clock();
        this.steps = config.training().steps();
        this.due = new DueSteps(config);
        this.schedule = LearningRateSchedule.of(config.schedule(), steps);
        this.checkpoints = new Checkpoints(folder.files().checkpoints());
        this.divergence = new Divergence(config, folder.path(), checkpoints, this::flush);
    }

    /**
     * Trains.
     *
     * @param from the step that the learner stands at with everything of it written; -1 to begin with step 0
     */
    RunSummary run(long from) throws IOException {
        long step = Math.max(0, from);
        if (from < 0) {
            intervene(0);
            keep(0);
            visit(0, null, 0, 0, 0);
        } else if (checkpoints.all().isEmpty()) {
            checkpoint(from); // of a fork that does not begin from just its parent's
        }
        boolean stopping = stop.isRequested();
        Stretch stretch = new Stretch();
        while (step < steps && !stopping) {
            clock.enter(StepClock.Part.BATCH);
            double rate = rate(step);
            List<Batch> micro = batch(step);
            Learner.StepResult result = learner.step(step, micro, rate);
            step++;
            intervene(step);
            keep(step);
            stretch.add(micro);
            stopping = stop.isRequested();
            if (stopping || due.check(step)) {
                Learner.Outcome outcome = result.outcome();
                double seconds = stretch.seconds();
                divergence.requireFinite(step, outcome, rate);
                lastOutcome = outcome;
                visit(step, outcome, rate, stretch.tokens(), seconds);
                listener.step(step, steps, outcome, stretch.steps, stretch.seconds());
                stretch = new Stretch();
            }
        }
        boolean interrupted = step < steps;
        if (interrupted && (lastCheckpoint == null || lastCheckpoint.step() != step)) {
            checkpoint(step);
        }
        flush();
        return summary(step, interrupted);
    }

    /** The steps from one look at the loss to the next: only then is it known how long the device took for them. */
    private static final class Stretch {
        private final long start = System.nanoTime();
        private int steps;
        private long tokens;

        void add(List<Batch> micro) {
            steps++;
            tokens += micro.stream().mapToInt(Batch::tokens).sum();
        }

        /** Mean of a step's tokens. */
        double tokens() {
            return (double) tokens / steps;
        }

        /** Mean of a step's time up to now. */
        double seconds() {
            return (System.nanoTime() - start) / 1e9 / steps;
        }
    }

    /** Gives dimensions of the LayerNorms the values that the configuration wants them to have at a step. */
    private void intervene(long step) {
        config.valuesAt(step).forEach(learner::set);
    }

    /** Keeps a step's LayerNorms, for {@link #visit} to record. */
    private void keep(long step) {
        clock.enter(StepClock.Part.RECORDING);
        if (recorder.records(step)) {
            learner.keepLayerNorms();
            keptSteps.add(step);
        }
    }

    private List<Batch> batch(long step) {
        int size = config.training().batchSize();
        int micro = config.training().microBatchSize().rows();
        List<Batch> parts = new ArrayList<>(size / micro);
        for (int row = 0; row < size; row += micro) {
            parts.add(checked(batches.trainingBatch(step * size + row, micro)));
        }
        return parts;
    }

    /** A damaged cache must not be trained on. */
    private Batch checked(Batch batch) {
        tables.require("prepared text", batch);
        return batch;
    }

    /** Does what is due at a step, and records the steps up to it. */
    private void visit(long step, Learner.Outcome outcome, double rate, double tokens, double seconds)
            throws IOException {
        clock.enter(StepClock.Part.RECORDING);
        float[] snapshot = null;
        List<float[]> taken = learner.takeLayerNorms();
        for (int i = 0; i < taken.size(); i++) {
            recorder.record(keptSteps.get(i), taken.get(i));
            snapshot = keptSteps.get(i) == step ? taken.get(i) : null;
        }
        keptSteps.clear();
        if (due.line(step)) {
            snapshot = snapshot == null ? learner.layerNorms() : snapshot;
            clock.enter(StepClock.Part.LOGGING);
            Learner.Evaluation evaluation = due.evaluation(step) ? evaluate(step) : null;
            monitor.write(step, outcome, rate, tokens, seconds, evaluation, snapshot);
            divergence.requireLearning(step, outcome, evaluation, rate);
            if (due.drawn(step)) {
                draw(step, snapshot);
            }
        }
        clock.enter(StepClock.Part.REST);
        if (due.checkpoint(step)) {
            checkpoint(step);
        }
    }

    private void draw(long step, float[] snapshot) {
        monitor.histograms(step, snapshot);
        if (step > 0) {
            recorder.flush();
            monitor.picture(MetricNames.LAYER_NORM + "/trajectories", figure().png(), step);
        }
    }

    /** The run's picture, read up to what is on disk now. */
    private TrajectoryFigure figure() {
        if (figure == null) {
            figure = TrajectoryFigure.of(folder.path());
        } else {
            figure.refresh();
        }
        return figure;
    }

    /** Writes a run's picture where it belongs, and gives its PNG, the file that is written last. */
    static Path writeFigure(TrajectoryFigure figure, RunFolder folder) throws IOException {
        figure.write(folder.files().probes(), RunFiles.TRAJECTORIES);
        return folder.files().trajectories();
    }

    /** How many held-out sequences an evaluation takes. */
    static int evaluated(RunConfig config, BatchSource batches) {
        return Math.min(config.evaluation().examples(), batches.validationExamples());
    }

    private Learner.Evaluation evaluate(long step) {
        int examples = evaluated(config, batches);
        int rows = Math.min(
                StepMemory.MOST_EVALUATION_ROWS,
                config.training().microBatchSize().rows());
        List<Integer> starts = new ArrayList<>();
        for (int first = 0; first < examples; first += rows) {
            starts.add(first);
        }
        lastEvaluation = learner.evaluate(() -> starts.stream()
                .map(first -> checked(batches.validationBatch(first, Math.min(rows, examples - first))))
                .iterator());
        lastEvaluationStep = step;
        listener.evaluation(step, lastEvaluation);
        return lastEvaluation;
    }

    private double rate(long step) {
        return config.optimizer().learningRate() * schedule.at(step);
    }

    private void flush() throws IOException {
        recorder.flush();
        monitor.flush();
    }

    private void checkpoint(long step) throws IOException {
        Map<String, NetworkTensors> tensors = learner.tensors();
        for (NetworkTensors network : tensors.values()) {
            divergence.requireFinite(step, network.weights(), step == 0 ? 0 : rate(step - 1));
        }
        flush();
        ObjectNode state = new ObjectMapper().createObjectNode();
        state.put("step", step);
        state.put("updates", learner.updates());
        state.put("seed", config.seed());
        state.put("next_example", step * config.training().batchSize());
        state.put("epoch", step * config.training().batchSize() / batches.trainingExamples());
        monitor.recordedWith(recorder).putInto(state);
        lastCheckpoint = checkpoints.write(
                step,
                new Checkpoints.Contents(
                        networks(tensors),
                        data.tokenizer().json(),
                        HuggingFaceTokenizerConfig.of(
                                data.tokenizer(), config.model().longestSequence()),
                        state,
                        card(step)));
        if (!config.checkpoints().keep().isAll()) {
            checkpoints.keep(
                    config.checkpoints().keep().newest(), config.checkpoints().staying(steps));
        }
    }

    private String card(long step) {
        Network main = learner.networks().get(PretrainingModel.MAIN);
        return new ModelCard(config, huggingFaceClass(main), data)
                .text(
                        step,
                        step == lastEvaluationStep ? lastEvaluation : null,
                        OutlierRule.PAPER.ofMain(learner.layerNorms(), new SnapshotLayout(learner.layerNormSites())));
    }

    private static String huggingFaceClass(Network network) {
        return Architectures.of(network.config()).huggingFaceClass(network.heads());
    }

    private Map<String, Checkpoints.NetworkFiles> networks(Map<String, NetworkTensors> tensors) {
        Map<String, Checkpoints.NetworkFiles> networks = new LinkedHashMap<>();
        learner.networks()
                .forEach((name, network) -> networks.put(
                        name,
                        new Checkpoints.NetworkFiles(
                                json(network),
                                tensors.get(name).weights(),
                                tensors.get(name).optimizerState())));
        return networks;
    }

    /** Hugging Face's config.json, with the class that the heads make. */
    private static ObjectNode json(Network network) {
        ObjectNode json = network.config().toJson();
        json.putArray("architectures").add(huggingFaceClass(network));
        return json;
    }

    private RunSummary summary(long step, boolean interrupted) throws IOException {
        float[] snapshot = learner.layerNorms();
        SnapshotLayout layout = new SnapshotLayout(learner.layerNormSites());
        return new RunSummary(
                folder.path(),
                step,
                steps,
                interrupted,
                lastOutcome == null ? Double.NaN : lastOutcome.total(),
                lastEvaluation,
                lastEvaluationStep,
                SiteStatistics.of(snapshot, layout),
                OutlierRule.PAPER.ofMain(snapshot, layout),
                step == 0 ? null : writeFigure(figure(), folder));
    }
}
