package norma.probes.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.PublicApi;
import norma.datasets.files.SpecialFile;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.checkpoint.Manifest;
import norma.trainer.run.RunFiles;

/** What a probe is pointed at: a run, or one checkpoint folder (of a run, or imported). Read only. */
public final class ModelSource {
    private final Path path;
    private final boolean run;
    private final List<ProbedCheckpoint> checkpoints;
    private final Consumer<String> warning;
    private final Map<ProbedCheckpoint, Optional<String>> damages = new HashMap<>();

    private ModelSource(Path path, boolean run, List<ProbedCheckpoint> checkpoints, Consumer<String> warning) {
        this.path = path;
        this.run = run;
        this.checkpoints = List.copyOf(checkpoints);
        this.warning = warning;
    }

    /**
     * Looks at a folder.
     *
     * @param warning told once of each damaged checkpoint that is passed over
     * @throws InvalidInputException if it is neither a run with a checkpoint nor a checkpoint folder, or a checkpoint
     *     folder whose files are not as its manifest has them
     */
    @PublicApi
    public static ModelSource of(Path path, Consumer<String> warning) {
        SpecialFile.refuse(path, "a run or a checkpoint folder");
        SpecialFile.refuseInside(path, "the files of a model");
        if (!Files.isDirectory(path)) {
            throw new InvalidInputException(path + ": no such folder, expected a run or a checkpoint folder");
        }
        if (Files.isRegularFile(new CheckpointFiles(path).config())) {
            Manifest.requireWhole(path);
            return new ModelSource(path, false, List.of(new ProbedCheckpoint(path, Checkpoints.step(path))), warning);
        }
        RunFiles files = new RunFiles(path);
        if (!Files.isRegularFile(files.config())) {
            throw new InvalidInputException(path + ": "
                    + ModelsInside.sentence(path)
                            .orElse("has neither config.yaml nor config.json, expected a run or a checkpoint folder"));
        }
        try {
            List<ProbedCheckpoint> checkpoints = new ArrayList<>();
            for (Checkpoint checkpoint : new Checkpoints(files.checkpoints()).all()) {
                checkpoints.add(new ProbedCheckpoint(checkpoint.folder(), OptionalLong.of(checkpoint.step())));
            }
            if (checkpoints.isEmpty()) {
                throw new InvalidInputException(path + ": this run has no checkpoint yet");
            }
            return new ModelSource(path, true, checkpoints, warning);
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": checkpoints cannot be listed: " + e.getMessage(), e);
        }
    }

    /** As the user gave it. */
    @PublicApi
    public Path path() {
        return path;
    }

    /** Whether it is a run's folder. */
    @PublicApi
    public boolean run() {
        return run;
    }

    /**
     * The newest whole checkpoint of a run, damaged ones passed over; or the one folder.
     *
     * @throws InvalidInputException if the run has damaged ones only
     */
    @PublicApi
    public ProbedCheckpoint last() {
        for (int i = checkpoints.size() - 1; i >= 0; i--) {
            if (isWhole(checkpoints.get(i))) {
                return checkpoints.get(i);
            }
        }
        throw damagedOnly("the newest");
    }

    /** Where results are written by default: a run's {@code probes}; nowhere for a checkpoint folder. */
    public Optional<Path> probesFolder() {
        return run ? Optional.of(new RunFiles(path).probes()) : Optional.empty();
    }

    /** Folder for prepared text: that of the run's neighbours, {@code runs/.cache} for others. */
    public Path cacheFolder() {
        Path runs = run ? path.toAbsolutePath().normalize().getParent() : Path.of("runs");
        return RunFiles.cache(runs);
    }

    /**
     * The checkpoint of a step.
     *
     * @throws InvalidInputException if there is none, or it is damaged
     */
    @PublicApi
    public ProbedCheckpoint at(long step) {
        ProbedCheckpoint found = checkpoints.stream()
                .filter(checkpoint -> checkpoint.step().equals(OptionalLong.of(step)))
                .findFirst()
                .orElseThrow(() ->
                        InvalidInputException.of(path.toString(), "checkpoint", "step " + step, "one of " + words()));
        damage(found).ifPresent(words -> {
            throw new InvalidInputException(words + ", expected a whole checkpoint");
        });
        return found;
    }

    /**
     * Some of the checkpoints, oldest first. Damaged ones that were not asked for by step are passed over.
     *
     * @throws InvalidInputException if a step has no checkpoint, or no whole one is left
     */
    public List<ProbedCheckpoint> select(CheckpointChoice choice) {
        if (choice instanceof CheckpointChoice.Last) {
            return List.of(last());
        }
        if (choice instanceof CheckpointChoice.Steps listed) {
            return listed.steps().stream().map(this::at).toList();
        }
        int stride = ((CheckpointChoice.EveryNth) choice).stride();
        List<ProbedCheckpoint> whole = new ArrayList<>();
        for (int i = (checkpoints.size() - 1) % stride; i < checkpoints.size(); i += stride) {
            if (isWhole(checkpoints.get(i))) {
                whole.add(checkpoints.get(i));
            }
        }
        if (whole.isEmpty()) {
            throw damagedOnly(stride == 1 ? "all" : "every " + stride + " checkpoints");
        }
        return whole;
    }

    private boolean isWhole(ProbedCheckpoint checkpoint) {
        boolean known = damages.containsKey(checkpoint);
        Optional<String> damage = damage(checkpoint);
        if (!known) {
            damage.ifPresent(words -> warning.accept("damaged checkpoint passed over: " + words));
        }
        return damage.isEmpty();
    }

    /** Reading the hashes of a large checkpoint takes seconds, so it is done once. */
    private Optional<String> damage(ProbedCheckpoint checkpoint) {
        return damages.computeIfAbsent(
                checkpoint,
                one -> run
                        ? new Checkpoint(one.folder(), one.step().getAsLong()).damage()
                        : Optional.empty()); // checked when it was named
    }

    private InvalidInputException damagedOnly(String selection) {
        return InvalidInputException.of(
                path.toString(), "checkpoints", "damaged ones only", "at least one whole among " + selection);
    }

    private String words() {
        List<String> steps = checkpoints.stream()
                .filter(checkpoint -> checkpoint.step().isPresent())
                .map(checkpoint -> Long.toString(checkpoint.step().getAsLong()))
                .toList();
        return steps.isEmpty() ? "none: it is no checkpoint of a run" : String.join(", ", steps);
    }
}
