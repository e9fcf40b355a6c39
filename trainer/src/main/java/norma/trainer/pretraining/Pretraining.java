package norma.trainer.pretraining;

import ai.djl.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.PublicApi;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.FileProblem;
import norma.datasets.pretraining.PretrainingData;
import norma.datasets.tokenizer.TrainedTokenizer;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.figure.TrajectoryFigure;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.run.DiskSpace;
import norma.trainer.run.HeartbeatWriter;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.Provenance;
import norma.trainer.run.RunFailedException;
import norma.trainer.run.RunFolder;
import norma.trainer.run.RunListener;
import norma.trainer.run.StopRequest;
import norma.trainer.run.SweepMembership;
import norma.trainer.step.PretrainingLearner;
import norma.trainer.tensorboard.EventWriter;

/** Pre-training from a configuration to a run folder, and on from where a run stopped. */
public final class Pretraining {
    private final StopRequest stop;
    private final RunListener listener;
    private final RunPreparation preparation;

    /**
     * Pre-training that can be stopped and watched.
     *
     * @param stop read after every step
     * @param listener told what happens
     */
    @PublicApi
    public Pretraining(StopRequest stop, RunListener listener) {
        this.stop = stop;
        this.listener = listener;
        preparation = new RunPreparation(listener);
    }

    /**
     * Starts a run and trains to its end, or until a stop is asked for.
     *
     * @param config complete, but for a vocabulary size that the tokenizer may decide
     * @param runs the folder of all runs
     * @param name of this one
     * @param force whether a run of that name is replaced
     * @throws InvalidInputException if the configuration, the data or the folder cannot be used, or the run to be
     *     replaced holds the data or the tokenizer; then nothing is deleted
     * @throws RunFailedException if training cannot go on
     */
    @PublicApi
    public RunSummary start(RunConfig config, Path runs, String name, boolean force) {
        return start(RunOrigin.SCRATCH, PrecisionChoice.of(config, listener), runs, name, force);
    }

    /**
     * Starts a run of a sweep, which says so in its provenance; otherwise it is as any other.
     *
     * @throws InvalidInputException as {@link #start(RunConfig, Path, String, boolean)}, which replaces no run
     * @throws RunFailedException if training cannot go on
     */
    public RunSummary start(SweepMembership sweep, RunConfig config, Path runs, String name) {
        RunOrigin origin = new RunOrigin() {
            @Override
            public Optional<SweepMembership> sweep() {
                return Optional.of(sweep);
            }
        };
        return start(origin, PrecisionChoice.of(config, listener), runs, name, false);
    }

    /**
     * Starts a run that begins where another one stood, and trains to its end, or until a stop is asked for.
     *
     * @param runs the folder of all runs
     * @param name of this one
     * @param force whether a run of that name is replaced
     * @throws InvalidInputException as {@link #start(RunConfig, Path, String, boolean)}, or if the weights do not fit
     *     the fork's configuration, or its tokenizer is another
     * @throws RunFailedException if training cannot go on
     */
    public RunSummary fork(Fork fork, Path runs, String name, boolean force) {
        listener.message(fork.toString());
        return start(fork, PrecisionChoice.of(fork.config(), listener), runs, name, force);
    }

    /**
     * Trains a run again from its configuration, into another folder, with checkpoints at its ends only: what it
     * records and logs is to be the same.
     *
     * @param original the run's folder, which is only read
     * @param runs the folder of the new one
     * @param name of the new one
     * @throws InvalidInputException if the original is no run or a fork, its configuration was changed, or its corpus
     *     or tokenizer is no longer what it was trained on
     * @throws RunFailedException if training cannot go on
     */
    public RunSummary again(Path original, Path runs, String name) {
        Repetition repetition = Repetition.of(original);
        return start(repetition, repetition.config(), runs, name, false);
    }

    private RunSummary start(RunOrigin origin, RunConfig config, Path runs, String name, boolean force) {
        Path path = runs.resolve(name);
        RunFolder.requireFree(path, force);
        if (Files.exists(path)) {
            List<Path> inputs = RunPreparation.inputs(config);
            inputs.addAll(origin.reads());
            RunFolder.requireOutside(path, inputs);
        }
        List<Device> devices = config.devices();
        RunFolder.requireWritable(runs);
        try (PretrainingData data = preparation.data(config, runs)) {
            listener.message("data: " + data.size());
            TrainedTokenizer.shortage(data.tokenizer().vocabularySize(), config.tokenizer())
                    .ifPresent(words -> listener.message("tokenizer.vocab_size: " + words));
            data.doubts().forEach(listener::warning);
            origin.doubt().ifPresent(listener::warning);
            data.requireBatch(config.training().batchSize());
            RunConfig fitted =
                    MemoryEstimate.fitted(config.withAbsolutePaths().forTokenizer(data.tokenizer()), devices, listener);
            LaunchEstimate.warning(fitted, devices.get(0).isGpu(), devices.size())
                    .ifPresent(listener::warning);
            try (PretrainingLearner learner = preparation.learner(fitted, devices)) {
                origin.restore(data, learner);
                preparation.requireDisk(
                        RunPreparation.estimate(fitted, learner, data, origin.step(), origin.checkpoints()),
                        runs,
                        origin.bytes(),
                        DiskSpace.bytesOf(path));
                try (RunFolder folder = RunFolder.create(path, force)) {
                    listener.opened(folder);
                    origin.writeHistory(folder);
                    DurableFiles.write(folder.files().config(), RunConfigYaml.write(fitted));
                    DurableFiles.write(
                            folder.files().tokenizer(), data.tokenizer().json());
                    Provenance provenance = Provenance.start(
                            folder.files().provenance(), fitted, data, origin.parent(), origin.sweep());
                    folder.begun();
                    listener.message(RunPreparation.plan(fitted, data, learner));
                    return train(fitted, folder, provenance, data, learner, origin.step());
                }
            }
        } catch (IOException e) {
            throw RunFailedException.of(path, e);
        } catch (UncheckedIOException e) {
            throw FileProblem.isDiskFull(e.getCause()) ? RunFailedException.of(path, e.getCause()) : e;
        }
    }

    /**
     * Goes on with a run from its newest whole checkpoint, or from the start if it has none. Everything recorded after
     * that checkpoint is cut off and recorded anew, so on a CPU the run ends as if it had never stopped; on a GPU but
     * for the last digits, see {@link Provenance#doubt}.
     *
     * @param path the run's folder
     * @throws InvalidInputException if the folder is not a run's, or its configuration, data or tokenizer have changed
     * @throws RunFailedException if training cannot go on
     */
    @PublicApi
    public RunSummary resume(Path path) {
        return resume(path, List.of());
    }

    /**
     * The same with settings laid over the run's configuration: more steps, where the run then ends as if it had been
     * configured that long from the start, see {@link Lengthening}.
     *
     * @param settings each a dotted key, an equals sign, a YAML value
     * @throws InvalidInputException as {@link #resume(Path)}, or if the settings change anything but the steps
     */
    public RunSummary resume(Path path, List<String> settings) {
        RunFolder.requireRun(path);
        try (RunFolder folder = RunFolder.open(path)) {
            listener.opened(folder);
            Lengthening lengthening = Lengthening.of(folder.files().config(), settings);
            RunConfig config = lengthening.config();
            List<Device> devices = config.devices();
            Provenance provenance = Provenance.read(folder.files().provenance());
            RunBeginning beginning = new RunBeginning(folder.files(), provenance);
            beginning.requireSameConfig();
            Path runs = path.toAbsolutePath().normalize().getParent();
            try (PretrainingData data = preparation.data(config, runs)) {
                beginning.requireSameData(data);
                Checkpoints checkpoints = new Checkpoints(folder.files().checkpoints());
                Optional<Checkpoint> newest = checkpoints.newestWhole(lengthening::isShared, listener::warning);
                long from = newest.map(Checkpoint::step).orElse(RunOrigin.NOTHING_WRITTEN);
                if (from < provenance.parentStep().orElse(from)) {
                    throw InvalidInputException.of(
                            folder.files().checkpoints().toString(),
                            "step " + provenance.parentStep().getAsLong(),
                            "no whole checkpoint",
                            "the one that the run began with");
                }
                boolean atEnd = from == config.training().steps();
                if (!atEnd) {
                    new MemoryEstimate(config, devices).require(listener);
                }
                try (PretrainingLearner learner = preparation.learner(config, devices)) {
                    if (newest.isPresent()) {
                        Restoration.exact(learner, newest.get());
                    }
                    if (atEnd) {
                        return finished(folder, provenance, learner, from);
                    }
                    if (newest.isPresent()) {
                        RecordedPast.require(folder, lengthening.before(), learner, provenance, newest.get());
                    }
                    listener.message("resuming " + path + " at step " + Math.max(0, from) + " of "
                            + config.training().steps());
                    listener.message(RunPreparation.plan(config, data, learner));
                    provenance.doubt().ifPresent(listener::warning);
                    checkpoints.cutAfter(from);
                    preparation.requireDisk(
                            RunPreparation.estimate(config, learner, data, from, steps(checkpoints)), path, 0, 0);
                    RecordedPast.cutAfter(folder, config, provenance, from);
                    lengthening.write(folder.files(), provenance, from, listener);
                    provenance.resumed(from);
                    return train(config, folder, provenance, data, learner, from);
                }
            }
        } catch (IOException e) {
            throw RunFailedException.of(path, e);
        } catch (UncheckedIOException e) {
            throw FileProblem.isDiskFull(e.getCause()) ? RunFailedException.of(path, e.getCause()) : e;
        }
    }

    private static Set<Long> steps(Checkpoints checkpoints) throws IOException {
        return checkpoints.all().stream().map(Checkpoint::step).collect(Collectors.toSet());
    }

    /**
     * Trains, and says so in the run's folder.
     *
     * @param from the step whose state the learner has and whose outputs are written; -1 if nothing is written yet
     */
    private RunSummary train(
            RunConfig config,
            RunFolder folder,
            Provenance provenance,
            PretrainingData data,
            PretrainingLearner learner,
            long from)
            throws IOException {
        listener.starts(folder.files());
        return HeartbeatWriter.during(
                folder.files(),
                from,
                config.training().steps(),
                listener,
                RunSummary::interrupted,
                watching -> train(config, folder, provenance, data, learner, from, watching));
    }

    /** Opens the run's outputs and trains. */
    private RunSummary train(
            RunConfig config,
            RunFolder folder,
            Provenance provenance,
            PretrainingData data,
            PretrainingLearner learner,
            long from,
            RunListener watching)
            throws IOException {
        Path board = folder.files().tensorBoard();
        if (from < 0) {
            DurableFiles.delete(board); // of an attempt that left no checkpoint
        }
        boolean resumed = Files.exists(board);
        String yaml = RunConfigYaml.write(config);
        if (!EventWriter.isDescribed(board)) {
            EventWriter.describe(board, yaml, RunConfigYaml.settings(config));
        }
        SnapshotLayout layout = new SnapshotLayout(learner.layerNormSites());
        try (LayerNormRecorder recorder = LayerNormRecorder.open(
                        folder.files().layerNorms(), layout, config.record().every(), true, described(folder, yaml));
                EventWriter events = resumed ? EventWriter.resume(board, from + 1) : EventWriter.open(board);
                Monitor monitor = new Monitor(
                        new MetricsLog(folder.files().metrics()),
                        events,
                        learner.terms(),
                        data.contextFreeLosses(TrainingLoop.evaluated(config, data.batches())),
                        layout)) {
            recorder.truncateAfter(from);
            TrainingLoop loop = new TrainingLoop(config, folder, data, learner, recorder, monitor, stop, watching);
            RunSummary summary = loop.run(from);
            if (!summary.interrupted()) {
                provenance.ended();
            }
            return summary;
        }
    }

    /** What a recording says of its run, beside what its sites are. */
    private static Map<String, String> described(RunFolder folder, String yaml) {
        String name = folder.path().toAbsolutePath().normalize().getFileName().toString();
        return Map.of("run", name, "config_sha256", Hashes.sha256(yaml));
    }

    /** A run that has written its last checkpoint; if it was killed after that, the rest of its end is made up for. */
    private RunSummary finished(RunFolder folder, Provenance provenance, PretrainingLearner learner, long step)
            throws IOException {
        String state = folder.path() + " is finished: step " + step + " of " + step;
        Path figure = folder.files().trajectories();
        if (provenance.hasEnded() && Files.exists(figure)) {
            listener.message(state + ", nothing to do");
        } else {
            listener.message(state + ", but its picture or the note of its end is missing and is written now");
            TrainingLoop.writeFigure(TrajectoryFigure.of(folder.path()), folder);
        }
        if (!provenance.hasEnded()) {
            provenance.ended();
            HeartbeatWriter.finished(folder.files(), step);
        }
        float[] snapshot = learner.layerNorms();
        SnapshotLayout layout = new SnapshotLayout(learner.layerNormSites());
        return new RunSummary(
                folder.path(),
                step,
                step,
                false,
                Double.NaN,
                null,
                step,
                SiteStatistics.of(snapshot, layout),
                OutlierRule.PAPER.ofMain(snapshot, layout),
                figure);
    }
}
