package norma.cli;

import java.util.concurrent.Callable;
import norma.trainer.config.RunConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Trains a model from scratch. */
@Command(name = "resume", description = "Goes on with a run.")
final class ResumeCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions output;

    @Mixin
    private ConfigOptions options;

    @Override
    public Integer call() {
        output.startLogging();
        RunConfig config = options.read();
        output.say(config.toString() + options.name());
        return ExitCode.DONE;
    }
}
