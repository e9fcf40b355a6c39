package norma.cli;

import norma.cli.options.OptionNames;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes commands and their groups of options; the group that every command talks through is handed the terminal. */
final class CommandFactory implements IFactory {
    private final Terminal terminal;
    private final IFactory others = CommandLine.defaultFactory();

    CommandFactory(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        return type == OutputOptions.class
                ? type.cast(new OutputOptions(terminal, (command, sentence) -> new OptionNames(command).of(sentence)))
                : others.create(type);
    }
}
