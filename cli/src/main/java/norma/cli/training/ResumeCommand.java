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
            "Resumes a run or a fine-tuning from its newest intact checkpoint.",
            "The configuration is the one it was started with, and the result is the same as if it had never"
                    + " been stopped."
        })
public final class ResumeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "Folder of the run, such as runs/quickstart.")
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
