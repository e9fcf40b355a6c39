package norma.cli.options;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import norma.cli.terminal.OutputOptions;
import norma.datasets.base.AlreadyExistsException;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;
import norma.datasets.base.SettingMention;
import norma.datasets.files.ReplacedFolder;
import norma.trainer.config.Setting;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a command calls the settings that the libraries find wrong. They speak of keys, such as {@code dimensions}; the
 * user has typed an option, such as {@code --dims}.
 */
public final class OptionNames {
    private static final String COMMAND_LINE = "command line";

    /** Sources whose keys may be options; all others are files, or groups that a reader of files puts into one. */
    private static final Set<String> SOURCES =
            Set.of(InvalidInputException.SETTINGS, "task", "finetune", "optimizer", "record", "data", "tokenizer");

    private static final String SET = "--set";

    /** Keys that no option is named after, and what they are called instead; the first that the command has. */
    private static final Map<String, List<String>> OTHERS = Map.of(
            "dimensions", List.of("--dims"),
            "baseline", List.of("--baseline", "--dims"),
            "evaluation", List.of("--eval"),
            "every", List.of("--record-every"),
            "dev_share", List.of("--dev"),
            "paths", List.of("--eval", "--data"),
            "training.precision", List.of("--precision"),
            "override", List.of(SET));

    private final CommandSpec command;

    /** Those of a command. */
    public OptionNames(CommandSpec command) {
        this.command = command;
    }

    /** The same problem in the user's words. */
    public InvalidInputException of(InvalidInputException problem) {
        InvalidInputException named = named(problem);
        String sentence = of(named.getMessage());
        return sentence.equals(named.getMessage()) ? named : new InvalidInputException(sentence, named);
    }

    /** A sentence with this command's options for the settings that it mentions; others keep their keys. */
    public String of(String sentence) {
        return SettingMention.rename(sentence, (key, value) -> {
            if (!value.isEmpty() && has("--" + value)) { // a flag for one value, such as --cased
                return Optional.of("--" + value);
            }
            return option(key).map(option -> value.isEmpty() ? option : option + " " + value);
        });
    }

    private InvalidInputException named(InvalidInputException problem) {
        if (problem instanceof AlreadyExistsException there) {
            return withRemedies(there);
        }
        if (problem.key().equals(ReplacedFolder.REPLACE) && has("--force")) {
            return problem.at(problem.source(), "--force");
        }
        if (!SOURCES.contains(problem.source())) {
            return problem;
        }
        Optional<String> option = problem.source().equals(InvalidInputException.SETTINGS)
                ? assignment(problem.key()).or(() -> option(problem.key()))
                : option(problem.key());
        return option.isPresent() || problem.source().equals(InvalidInputException.SETTINGS)
                ? problem.at(COMMAND_LINE, option.orElse(problem.key()))
                : problem;
    }

    private Optional<String> option(String key) {
        return OTHERS.getOrDefault(key, List.of("--" + key.replace('_', '-'))).stream()
                .filter(this::has)
                .findFirst();
    }

    /**
     * What gave a key of a configuration its value, as it was typed: {@code --set training.steps=200}; empty where an
     * option of its own did.
     */
    private Optional<String> assignment(String key) {
        if (!has(SET) || option(key).filter(this::wasGiven).isPresent()) {
            return Optional.empty();
        }
        return Setting.deciding(command.findOption(SET).stringValues(), key)
                .map(setting -> SET + " " + Quoted.beginning(setting.text())
                        + (setting.key().equals(key) ? "" : ": " + key));
    }

    private InvalidInputException withRemedies(AlreadyExistsException problem) {
        List<String> remedies = new ArrayList<>();
        boolean named = has("--run");
        if (named && problem.isResumable()) {
            remedies.add(OutputOptions.quoted(List.of("norma", "resume", problem.path())) + " resumes it");
        }
        if (named) {
            remedies.add("--run NAME gives the new one another name");
        }
        if (problem.isReplaceable() && has("--force")) {
            remedies.add("--force replaces it");
        }
        if (remedies.isEmpty()) {
            return problem;
        }
        int last = remedies.size() - 1;
        String before = last == 0 ? "" : String.join(", ", remedies.subList(0, last)) + ", and ";
        return new InvalidInputException(
                problem.path() + ": " + problem.there() + "; " + before + remedies.get(last), problem);
    }

    private boolean has(String option) {
        return command.findOption(option) != null;
    }

    private boolean wasGiven(String option) {
        return !command.findOption(option).stringValues().isEmpty();
    }
}
