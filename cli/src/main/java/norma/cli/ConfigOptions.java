package norma.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A configuration, as changed on the command line. */
final class ConfigOptions {
    @Parameters(paramLabel = "CONFIG", description = "A run's configuration in YAML, such as configs/quickstart.yaml.")
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a value of the configuration, such as training.steps=200; repeatable.")
    private List<String> settings = new ArrayList<>();

    RunConfig read() {
        return RunConfigYaml.read(file, settings);
    }

    /** The file's name without its ending. */
    String name() {
        return file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
    }
}
