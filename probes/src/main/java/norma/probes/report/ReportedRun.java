package norma.probes.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.SpecialFile;
import norma.datasets.files.TextFile;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
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
            throw new InvalidInputException(path + ": has no config.yaml, expected a run's folder");
        }
        if (!Files.isDirectory(new RunFiles(path).layerNorms())) {
            throw new InvalidInputException(path + ": has no layernorm.zarr, expected a run with its recording");
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
        return object(files().provenance());
    }

    /** What a probe found; empty if it has not been run. */
    Optional<JsonObject> found(String probe) {
        return object(files().probes().resolve(probe + ".json"));
    }

    private static Optional<JsonObject> object(Path file) {
        return Files.exists(file) ? Optional.of(JsonFile.read(file)) : Optional.empty();
    }
}
