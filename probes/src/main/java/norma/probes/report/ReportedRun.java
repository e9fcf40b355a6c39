package norma.probes.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
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
    ReportedRun {
        SpecialFile.refuseInside(path, "the files of a run");
        if (!Files.isDirectory(path) || !Files.isRegularFile(new RunFiles(path).config())) {
            throw new InvalidInputException(path + ": has no " + new RunFiles(path).config().getFileName() + ", expected a run's folder");
        }
        if (!Files.isDirectory(new RunFiles(path).layerNorms())) {
            throw new InvalidInputException(path + ": has no " + new RunFiles(path).layerNorms().getFileName() + ", expected a run with its recording");
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

    ProbeFiles probes() {
        return ProbeFiles.of(files());
    }
}
