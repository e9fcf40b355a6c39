package norma.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import norma.trainer.config.RunConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Trains a model from scratch. */
@Command(name = "pretrain", description = "Pre-trains a BERT from scratch into a run folder of its own.")
final class PretrainCommand implements Callable<Integer> {
    @Mixin
    private ConfigOptions options;

    @Parameters(paramLabel = "CONFIG", description = ConfigOptions.DESCRIPTION)
    private Path file;

    @Mixin
    private RunOptions run;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        RunConfig config = options.read(file);
        String name = run.name(options.name());
        return options.located(
                () -> RunSession.run(output, pretraining -> pretraining.start(config, run.runs(), name, run.force())));
    }
}
