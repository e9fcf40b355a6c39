package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import norma.cli.terminal.Terminal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * The examples at the end of each command's help are commands that exist, and those that are cheap do what they say.
 */
@Tag("run")
class HelpExamplesTest extends TrainedRunTests {
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    private static CommandLine norma() {
        return Norma.commands(new Terminal(OutputStream.nullOutputStream(), OutputStream.nullOutputStream(), false));
    }

    private static Stream<CommandLine> all(CommandLine command) {
        return Stream.concat(
                Stream.of(command), command.getSubcommands().values().stream().flatMap(HelpExamplesTest::all));
    }

    private static List<String> examples(CommandLine command) {
        return List.of(command.getCommandSpec().usageMessage().footer());
    }

    /** The words after {@code norma}, without redirections. */
    private static List<String> words(String example) {
        String command = example.strip().replaceFirst("^source <\\((.*)\\)$", "$1");
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command.replaceFirst(" [<>] .*", ""));
        while (matcher.find()) {
            words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
        }
        assertThat(words.get(0)).as(example).isEqualTo("norma");
        return words.subList(1, words.size());
    }

    @Test
    void everyCommand_endsItsHelpWithTwoOrThreeExamples_thatParse() {
        for (CommandLine command : all(norma()).toList()) {
            String name = command.getCommandSpec().qualifiedName();
            assertThat(examples(command)).as(name).hasSizeBetween(2, 3);
            String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
            assertThat(help.substring(help.indexOf("\nExamples:\n")))
                    .as(name)
                    .isEqualTo("\nExamples:\n" + String.join("\n", examples(command)) + "\n");
            for (String example : examples(command)) {
                norma().parseArgs(words(example).toArray(String[]::new));
                assertThat(example.length()).as(example).isLessThan(80);
            }
        }
    }

    /** Those that stand on a line of their own. */
    @Test
    void theReadmesCommands_parse() throws IOException {
        Path readme = Path.of(System.getProperty("norma.root", "..")).resolve("README.md");
        List<String> commands = Files.readAllLines(readme).stream()
                .filter(line -> line.matches("    (\\$ )?\\./norma .*"))
                .map(line -> line.strip().replaceFirst("^(\\$ )?\\./", "").replaceFirst("\\s+#.*$", ""))
                .toList();
        for (String command : commands) {
            assertThatCode(() -> norma().parseArgs(words(command).toArray(String[]::new)))
                    .as(command)
                    .doesNotThrowAnyException();
        }
        assertThat(commands).anyMatch(command -> command.startsWith("norma predict "));
    }

    /** What stands for the files of the examples; an example with another path is parsed only. */
    private Map<String, String> files() throws Exception {
        Map<String, String> files = new HashMap<>();
        String checkpoint = run.resolve("checkpoints/step-00000006").toString();
        files.put("configs/quickstart.yaml", CommandLineRun.tinyConfig(folder).toString());
        files.put("runs/quickstart", run.toString());
        files.put("runs/quickstart@1000", run + "@3");
        files.put("runs/again", folder.resolve("runs/again").toString());
        files.put("models/bert-base-uncased", checkpoint);
        files.put("figures", folder.resolve("figures").toString());
        files.put("quickstart.html", folder.resolve("quickstart.html").toString());
        files.put("tokenizer.json", run.resolve("tokenizer.json").toString());
        files.put("308,381", "3,5"); // of a model as wide as BERT-base
        files.put("3,17", "3,7");
        files.put("training.steps=1500", "training.steps=5");
        files.put("50", "5"); // steps
        return files;
    }

    @Test
    void examples_thatAreCheap_doWhatTheySay() throws Exception {
        Map<String, String> files = files();
        List<String> ran = new ArrayList<>();
        for (CommandLine command : all(norma()).toList()) {
            String name = command.getCommandSpec().qualifiedName();
            for (String example : examples(command)) {
                List<String> words = new ArrayList<>(words(example));
                boolean known = words.stream().noneMatch(word -> word.contains("/") && !files.containsKey(word));
                boolean costly =
                        name.matches("norma (bench|doctor|tokenizer|finetune|import|monitor|sweep|predict|evaluate).*");
                if (!known || costly || ran.contains(example)) {
                    continue;
                }
                words.replaceAll(word -> files.getOrDefault(word, word));
                if (words.get(0).equals("pretrain")) {
                    words.addAll(List.of("--runs", folder.resolve("pretrained").toString()));
                }
                CommandLineRun done = CommandLineRun.of(words.toArray());
                assertThat(done.code()).as(example + "\n" + done.err()).isZero();
                assertThat(done.out()).as(example).isNotBlank();
                ran.add(example);
            }
        }
        assertThat(ran.stream().map(example -> words(example).get(0)))
                .contains("pretrain", "resume", "reproduce", "outliers", "emergence", "ablate", "fill", "attention")
                .contains("report", "verify", "help", "completion");
        assertThat(Files.isRegularFile(Path.of(files.get("quickstart.html")))).isTrue();
    }
}
