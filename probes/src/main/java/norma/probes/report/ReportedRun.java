package norma.probes.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.SpecialFile;
import norma.datasets.files.TextFile;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.probes.files.ProbeFiles;
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
        if (!Files.isDirectory(path) || !Files.isRegularFile(new RunFiles(path).config())) {
            throw new InvalidInputException(
                    path + ": has no " + new RunFiles(path).config().getFileName() + ", expected a run's folder");
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
}
