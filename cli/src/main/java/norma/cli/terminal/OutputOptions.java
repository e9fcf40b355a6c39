package norma.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import norma.trainer.run.StopRequest;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command talks: the options that all of them share. */
public final class OutputOptions {
    private final Terminal terminal;
    private final BiFunction<CommandSpec, String, String> words;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--json", description = "Print the result as JSON, and nothing else on standard output.")
    private boolean json;

    @Option(names = "--quiet", description = "Print the result, warnings and errors only: no progress, no notes.")
    private boolean quiet;

    @Option(names = "--verbose", description = "Print the log too, and a stack trace with an internal error.")
    private boolean verbose;

    /**
     * Those of one command, which talks to a terminal.
     *
     * @param words puts a sentence of the libraries into the words of a command
     */
    public OutputOptions(Terminal terminal, BiFunction<CommandSpec, String, String> words) {
        this.terminal = terminal;
        this.words = words;
    }

    /** Sends the log to standard error, as much of it as was asked for. */
    public void startLogging() {
        Logging.toTerminal(terminal.err(), verbose);
    }

    /** A line about the work, for people: no part of the result. */
    public void say(String line) {
        if (!quiet) {
            terminal.err().println(words.apply(command, line));
        }
    }

    /** Something that people should know, even with {@code --quiet}. */
    public void warn(String sentence) {
        terminal.err().println("warning: " + words.apply(command, sentence));
    }

    /** A sentence about what is wrong, of a command that goes on and fails in the end; even with {@code --quiet}. */
    public void fail(String sentence) {
        terminal.error(sentence);
    }

    /** Whether a result in JSON was asked for. */
    public boolean isJson() {
        return json;
    }

    /** The beginning of a result: {@code command}, as it was typed. */
    public ObjectNode startResult() {
        return JsonNodeFactory.instance.objectNode().put("command", commandLine());
    }

    /** The command's result: as JSON if that was asked for, otherwise as the given text. */
    public void result(JsonNode asJson, String asText) {
        print(asText);
        result(asJson);
    }

    /** A piece of the result as text; with {@code --json} nothing. */
    public void print(String text) {
        if (!json) {
            terminal.out().println(words.apply(command, text));
        }
    }

    /** The result as JSON, after its text was {@linkplain #print printed}; without {@code --json} nothing. */
    public void result(JsonNode asJson) {
        if (json) {
            terminal.out().println(asJson.toPrettyString());
        }
    }

    /** Shows how far the work is, unless that is unwanted. Finish it before printing anything else. */
    public ProgressDisplay progress() {
        return quiet ? ProgressDisplay.SILENT : terminal.progress();
    }

    /** The command as it was typed, for results that name what made them. */
    public String commandLine() {
        List<String> words = new ArrayList<>(List.of("norma"));
        words.addAll(command.root().commandLine().getParseResult().originalArgs());
        return quoted(words);
    }

    /** Words as a shell reads them. */
    public static String quoted(List<String> words) {
        return words.stream()
                .map(word -> word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }

    /** Ctrl-C and SIGTERM ask for a stop, and say so here, until it is closed. */
    public StopSignals signals(StopRequest stop) {
        return new StopSignals(stop, terminal);
    }
}
