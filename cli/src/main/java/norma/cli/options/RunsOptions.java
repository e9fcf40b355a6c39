package norma.cli.options;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the runs are. */
public final class RunsOptions {
    @Option(
            names = "--runs",
            paramLabel = "FOLDER",
            description = "Folder of the runs, and of the prepared text that they share; default: ${DEFAULT-VALUE}.")
    private Path runs = Path.of("runs");

    /** The folder of the runs. */
    public Path folder() {
        return runs;
    }
}
