package norma.cli.training;

import java.util.concurrent.Callable;
import norma.cli.options.NewRunOptions;
import norma.cli.terminal.OutputOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Trains a model from scratch. */
@Command(name = "pretrain", description = "Pre-trains a BERT from scratch into a run folder of its own.")
public final class PretrainCommand implements Callable<Integer> {
    @Mixin
    private NewRunOptions run;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        output.startLogging();
        return run.with(config -> RunSession.run(output, pretraining -> run.start(pretraining, config, "")));
    }
}
