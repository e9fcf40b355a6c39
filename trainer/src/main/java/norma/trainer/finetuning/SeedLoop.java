package norma.trainer.finetuning;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import norma.datasets.json.JsonObject;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.TaskBatches;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.checkpoint.HuggingFaceTokenizerConfig;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.run.LearningRateSchedule;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.run.TrainingDivergedException;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.step.ClassificationLearner;
import norma.trainer.step.Learner;

/**
 * The loop of one seed. At each step, in this order: record, log, evaluate where that is due, checkpoint where that is
 * due; so what a checkpoint's step has left on disk is complete when the checkpoint is. What steps did is read from the
 * device at a look, of all since the look before.
 */
final class SeedLoop {
    private static final String EPOCHS = "epochs";
    private static final String LOSS_SUM = "epoch_loss_sum";

    private final FinetuningInputs inputs;
    private final FinetuneConfig config;
    private final RunFiles files;
    private final long seed;
    private final ClassificationLearner learner;
    private final LayerNormRecorder recorder;
    private final SeedLog log;
    private final Checkpoints checkpoints;
    private final StopRequest stop;
    private final RunListener listener;
    private final TaskBatches batches;
    private final long steps;
    private final LearningRateSchedule schedule;
    private final List<EpochScores> epochs = new ArrayList<>();
    private final int lookEvery;
    private final List<Taken> taken = new ArrayList<>();
    private double epochLossSum;
    private long lastCheckpoint = -1;
    private long lastLook = System.nanoTime();

    /**
     * A step that the device was given to do.
     *
     * @param step counted from 1
     * @param recorded whether its LayerNorms are kept
     */
    private record Taken(long step, double rate, int rows, boolean recorded) {}

    SeedLoop(
            FinetuningInputs inputs,
            RunFiles files,
            long seed,
            ClassificationLearner learner,
            LayerNormRecorder recorder,
            SeedLog log,
            Checkpoints checkpoints,
            int lookEvery,
            StopRequest stop,
            RunListener listener) {
        this.lookEvery = lookEvery;
        this.inputs = inputs;
        this.config = inputs.config();
        this.files = files;
        this.seed = seed;
        this.learner = learner;
        this.recorder = recorder;
        this.log = log;
        this.checkpoints = checkpoints;
        this.stop = stop;
        this.listener = listener;
        batches = new TaskBatches(inputs.training(), config.batchSize(), seed);
        steps = inputs.steps();
        schedule = new LearningRateSchedule.Linear((long) Math.ceil(config.warmupRatio() * steps), steps);
    }

    /** Takes what a checkpoint knows besides weights and moments. */
    void restore(JsonObject state) {
        epochs.addAll(EpochScores.read(state, inputs.task()));
        epochLossSum = state.writtenNumber(LOSS_SUM);
        lastCheckpoint = state.wholeNumber("step", 0);
        listener.message(
                String.format(Locale.ROOT, "resuming seed %d at step %,d of %,d", seed, lastCheckpoint, steps));
    }

    /**
     * Trains.
     *
     * @param from the step that the learner stands at with everything of it written; -1 to begin with step 0
     * @param stepsBefore those of earlier seeds, for the display
     * @return the scores of all epochs; empty if it was stopped, after a checkpoint
     */
    Optional<List<EpochScores>> run(long from, long stepsBefore) throws IOException {
        long step = Math.max(0, from);
        lastLook = System.nanoTime();
        if (from < 0) {
            recorder.record(0, learner.layerNorms());
        }
        while (step < steps && !stop.isRequested()) {
            double rate = config.optimizer().learningRate() * schedule.at(step);
            LabelledBatch batch = batches.batch(step);
            learner.step(step, MicroBatches.of(batch, config.microBatchSize().rows()), rate);
            step++;
            take(new Taken(step, rate, batch.rows(), recorder.records(step)));
            if (step % lookEvery == 0 || epochEnds(step) || checkpointDue(step) || stop.isRequested()) {
                look(stepsBefore);
            }
        }
        look(stepsBefore);
        if (step < steps) {
            if (lastCheckpoint != step) {
                checkpoint(step);
            }
            return Optional.empty();
        }
        recorder.flush();
        log.flush();
        return Optional.of(List.copyOf(epochs));
    }

    private int epoch(long step) {
        return Math.toIntExact((step - 1) / batches.batchesPerEpoch() + 1);
    }

    private boolean epochEnds(long step) {
        return step % batches.batchesPerEpoch() == 0;
    }

    private boolean checkpointDue(long step) {
        return epochEnds(step) || step % config.checkpointEvery() == 0;
    }

    private void take(Taken one) {
        taken.add(one);
        if (one.recorded()) {
            learner.keepLayerNorms();
        }
    }

    /** Reads what the steps since the last look did, and does what is due at each of them. */
    private void look(long stepsBefore) throws IOException {
        if (taken.isEmpty()) {
            return;
        }
        List<ClassificationLearner.Outcome> outcomes = learner.outcomes();
        Iterator<float[]> layerNorms = learner.takeLayerNorms().iterator();
        for (int i = 0; i < outcomes.size(); i++) {
            Taken one = taken.get(i);
            requireFinite(one.step(), outcomes.get(i), one.rate());
            if (one.recorded()) {
                recorder.record(one.step(), layerNorms.next());
            }
            visit(one.step(), outcomes.get(i), one.rate());
        }
        Taken last = taken.get(taken.size() - 1);
        ClassificationLearner.Outcome outcome = outcomes.get(outcomes.size() - 1);
        long now = System.nanoTime();
        listener.step(
                stepsBefore + last.step(),
                config.seeds() * steps,
                new Learner.Outcome(outcome.loss(), List.of(), outcome.gradientNorm(), last.rows(), 0, true),
                taken.size(),
                (now - lastLook) / 1e9 / taken.size());
        lastLook = now;
        taken.clear();
    }

    /** Does what is due at a step; where more than a line of metrics is, it is the last one that was taken. */
    private void visit(long step, ClassificationLearner.Outcome outcome, double rate) throws IOException {
        epochLossSum += outcome.loss();
        Optional<EpochScores> scores = epochEnds(step) ? Optional.of(evaluate(step)) : Optional.empty();
        log.write(step, epoch(step), outcome, rate, scores);
        if (scores.isPresent()) {
            log.layerNorms(step, learner.layerNorms());
        }
        if (checkpointDue(step)) {
            checkpoint(step);
        }
    }

    /** Scores the held-out splits, and keeps the model if it is the best so far. */
    private EpochScores evaluate(long step) throws IOException {
        List<float[]> outputs = new ArrayList<>();
        List<DevScores> scores = new ArrayList<>();
        for (DevSet dev : inputs.devs()) {
            int[] done = new int[1];
            int examples = dev.split().examples().size();
            float[] ofSplit = dev.outputs(batch -> {
                done[0] += batch.rows();
                listener.update("evaluating on " + dev.split().name(), done[0], examples, "examples");
                return learner.logits(batch);
            });
            requireFinite(step, ofSplit);
            outputs.add(ofSplit);
            scores.add(new DevScores(
                    dev.split().name(),
                    inputs.task().kind().loss(dev.split().examples(), ofSplit),
                    inputs.task().scores(dev.split(), ofSplit)));
        }
        EpochScores epoch = new EpochScores(epoch(step), step, epochLossSum / batches.batchesPerEpoch(), scores);
        epochLossSum = 0;
        epochs.add(epoch);
        if (EpochScores.best(epochs, inputs.task()).equals(Optional.of(epoch))) {
            keep(outputs, epoch);
        }
        listener.message(line(epoch));
        return epoch;
    }

    private void keep(List<float[]> outputs, EpochScores epoch) throws IOException {
        Checkpoints.writeFolder(files.bestCheckpoint(), contents(null, null, card(epoch)));
        Predictions predictions = new Predictions(inputs.task());
        for (int i = 0; i < outputs.size(); i++) {
            predictions.add(inputs.devs().get(i), outputs.get(i));
        }
        predictions.write(files.predictions());
    }

    private String line(EpochScores epoch) {
        String devs = epoch.devs().stream()
                .map(dev -> dev.split() + " "
                        + dev.metrics().entrySet().stream()
                                .map(metric -> String.format(
                                        Locale.ROOT, "%s %.4f", metric.getKey().key(), metric.getValue()))
                                .collect(Collectors.joining(", ")))
                .collect(Collectors.joining("; "));
        return String.format(
                Locale.ROOT,
                "seed %d, epoch %d of %d: training loss %.4f; %s",
                seed,
                epoch.epoch(),
                config.epochs(),
                epoch.trainingLoss(),
                devs);
    }

    private void checkpoint(long step) throws IOException {
        recorder.flush();
        log.flush();
        ObjectNode state = new ObjectMapper().createObjectNode();
        state.put("step", step);
        state.put("updates", learner.updates());
        state.put("seed", seed);
        state.put(LOSS_SUM, epochLossSum);
        EpochScores.put(state.putArray(EPOCHS), epochs);
        log.recordedWith(recorder).putInto(state);
        checkpoints.write(step, contents(learner.optimizerState(), state, null));
        checkpoints.keep(1, Set.of());
        lastCheckpoint = step;
    }

    private String card(EpochScores epoch) {
        return new ClassifierCard(
                        config,
                        inputs.task(),
                        inputs.model().modelType(),
                        ClassifierConfig.huggingFaceClass(inputs.model()),
                        inputs.weightsSha256())
                .text(
                        seed,
                        epoch,
                        OutlierRule.PAPER.ofMain(learner.layerNorms(), new SnapshotLayout(learner.layerNormSites())));
    }

    private Checkpoints.Contents contents(Map<String, HostTensor> optimizerState, ObjectNode state, String card) {
        Checkpoints.NetworkFiles network = new Checkpoints.NetworkFiles(
                ClassifierConfig.of(inputs.model(), inputs.task()), learner.weights(), optimizerState);
        return new Checkpoints.Contents(
                Map.of("", network),
                inputs.tokenizer().json(),
                HuggingFaceTokenizerConfig.of(inputs.tokenizer(), config.maxLength()),
                state,
                card);
    }

    private void requireFinite(long step, ClassificationLearner.Outcome outcome, double rate) {
        if (!Double.isFinite(outcome.loss()) || !Double.isFinite(outcome.gradientNorm())) {
            throw diverged(
                    step,
                    String.format(
                            Locale.ROOT,
                            "loss %s, gradient norm %s at learning rate %.3g",
                            outcome.loss(),
                            outcome.gradientNorm(),
                            rate));
        }
    }

    private void requireFinite(long step, float[] outputs) {
        for (float output : outputs) {
            if (!Float.isFinite(output)) {
                throw diverged(
                        step,
                        String.format(
                                Locale.ROOT,
                                "the model's output is %s at learning rate %.3g",
                                output,
                                config.optimizer().learningRate() * schedule.at(step - 1)));
            }
        }
    }

    private TrainingDivergedException diverged(long step, String what) {
        return new TrainingDivergedException(files.path() + ": fine-tuning diverged at step " + step + ": " + what
                + " (a lower learning rate or a longer warm-up helps)");
    }
}
