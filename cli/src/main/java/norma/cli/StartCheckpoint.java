package norma.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.InvalidInputException;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;

/** The checkpoint folder that a path means: itself, or the newest of a run. */
final class StartCheckpoint {
    private StartCheckpoint() {}

    static Path of(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        Path checkpoints = absolute.resolve("checkpoints");
        if (Files.exists(absolute.resolve("config.json")) || !Files.isDirectory(checkpoints)) {
            return absolute;
        }
        try {
            List<Checkpoint> all = new Checkpoints(checkpoints).all();
            if (all.isEmpty()) {
                throw new InvalidInputException(path + ": has no checkpoint yet, expected one to start from");
            }
            return all.get(all.size() - 1).folder();
        } catch (IOException e) {
            throw new UncheckedIOException(checkpoints + " cannot be read", e);
        }
    }
}
