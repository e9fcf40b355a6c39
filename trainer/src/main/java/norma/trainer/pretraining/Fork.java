package norma.trainer.pretraining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileProblem;
import norma.datasets.files.TextFile;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.config.ConfigDifference;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.run.DiskSpace;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.Provenance;
import norma.trainer.run.RecordedDigests;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunFolder;
import norma.trainer.step.PretrainingLearner;
import norma.trainer.tensorboard.EventWriter;

/**
 * A run that begins where another one stood, with some of its settings changed: weights, moments and everything
 * recorded up to a checkpoint are the parent's; only an optimiser of another kind begins without moments. Data order,
 * masks and dropout are functions of the step, so a fork without a change equals its parent bit for bit.
 */
public final class Fork implements RunOrigin {
    private final RunFiles files;
    private final Checkpoint checkpoint;
    private final RunConfig config;
    private final List<ConfigDifference> changes;

    private Fork(RunFiles files, Checkpoint checkpoint, RunConfig config, List<ConfigDifference> changes) {
        this.files = files;
        this.checkpoint = checkpoint;
        this.config = config;
        this.changes = changes;
    }

    /**
     * A fork of a run, which may still be training.
     *
     * @param parent the run's folder
     * @param step of one of its checkpoints
     * @param config the parent's configuration with the fork's changes
     * @throws InvalidInputException if there is no such checkpoint, it is damaged, or the configuration changes what a
     *     fork cannot
     */
    public static Fork of(Path parent, long step, RunConfig config) {
        RunFolder.requireRun(parent);
        RunFiles files = new RunFiles(parent);
        RunConfig before = RunConfigYaml.read(files.config(), List.of());
        List<ConfigDifference> changes = ConfigDifference.between(before, config);
        Fork fork = new Fork(files, checkpoint(files, step), config, changes);
        fork.refuse("record.every", "the recording goes on in the parent's steps");
        fork.refuse("model.model_type", "the weights are the parent's");
        fork.refuse("model.variant.norm", "the recording continues with the parent's sites");
        fork.refuse("model.variant.norm_position", "the recording continues with the parent's sites");
        fork.refuse("model.variant.pad_vocab_to_multiple_of", "the weights are the parent's");
        fork.requireStillToCome();
        if (config.training().steps() < step) {
            throw InvalidInputException.of(
                    "config",
                    "training.steps",
                    config.training().steps(),
                    "at least " + step + ", the step of the checkpoint that the fork begins from");
        }
        return fork;
    }

    /** An intervention that the parent has not lies ahead: the recording up to the checkpoint is the parent's. */
    private void requireStillToCome() {
        if (config.intervention() == null) {
            return;
        }
        config.intervention().firstSteps().forEach((key, first) -> {
            String group = key.substring(0, key.lastIndexOf('.') + 1);
            boolean changed = changes.stream().anyMatch(change -> change.key().startsWith(group));
            if (changed && first <= step()) {
                throw InvalidInputException.of(
                        "config", key, first, "a step after " + step() + ", which the fork begins from");
            }
        });
    }

    private static Checkpoint checkpoint(RunFiles files, long step) {
        try {
            List<Checkpoint> all = new Checkpoints(files.checkpoints()).all();
            Checkpoint found = all.stream()
                    .filter(checkpoint -> checkpoint.step() == step)
                    .findFirst()
                    .orElseThrow(() -> InvalidInputException.of(
                            files.path().toString(),
                            "checkpoints",
                            "none of step " + step,
                            all.isEmpty()
                                    ? "a run with a checkpoint"
                                    : "one of the steps "
                                            + all.stream()
                                                    .map(one -> String.valueOf(one.step()))
                                                    .collect(Collectors.joining(", "))));
            Optional<String> damage = found.damage();
            if (damage.isPresent()) {
                throw new InvalidInputException(damage.get() + ", expected a checkpoint as it was written");
            }
            return found;
        } catch (IOException e) {
            throw new InvalidInputException(files.path() + ": its checkpoints cannot be read: " + e.getMessage(), e);
        }
    }

    private void refuse(String key, String why) {
        changes.stream().filter(change -> change.key().equals(key)).findFirst().ifPresent(change -> {
            throw InvalidInputException.of("config", key, change.after(), change.before() + ": " + why);
        });
    }

    /** The fork's configuration. */
    public RunConfig config() {
        return config;
    }

    /** What is not as in the parent. */
    public List<ConfigDifference> changes() {
        return changes;
    }

    /** Step of the checkpoint. */
    @Override
    public long step() {
        return checkpoint.step();
    }

    @Override
    public List<Path> reads() {
        return List.of(files.path());
    }

    @Override
    public void restore(PretrainingData data, PretrainingLearner learner) {
        requireTokenizer(data);
        try {
            if (beginsFromParents()) {
                Restoration.exact(learner, checkpoint);
            } else {
                Restoration.changed(learner, checkpoint, !otherOptimizer());
            }
        } catch (InvalidInputException e) {
            List<ConfigDifference> shapes = changes.stream()
                    .filter(change -> change.key().startsWith("model."))
                    .toList();
            if (shapes.isEmpty()) {
                throw e;
            }
            ConfigDifference first = shapes.stream()
                    .filter(change -> change.key().endsWith(".type")) // the cause, where its own keys changed with it
                    .findFirst()
                    .orElse(shapes.get(0));
            throw InvalidInputException.of(
                    "config",
                    first.key(),
                    first.after(),
                    first.before() + ": a fork keeps its parent's weights, and " + e.finding() + " in "
                            + checkpoint.folder() + " (" + e.key() + ")");
        }
        requireRecorded(learner);
    }

    /** Whether the parent's moments mean nothing to the fork's optimiser, which begins with none. */
    private boolean otherOptimizer() {
        return changes.stream()
                .map(ConfigDifference::key)
                .anyMatch(key -> key.equals("optimizer.type") || key.equals("optimizer.rotation_seed"));
    }

    /** Whether parts of the model are constants now that were not, or no more. */
    private boolean otherVariant() {
        return changes.stream().anyMatch(change -> change.key().startsWith("model.variant."));
    }

    /** Token ids mean what they meant to the parent. */
    private void requireTokenizer(PretrainingData data) {
        Path file = files.tokenizer();
        if (!TextFile.read(file, "a tokenizer.json").equals(data.tokenizer().json())) {
            String changed = changes.stream()
                    .map(ConfigDifference::key)
                    .filter(key -> key.startsWith("tokenizer.") || key.startsWith("data."))
                    .collect(Collectors.joining(", "));
            throw new InvalidInputException(file + ": differs from the tokenizer that the fork's settings give"
                    + (changed.isEmpty() ? "" : " (" + changed + ")")
                    + ", expected the same (tokenizer.path: " + file + " keeps it for other text)");
        }
    }

    /** What is copied has to be whole. */
    private void requireRecorded(PretrainingLearner learner) {
        try {
            String layerNorms = LayerNormRecorder.requireWhole(
                    files.layerNorms(),
                    new SnapshotLayout(learner.layerNormSites()),
                    config.record().every(),
                    step());
            String metrics = MetricsLog.requireThrough(files.metrics(), lastLine());
            RecordedDigests.require(new RecordedDigests(layerNorms, metrics), files, checkpoint.state(), step());
        } catch (IOException e) {
            throw new InvalidInputException(files.path() + ": cannot be read: " + FileProblem.sentence(e), e);
        }
    }

    /** The parent's last line of metrics up to the checkpoint. */
    private long lastLine() {
        return new DueSteps(RunConfigYaml.read(files.config(), List.of())).lastLine(step());
    }

    @Override
    public Set<Long> checkpoints() {
        return beginsFromParents() ? Set.of(step()) : Set.of();
    }

    /** Whether it begins from just its parent's checkpoint; else the loop writes the first one. */
    private boolean beginsFromParents() {
        return !otherOptimizer() && !otherVariant();
    }

    @Override
    public long bytes() throws IOException {
        return DiskSpace.bytesOf(files.layerNorms())
                + DiskSpace.bytesOf(files.tensorBoard())
                + (beginsFromParents() ? DiskSpace.bytesOf(checkpoint.folder()) : 0)
                + Files.size(files.metrics());
    }

    /**
     * The parent's recording, metrics and TensorBoard events up to the checkpoint, and the checkpoint itself, if the
     * fork begins from just that.
     */
    @Override
    public void writeHistory(RunFolder folder) throws IOException {
        copy(files.layerNorms(), folder.files().layerNorms());
        Files.copy(files.metrics(), folder.files().metrics());
        MetricsLog.cutAfter(folder.files().metrics(), lastLine());
        copy(files.tensorBoard(), folder.files().tensorBoard(), file -> !EventWriter.isDescription(file));
        if (beginsFromParents()) {
            Files.createDirectories(folder.files().checkpoints());
            copy(
                    checkpoint.folder(),
                    folder.files().checkpoints().resolve(checkpoint.folder().getFileName()));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        copy(from, to, file -> true);
    }

    private static void copy(Path from, Path to, Predicate<Path> which) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path entry : all.filter(which).toList()) {
                Files.copy(entry, to.resolve(from.relativize(entry).toString()));
            }
        }
    }

    @Override
    public Optional<String> doubt() {
        List<String> others = Provenance.read(files.provenance()).changes();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "not as when the parent began, so the fork may differ from it by more than its settings say: "
                                + String.join("; ", others));
    }

    @Override
    public Optional<Provenance.Parent> parent() {
        return Optional.of(
                new Provenance.Parent(files.path().toAbsolutePath().normalize().toString(), step(), changes));
    }

    /** One line, such as {@code a fork of runs/tiny at step 4000: schedule.type constant → linear}. */
    @Override
    public String toString() {
        String what = changes.stream().map(ConfigDifference::toString).collect(Collectors.joining(", "));
        return "a fork of " + files.path() + " at step " + step() + ": " + (what.isEmpty() ? "nothing changed" : what)
                + (otherOptimizer() ? "; the optimiser begins anew, without moments" : "");
    }
}
