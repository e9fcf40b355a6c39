package norma.probes.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.SpecialFile;
import norma.datasets.files.TextFile;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * A run's files as the report reads them.
 *
 * @param path the run's folder, as the user gave it
 */
record ReportedRun(Path path) {
    ReportedRun {
        SpecialFile.refuseInside(path, "the files of a run");
        if (!Files.isDirectory(path) || !Files.isRegularFile(path.resolve("config.yaml"))) {
            throw new InvalidInputException(path + ": has no config.yaml, expected a run's folder");
        }
        if (!Files.isDirectory(path.resolve("layernorm.zarr"))) {
            throw new InvalidInputException(path + ": has no layernorm.zarr, expected a run with its recording");
        }
    }

    String name() {
        return path.toAbsolutePath().normalize().getFileName().toString();
    }

    Path probes() {
        return path.resolve("probes");
    }

    String text(String file) {
        return TextFile.read(path.resolve(file), "text in UTF-8");
    }

    /** A JSON object below the run's folder; empty if there is none. */
    Optional<JsonObject> object(String file) {
        Path from = path.resolve(file);
        return Files.exists(from) ? Optional.of(JsonFile.read(from)) : Optional.empty();
    }
}
