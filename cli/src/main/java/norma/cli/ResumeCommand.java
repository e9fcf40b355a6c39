package norma.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Goes on with a run. */
@Command(
        name = "resume",
        description = {
            "Goes on with a run from its newest whole checkpoint, with the configuration it was started with.",
            "It ends as if it had never been stopped."
        })
final class ResumeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "The run's folder, such as runs/quickstart.")
    private Path folder;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        return RunSession.run(output, pretraining -> pretraining.resume(folder));
    }
}
