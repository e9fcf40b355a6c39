package norma.cli.options;

import java.util.List;
import java.util.Optional;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.Quoted;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A file that was given as a word of its own, or to an option of another command, where an option takes it. */
public final class StrayFile {
    /** Options that take a file of texts, with what their values are called; the first that a command has is meant. */
    private static final List<String> TAKERS = List.of("--text FILE", "--eval TEXT", "--train FILE", "--data PATH");

    private StrayFile() {}

    /**
     * What was probably meant: {@code --text new.tsv}.
     *
     * @param unmatched words that the command has no place for, in their order
     */
    public static Optional<String> meant(CommandSpec command, List<String> unmatched) {
        if (unmatched.isEmpty()) {
            return Optional.empty();
        }
        boolean foreign = unmatched.size() > 1 && isOption(command.root(), unmatched.get(0));
        String word = unmatched.get(foreign ? 1 : 0);
        return isFile(word)
                ? taker(command)
                        .filter(option -> option.stringValues().isEmpty())
                        .map(option -> OutputOptions.quoted(List.of(option.longestName(), Quoted.of(word))))
                : Optional.empty();
    }

    /** By its name: it need not exist. */
    private static boolean isFile(String word) {
        return !word.startsWith("-") && word.matches("(?s).*[./].*") && word.matches("(?s).*[A-Za-z].*");
    }

    private static Optional<OptionSpec> taker(CommandSpec command) {
        return TAKERS.stream()
                .flatMap(taker -> command.options().stream()
                        .filter(option -> taker.equals(option.longestName() + " " + option.paramLabel())))
                .findFirst();
    }

    /** Whether a command, or one below it, has an option. */
    private static boolean isOption(CommandSpec command, String word) {
        return command.findOption(word) != null
                || command.subcommands().values().stream().anyMatch(below -> isOption(below.getCommandSpec(), word));
    }
}
