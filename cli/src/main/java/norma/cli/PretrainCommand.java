package norma.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import norma.datasets.InvalidInputException;
import norma.trainer.config.RunConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a model from scratch. */
@Command(name = "pretrain", description = "Pre-trains a BERT from scratch into a run folder of its own.")
final class PretrainCommand implements Callable<Integer> {
    @Mixin
    private ConfigOptions options;

    @Parameters(paramLabel = "CONFIG", description = ConfigOptions.DESCRIPTION)
    private Path file;

    @Option(names = "--runs", paramLabel = "DIR", description = "Folder of the runs; default ${DEFAULT-VALUE}.")
    private Path runs = Path.of("runs");

    @Option(names = "--run", paramLabel = "NAME", description = "Name of this run; default: the configuration's.")
    private String name;

    @Option(names = "--force", description = "Replace a run of that name.")
    private boolean force;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        RunConfig config = options.read(file);
        String run = name == null ? options.name() : name;
        if (!run.matches("[^/\\\\]+") || run.startsWith(".")) {
            throw InvalidInputException.of(
                    "command line", "--run", run, "a folder's name without slashes that does not start with a dot");
        }
        return options.located(
                () -> RunSession.run(output, pretraining -> pretraining.start(config, runs, run, force)));
    }
}
