package norma.cli.tokenizer;

import java.util.concurrent.Callable;
import norma.cli.terminal.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Groups what can be done with tokenizers. */
@Command(
        name = "tokenizer",
        subcommands = {TokenizerTrainCommand.class, TokenizerEncodeCommand.class},
        synopsisSubcommandLabel = "[COMMAND]",
        description = "Trains a tokenizer, or encodes text with one.",
        footer = {
            "  norma tokenizer train --data my/books --out tokenizer.json",
            "  norma tokenizer encode --tokenizer tokenizer.json \"a text\""
        })
public final class TokenizerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    /** Without a command, the help. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getOut());
        return ExitCode.DONE;
    }
}
