package norma.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Goes on with a run that was stopped. */
@Command(
        name = "resume",
        description = "Goes on with a run from its newest whole checkpoint; it ends as if it had never been stopped.")
final class ResumeCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions output;

    @Parameters(paramLabel = "RUN", description = "The folder of the run, such as runs/quickstart.")
    private Path run;

    @Override
    public Integer call() {
        output.startLogging();
        return RunCommand.run(output, pretraining -> pretraining.resume(run));
    }
}
