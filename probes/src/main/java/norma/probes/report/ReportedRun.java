package norma.probes.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.SpecialFile;
import norma.datasets.files.TextFile;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.probes.files.ProbeFiles;
import norma.probes.source.ModelsInside;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.run.RunFiles;

/**
 * A run's files as the report reads them.
 *
 * @param path the run's folder, as the user gave it
 */
record ReportedRun(Path path) {
    private static final String JSON = ".json";

    ReportedRun {
        SpecialFile.refuseInside(path, "the files of a run");
        boolean folder = Files.isDirectory(path);
        if (!folder || !Files.isRegularFile(new RunFiles(path).config())) {
            Optional<String> known = folder ? ModelsInside.sentenceAboutFineTunings(path) : Optional.empty();
            throw new InvalidInputException(path + ": "
                    + known.orElse(
                            "has no " + new RunFiles(path).config().getFileName() + ", expected a run's folder"));
        }
        if (!Files.isDirectory(new RunFiles(path).layerNorms())) {
            throw new InvalidInputException(path + ": has no "
                    + new RunFiles(path).layerNorms().getFileName() + ", expected a run with its recording");
        }
    }

    String name() {
        return path.toAbsolutePath().normalize().getFileName().toString();
    }

    RunFiles files() {
        return new RunFiles(path);
    }

    String config() {
        return TextFile.read(files().config(), "text in UTF-8");
    }

    Optional<JsonObject> provenance() {
        Path file = files().provenance();
        return Files.exists(file) ? Optional.of(JsonFile.read(file)) : Optional.empty();
    }

    /**
     * What a probe found; empty if it has not been run.
     *
     * @param read reads its file
     * @throws InvalidInputException naming file and key of what is missing or of another type: a damaged file must not
     *     become a page with a few dashes more
     */
    <T> Optional<T> found(String probe, Function<Path, T> read) {
        Path file = probes().json(probe);
        return Files.exists(file) ? Optional.of(read.apply(file)) : Optional.empty();
    }

    /**
     * Names of the results of a probe: the one without a name of its own first, then the others in order.
     *
     * @param reserved names of other probes, whose results begin in the same way
     */
    List<String> results(String probe, Set<String> reserved) throws IOException {
        if (!Files.isDirectory(files().probes())) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(files().probes())) {
            return all.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(JSON))
                    .map(name -> name.substring(0, name.length() - JSON.length()))
                    .filter(name -> name.equals(probe) || name.startsWith(probe + "-"))
                    .filter(name ->
                            reserved.stream().noneMatch(other -> name.equals(other) || name.startsWith(other + "-")))
                    .sorted()
                    .toList();
        }
    }

    ProbeFiles probes() {
        return ProbeFiles.of(files());
    }

    /** Step of the last checkpoint, whole or not; empty before the first. */
    OptionalLong lastCheckpoint() throws IOException {
        return new Checkpoints(files().checkpoints())
                .all().stream().mapToLong(Checkpoint::step).max();
    }

    /** The last recorded step that can be read; empty where there is none. */
    OptionalLong lastRecorded() throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(files().layerNorms());
        return recording.lastRow() < 0 ? OptionalLong.empty() : OptionalLong.of(recording.step(recording.lastRow()));
    }

    /** Step of the checkpoint that a result is of; empty if it is not noted. */
    static Optional<Long> stepOf(Path result) {
        return JsonFile.read(result, "what a probe found").wholeNumberIfAny("step", 0);
    }

    /**
     * At which step a result was measured, and the run's last checkpoint where that is a later one.
     *
     * @param words before the step, such as {@code Measured at}
     */
    String measured(String words, long step) throws IOException {
        OptionalLong last = lastCheckpoint();
        return String.format(Locale.ROOT, "%s step %,d", words, step)
                + (isEarlier(step, last)
                        ? String.format(Locale.ROOT, "; the run's last checkpoint is of step %,d.", last.getAsLong())
                        : ".");
    }

    /** Whether a step lies before another, which there may not be. */
    static boolean isEarlier(long step, OptionalLong other) {
        return other.isPresent() && step < other.getAsLong();
    }
}
