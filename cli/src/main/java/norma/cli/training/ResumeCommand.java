package norma.cli.training;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import norma.cli.finetune.FinetuneSession;
import norma.cli.terminal.OutputOptions;
import norma.trainer.finetuning.Finetuning;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Goes on with a run. */
@Command(
        name = "resume",
        description = {
            "Goes on with a run or a fine-tuning from its newest whole checkpoint, with the configuration it was started with.",
            "It ends as if it had never been stopped."
        })
public final class ResumeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "The run's folder, such as runs/quickstart.")
    private Path folder;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        if (Finetuning.isFolder(folder)) {
            return FinetuneSession.run(output, finetuning -> finetuning.resume(folder));
        }
        return RunSession.run(output, pretraining -> pretraining.resume(folder));
    }
}
