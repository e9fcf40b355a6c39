package norma.cli.probes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonFile;
import norma.probes.files.ProbeFiles;
import norma.probes.source.ModelSource;
import norma.trainer.figure.FigureWidth;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a probe's results are written. */
final class ResultOptions {
    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description =
                    "Folder for JSON and figures; default: the run's probes/. For a model that is no run nothing is"
                            + " written by default.")
    private Path out;

    @Mixin
    private FigureOptions figures;

    /** How wide figures are on paper. */
    FigureWidth width() {
        return figures.width();
    }

    /** Whether a folder was named. */
    boolean named() {
        return out != null;
    }

    /**
     * The folder; null where nothing is to be written.
     *
     * @param probes the folder where none is named
     */
    Path folder(Optional<Path> probes) {
        return out != null ? out : probes.orElse(null);
    }

    /**
     * The folder, where something has to be written.
     *
     * @param what is to be written, for the message
     * @throws InvalidInputException if none was named, and the model is of no run
     */
    Path require(ModelSource source, String what) {
        Path folder = folder(source.probesFolder());
        if (folder == null) {
            throw InvalidInputException.of(
                    "command line",
                    "--out",
                    "nothing",
                    "a folder for " + what + ", because " + source.path() + " is no run");
        }
        return folder;
    }

    /** Writes a result into a folder, which is made if need be. */
    static void write(Path folder, String name, ObjectNode result) throws IOException {
        Files.createDirectories(folder);
        JsonFile.write(new ProbeFiles(folder).json(name), result);
    }
}
