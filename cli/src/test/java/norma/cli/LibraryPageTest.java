package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * docs/library.md shows the programs of examples/java, and everything that repeats the version has the parent pom's.
 */
@Tag("unit")
class LibraryPageTest {
    private static final Path ROOT = Path.of(System.getProperty("norma.root", ".."));
    private static final int MOST_LINES = 30;

    private static String text(String file) throws IOException {
        return Files.readString(ROOT.resolve(file));
    }

    private static String first(String regex, String file) throws IOException {
        Matcher matcher = Pattern.compile(regex).matcher(text(file));
        assertThat(matcher.find()).as(regex + " in " + file).isTrue();
        return matcher.group(1);
    }

    @Test
    void page_showsThePrograms() throws IOException {
        List<String> shown = Pattern.compile("(?s)```java\n(.*?)```")
                .matcher(text("docs/library.md"))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
        assertThat(shown).hasSize(3);
        for (int i = 0; i < shown.size(); i++) {
            String name =
                    List.of("TrainFromJava", "ReadRecording", "AblateDimension").get(i);
            assertThat(shown.get(i)).isEqualTo(text("examples/java/src/main/java/example/" + name + ".java"));
            assertThat(shown.get(i).lines().count()).isLessThanOrEqualTo(MOST_LINES);
        }
    }

    /** Each program is started with as many words as it reads. */
    @Test
    void page_startsEachProgram() throws IOException {
        for (String name : List.of("TrainFromJava", "ReadRecording", "AblateDimension")) {
            String usage =
                    first("\\{@code " + name + " ([^}]*)\\}", "examples/java/src/main/java/example/" + name + ".java");
            String started = first("java -cp \\S+ example\\." + name + " (.*)", "docs/library.md");
            assertThat(started.split(" ")).as(name).hasSameSizeAs(usage.split(" "));
        }
        assertThat(ROOT.resolve(first("example\\.TrainFromJava (\\S+)", "docs/library.md")))
                .isRegularFile();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docs/library.md <version>([^<]*)</version>",
                "examples/java/pom.xml <norma.version>([^<]*)</norma.version>",
                "CITATION.cff (?m)^version: (.*)$"
            })
    void version_isTheParents(String place) throws IOException {
        String[] words = place.split(" ", 2);
        assertThat(first(words[1], words[0]))
                .isEqualTo(
                        first("<artifactId>norma-parent</artifactId>[\\s\\S]*?<version>([^<]*)</version>", "pom.xml"));
    }

    @Test
    void version_ofTheCommandLine_isThatOfTheJars() throws IOException {
        CommandLineRun run = CommandLineRun.of("--version");
        assertThat(run.out().strip())
                .isIn(
                        "Norma "
                                + first(
                                        "<artifactId>norma-parent</artifactId>[\\s\\S]*?<version>([^<]*)</version>",
                                        "pom.xml"),
                        "Norma unpackaged");
    }
}
