package norma.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.NearestKey;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code norma help ablate} is {@code norma ablate --help}. */
@Command(
        name = "help",
        description = "Shows the help of a command.",
        footer = {"  norma help ablate", "  norma help bench data"})
final class HelpCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..*",
            description = "Command whose help to show, such as ablate; default: the list of all.")
    private List<String> names = List.of();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine shown = spec.root().commandLine();
        for (String name : names) {
            Map<String, CommandLine> known = shown.getSubcommands();
            if (!known.containsKey(name)) {
                throw InvalidInputException.of(
                        "command line",
                        "COMMAND",
                        name,
                        known.isEmpty()
                                ? "nothing after " + shown.getCommandName()
                                : NearestKey.of(name, known.keySet())
                                                .map(nearest -> nearest + ", or another ")
                                                .orElse("one ")
                                        + "of " + String.join(", ", known.keySet()));
            }
            shown = known.get(name);
        }
        return HelpLayout.show(shown);
    }
}
