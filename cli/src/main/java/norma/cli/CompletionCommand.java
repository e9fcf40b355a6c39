package norma.cli;

import java.util.concurrent.Callable;
import norma.cli.terminal.ExitCode;
import norma.datasets.base.InvalidInputException;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Commands and options at the press of a key. */
@Command(
        name = "completion",
        description = {
            "Prints a script that completes commands in bash or zsh.",
            "Read it into the shell, for every session in ~/.bashrc or ~/.zshrc. It also works for ./norma."
        },
        footer = {"  source <(norma completion bash)", "  source <(norma completion zsh)"})
final class CompletionCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SHELL", description = "Shell: bash or zsh.")
    private String shell;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw InvalidInputException.of("command line", "SHELL", shell, "bash or zsh");
        }
        // One script for both: in zsh it switches bash's kind of completion on.
        spec.commandLine().getOut().print(AutoComplete.bash("norma", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
        return ExitCode.DONE;
    }
}
