package norma.trainer.finetuning;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import norma.datasets.files.DurableFiles;
import norma.datasets.json.JsonFile;
import norma.datasets.metrics.Metric;
import norma.trainer.architectures.Architectures;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.checkpoint.Manifest;
import norma.trainer.config.OptimizerConfig;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.Network;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.RecordedDigests;
import norma.trainer.run.RunFailedException;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.step.ClassificationLearner;
import norma.trainer.tensorboard.EventWriter;

/**
 * One seed's fine-tuning in its folder, begun or gone on with: {@code metrics.jsonl}, {@code layernorm.zarr},
 * {@code tensorboard/}, {@code checkpoint/} of the best epoch with {@code predictions.tsv},
 * {@code against-parent.json}, at the end {@code result.json}; until then {@code checkpoints/} to go on from.
 */
final class SeedRun {
    /** Steps from one look at the losses to the next on a GPU, where a look waits for the device. */
    private static final int LOOK_EVERY = 10;

    private final FinetuningInputs inputs;
    private final Path folder;
    private final RunFiles files;
    private final long seed;
    private final Device device;
    private final int lookEvery;
    private final StopRequest stop;
    private final RunListener listener;

    SeedRun(FinetuningInputs inputs, Path folder, long seed, Device device, StopRequest stop, RunListener listener) {
        this(inputs, folder, seed, device, device.isGpu() ? LOOK_EVERY : 1, stop, listener);
    }

    /** The same with a number of steps between two looks at the losses. */
    SeedRun(
            FinetuningInputs inputs,
            Path folder,
            long seed,
            Device device,
            int lookEvery,
            StopRequest stop,
            RunListener listener) {
        this.lookEvery = lookEvery;
        this.inputs = inputs;
        this.folder = folder;
        this.files = new RunFiles(folder);
        this.seed = seed;
        this.device = device;
        this.stop = stop;
        this.listener = listener;
    }

    /** The step that {@link #run} goes on from; the last one if the seed has ended. */
    static long standing(Path folder, long steps) throws IOException {
        RunFiles files = new RunFiles(folder);
        if (Files.exists(files.result())) {
            return steps;
        }
        List<Checkpoint> all = new Checkpoints(files.checkpoints()).all();
        return all.isEmpty() ? 0 : all.get(all.size() - 1).step();
    }

    /**
     * Trains to the end, from wherever the folder stands.
     *
     * @param stepsBefore those of the seeds before this one, for the display
     * @return empty if it was stopped
     */
    Optional<SeedResult> run(long stepsBefore) throws IOException {
        Optional<List<EpochScores>> ended =
                SeedResult.read(folder, inputs.task(), inputs.config().epochs());
        if (ended.isEmpty()) {
            Files.createDirectories(folder);
            Optional<List<EpochScores>> trained = train(stepsBefore);
            if (trained.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(finish(trained.get()));
        }
        return Optional.of(finish(ended.get()));
    }

    private SeedResult finish(List<EpochScores> epochs) throws IOException {
        EpochScores best = EpochScores.best(epochs, inputs.task()).orElseThrow(this::undefined);
        Path checkpoint = files.bestCheckpoint();
        Manifest.requireWhole(checkpoint);
        AgainstParent againstParent;
        try (PretrainedModel child = PretrainedModel.open(checkpoint, device)) {
            againstParent = AgainstParent.of(
                    inputs.parentLayerNorms(),
                    inputs.parentLayout(),
                    child.layerNorms(),
                    new SnapshotLayout(child.layerNormSites()));
        }
        JsonFile.write(files.againstParent(), againstParent.json());
        SeedResult result = new SeedResult(seed, epochs, best, checkpoint, againstParent);
        result.write(folder);
        DurableFiles.delete(files.checkpoints());
        return result;
    }

    private RunFailedException undefined() {
        String metrics = inputs.task().headline().stream().map(Metric::key).collect(Collectors.joining(" and "));
        return new RunFailedException(folder + ": no epoch is the best: after each of them " + metrics
                + ", by which epochs are compared, is undefined (NaN), as where a model predicts the same number for every"
                + " example; another learning rate or more epochs may help");
    }

    /** Empty if it was stopped. */
    private Optional<List<EpochScores>> train(long stepsBefore) throws IOException {
        Checkpoints checkpoints = new Checkpoints(files.checkpoints());
        Optional<Checkpoint> newest = checkpoints.newestWhole(listener::warning);
        long from = newest.map(Checkpoint::step).orElse(-1L);
        try (ClassificationLearner learner = learner(newest)) {
            SnapshotLayout layout = new SnapshotLayout(learner.layerNormSites());
            requireWhole(layout, newest);
            cutAfter(checkpoints, from);
            try (LayerNormRecorder recorder = LayerNormRecorder.open(
                            files.layerNorms(), layout, inputs.config().record().every(), true);
                    MetricsLog metrics = new MetricsLog(files.metrics());
                    EventWriter events = events(from)) {
                recorder.truncateAfter(from);
                SeedLog log = new SeedLog(metrics, events, layout);
                SeedLoop loop = new SeedLoop(
                        inputs, files, seed, learner, recorder, log, checkpoints, lookEvery, stop, listener);
                newest.ifPresent(checkpoint -> loop.restore(checkpoint.state()));
                return loop.run(from, stepsBefore);
            }
        }
    }

    /** Reads whatever was written up to the step to go on from; nothing is cut off if a file of it is damaged. */
    private void requireWhole(SnapshotLayout layout, Optional<Checkpoint> from) throws IOException {
        Manifest.requireWhole(files.bestCheckpoint()); // if no later epoch is better, it is the result
        if (from.isPresent()) {
            long step = from.get().step();
            String layerNorms = LayerNormRecorder.requireWhole(
                    files.layerNorms(), layout, inputs.config().record().every(), step);
            String logged = MetricsLog.requireThrough(files.metrics(), lastLine(step));
            RecordedDigests.require(
                    new RecordedDigests(layerNorms, logged), files, from.get().state(), step);
        }
    }

    private void cutAfter(Checkpoints checkpoints, long from) throws IOException {
        checkpoints.cutAfter(from);
        MetricsLog.cutAfter(files.metrics(), lastLine(from));
        if (from < 0) {
            DurableFiles.delete(files.layerNorms());
            DurableFiles.delete(files.tensorBoard());
        }
    }

    private EventWriter events(long from) {
        return from < 0 ? EventWriter.open(files.tensorBoard()) : EventWriter.resume(files.tensorBoard(), from + 1);
    }

    /** Every step but step 0 has a line of metrics. */
    private static long lastLine(long step) {
        return step == 0 ? -1 : step;
    }

    private ClassificationLearner learner(Optional<Checkpoint> from) {
        OptimizerConfig optimizer = inputs.config().optimizer();
        Network network = Architectures.of(inputs.model())
                .classifier(inputs.model(), inputs.task().kind().outputs(), seed);
        ClassificationLearner learner = ClassificationLearner.create(
                network,
                inputs.task().kind(),
                optimizer.settings(),
                optimizer.decayGroups(),
                seed,
                device,
                inputs.config().precision());
        if (from.isPresent()) {
            Checkpoint checkpoint = from.get();
            checkpoint.part("").requireSameTensors(learner.weights(), learner.optimizerState());
            learner.restore(
                    checkpoint.weights(),
                    checkpoint.optimizerState(),
                    checkpoint.state().wholeNumber("updates", 0));
        } else {
            try (PretrainedModel parent =
                    PretrainedModel.open(Path.of(inputs.config().checkpoint()), device)) {
                learner.begin(parent::parameter, parent::hasBelowClassifier);
            }
        }
        return learner;
    }
}
