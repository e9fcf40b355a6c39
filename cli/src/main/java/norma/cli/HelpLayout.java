package norma.cli;

import java.util.HashMap;
import java.util.Map;
import norma.cli.terminal.ExitCode;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Help whose lines end between words. Left alone, picocli also breaks them after colons and full stops inside of words
 * such as {@code gpu:0,1} and {@code .safetensors}.
 */
final class HelpLayout extends Help {
    /** Has no width and forbids a line break. */
    private static final String NO_BREAK = "\ufeff";

    private static final String INSIDE_A_WORD = "([:.])(?=\\S)";

    private HelpLayout(CommandSpec command, ColorScheme colours) {
        super(command, colours);
    }

    /** Lays the help of a command and of all below it out. */
    static void use(CommandLine command) {
        command.setHelpFactory(HelpLayout::new);
        Map<String, IHelpSectionRenderer> sections = new HashMap<>(command.getHelpSectionMap());
        sections.replaceAll((key, section) -> help -> section.render(help).replace(NO_BREAK, ""));
        command.setHelpSectionMap(sections);
        headExamples(command);
    }

    /** Prints a command's help as a result, and gives the exit code. */
    static int show(CommandLine command) {
        command.usage(command.getOut());
        return ExitCode.DONE;
    }

    private static void headExamples(CommandLine command) {
        command.getCommandSpec().usageMessage().footerHeading("%nExamples:%n");
        command.getSubcommands().values().forEach(HelpLayout::headExamples);
    }

    @Override
    public IOptionRenderer createDefaultOptionRenderer() {
        IOptionRenderer usual = super.createDefaultOptionRenderer();
        return (option, label, colours) -> whole(usual.render(option, label, colours), colours);
    }

    @Override
    public IParameterRenderer createDefaultParameterRenderer() {
        IParameterRenderer usual = super.createDefaultParameterRenderer();
        return (parameter, label, colours) -> whole(usual.render(parameter, label, colours), colours);
    }

    /** The same rows; the description stands in the last column. */
    private static Text[][] whole(Text[][] rows, ColorScheme colours) {
        for (Text[] row : rows) {
            int last = row.length - 1;
            row[last] = colours.text(row[last].toString().replaceAll(INSIDE_A_WORD, "$1" + NO_BREAK));
        }
        return rows;
    }
}
