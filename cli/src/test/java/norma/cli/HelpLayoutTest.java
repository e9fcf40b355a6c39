package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
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
    void theListOfCommands_hasWholeSentences() {
        for (CommandLine command : commands(norma())) {
            assertThat(command.getCommandSpec().usageMessage().description())
                    .as(command.getCommandName())
                    .allMatch(paragraph -> paragraph.endsWith("."));
        }
    }
}
