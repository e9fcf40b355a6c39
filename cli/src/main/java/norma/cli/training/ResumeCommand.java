package norma.cli.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import norma.cli.finetune.FinetuneSession;
import norma.cli.options.WithoutEffect;
import norma.cli.terminal.OutputOptions;
import norma.trainer.config.ConfigSource;
import norma.trainer.finetuning.Finetuning;
import norma.trainer.run.RunFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Goes on with a run. */
@Command(
        name = "resume",
        description = {
            "Resumes a run or a fine-tuning from its newest intact checkpoint.",
            "The configuration is the one it was started with, but for more steps, and the result is the same as if it had never been stopped."
        },
        footer = {"  norma resume runs/quickstart", "  norma resume runs/constant --set training.steps=8000"})
public final class ResumeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "Folder of the run, such as runs/quickstart.")
    private Path folder;

    @Option(
            names = "--set",
            paramLabel = "training.steps=N",
            description = "More steps for a run whose schedule.type is constant: it ends as if it had had them from the"
                    + " start. Any other change makes a fork: norma pretrain --from RUN@STEP --set KEY=VALUE.")
    private List<String> settings = new ArrayList<>();

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        if (Finetuning.isFolder(folder)) {
            WithoutEffect.refuse(
                    "--set", settings.isEmpty() ? null : String.join(" ", settings), "none for a fine-tuning");
            return FinetuneSession.run(output, finetuning -> finetuning.resume(folder));
        }
        return new ConfigSource(new RunFiles(folder).config(), settings)
                .located(() -> RunSession.run(output, pretraining -> pretraining.resume(folder, settings)));
    }
}
