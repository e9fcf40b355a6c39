package norma.probes.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;

/**
 * A run's files as the report reads them.
 *
 * @param path the run's folder, as the user gave it
 */
record ReportedRun(Path path) {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    ReportedRun {
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

    String text(String file) throws IOException {
        try {
            return Files.readString(path.resolve(file));
        } catch (CharacterCodingException e) {
            throw new InvalidInputException(path.resolve(file) + ": is not UTF-8 text", e);
        }
    }

    /** A JSON object below the run's folder; empty if there is none. */
    Optional<JsonNode> json(String file) throws IOException {
        Path from = path.resolve(file);
        if (!Files.exists(from)) {
            return Optional.empty();
        }
        try {
            JsonNode json = MAPPER.readTree(text(file));
            if (!json.isObject()) {
                throw new InvalidInputException(from + ": damaged, expected a JSON object");
            }
            return Optional.of(json);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    from + ": damaged (" + e.getOriginalMessage() + "), expected a JSON object", e);
        }
    }
}
