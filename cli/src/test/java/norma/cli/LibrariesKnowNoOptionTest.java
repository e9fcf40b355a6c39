package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import norma.cli.terminal.Terminal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The libraries speak of settings, files and keys; what the command line calls them is known in cli alone. */
@Tag("unit")
class LibrariesKnowNoOptionTest {
    private static final Path ROOT = Path.of(System.getProperty("norma.root", ".."));
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");

    private static Set<String> options(CommandLine command) {
        Set<String> names = new HashSet<>(command.getCommandSpec().optionsMap().keySet());
        command.getSubcommands().values().forEach(subcommand -> names.addAll(options(subcommand)));
        return names;
    }

    private static List<String> uses(String text, Set<String> options) {
        List<String> uses = new ArrayList<>();
        Matcher matcher = OPTION.matcher(text);
        while (matcher.find()) {
            if (options.contains(matcher.group())) {
                uses.add(matcher.group());
            }
        }
        if (text.contains("\"command line")) {
            uses.add("command line");
        }
        return uses;
    }

    @Test
    void noSourceOfALibrary_namesAnOption() throws IOException {
        Set<String> options = options(
                Norma.commands(new Terminal(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), false)));
        assertThat(options).contains("--dims", "--stack", "--set", "--force");
        assertThat(uses("of(\"command line\", \"--dims\", 3); git --always", options))
                .containsExactly("--dims", "command line");
        List<String> found = new ArrayList<>();
        for (String module : List.of("datasets", "trainer", "probes", "monitor", "sweep")) {
            Path sources = ROOT.resolve(module).resolve("src/main/java");
            try (Stream<Path> files = Files.walk(sources)) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    uses(Files.readString(file), options).forEach(use -> found.add(file.getFileName() + ": " + use));
                }
            }
        }
        assertThat(found).isEmpty();
    }
}
