package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import norma.cli.terminal.Terminal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** What people read who ask for help. */
@Tag("unit")
class HelpLayoutTest {
    private static List<CommandLine> commands(CommandLine command) {
        List<CommandLine> all = new ArrayList<>(List.of(command));
        command.getSubcommands().values().forEach(subcommand -> all.addAll(commands(subcommand)));
        return all;
    }

    /** Without those that only Norma itself calls. */
    private static Map<String, CommandLine> shown(CommandLine command) {
        Map<String, CommandLine> shown = new LinkedHashMap<>(command.getSubcommands());
        shown.values()
                .removeIf(
                        subcommand -> subcommand.getCommandSpec().usageMessage().hidden());
        return shown;
    }

    private static CommandLine norma() {
        return Norma.commands(new Terminal(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), false))
                .setUsageHelpAutoWidth(false);
    }

    @Test
    void linesEndBetweenWords_atAnyWidth() {
        for (int width : new int[] {60, 80, 81, 100}) {
            for (CommandLine command : commands(norma().setUsageHelpWidth(width))) {
                String help = command.getUsageMessage(Ansi.OFF);
                assertThat(help.replaceAll("\\s+", " "))
                        .as("%s at %d", command.getCommandName(), width)
                        .doesNotContain("gpu: ", "random: N", "top: K", " . ", "\ufeff");
                assertThat(help.lines()).allMatch(line -> line.length() <= width);
            }
        }
        assertThat(norma().getSubcommands().get("ablate").getUsageMessage(Ansi.OFF))
                .contains("gpu:N", "random:N", ".safetensors");
    }

    @Test
    void theListOfCommands_hasOneWholeLineEach() {
        for (CommandLine command : commands(norma())) {
            List<String> lines = command.getUsageMessage(Ansi.OFF).lines().toList();
            shown(command).forEach((name, subcommand) -> assertThat(lines)
                    .as(name)
                    .anyMatch(line -> line.matches(" +" + name + " +"
                            + Pattern.quote(
                                    subcommand.getCommandSpec().usageMessage().description()[0]))));
        }
    }

    @Test
    void withoutACommand_andWithHelp_theHelpIsPrinted() {
        CommandLineRun alone = CommandLineRun.of();
        assertThat(alone.code()).isZero();
        assertThat(alone.err()).isEmpty();
        assertThat(alone.out()).startsWith("Usage: norma ").contains("ablate").endsWith("  norma help ablate\n");
        assertThat(CommandLineRun.of("help")).isEqualTo(alone);
        assertThat(CommandLineRun.of("help", "bench", "data"))
                .isEqualTo(CommandLineRun.of("bench", "data", "--help"))
                .extracting(CommandLineRun::code)
                .isEqualTo(0);
        assertThat(CommandLineRun.of("tokenizer")).isEqualTo(CommandLineRun.of("help", "tokenizer"));
        CommandLineRun.of("help", "ablat")
                .assertRefused("COMMAND: found ablat, expected ablate, or another of pretrain,");
        CommandLineRun.of("help", "fill", "in").assertRefused("COMMAND: found in, expected nothing after fill");
    }

    @Test
    void descriptions_areWholeSentences() {
        for (CommandLine command : commands(norma())) {
            assertThat(command.getCommandSpec().usageMessage().description())
                    .as(command.getCommandName())
                    .allMatch(paragraph -> paragraph.endsWith("."));
        }
    }
}
