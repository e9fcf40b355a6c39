package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.TrainedRunTests;
import norma.probes.ablation.AblationJson;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a probe found stays when it is run again with other options. */
@Tag("run")
class EarlierResultsTest extends TrainedRunTests {
    private Path copy;

    @BeforeEach
    void copyTheRun() throws IOException {
        copy = CommandLineRun.copy(run, folder.resolve("a"));
    }

    private CommandLineRun probe(Object... words) {
        CommandLineRun probe = CommandLineRun.of(words);
        assertThat(probe.code()).as(probe.err()).isZero();
        return probe;
    }

    private List<String> results() throws IOException {
        try (Stream<Path> files = Files.list(copy.resolve("probes"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private List<Integer> dimensions(String result) {
        return AblationJson.read(copy.resolve("probes").resolve(result))
                .checkpoints()
                .get(0)
                .ablations()
                .get(0)
                .dimensions();
    }

    @Test
    void ofOtherOptions_itIsKept_ofTheSameItIsReplaced_andTheReportShowsAll() throws IOException {
        probe("ablate", copy, "--dims", "3", "--eval-rows", "8", "--baseline", "none");
        CommandLineRun second = probe("ablate", copy, "--baseline", "none", "--dims", "5, 7", "--eval-rows", "8");
        assertThat(results())
                .containsExactly("ablation-last-baseline-none-dims-3-eval-rows-8.json", "ablation-last.json");
        assertThat(second.err())
                .contains("The earlier result, of other options, is kept as ", "ablation-last-baseline-none-dims-3");
        probe("ablate", copy, "--dims", "5, 7", "--eval-rows", "8", "--baseline", "none", "--quiet");

        assertThat(results())
                .containsExactly("ablation-last-baseline-none-dims-3-eval-rows-8.json", "ablation-last.json");
        assertThat(dimensions("ablation-last.json")).containsExactly(5, 7);
        assertThat(dimensions("ablation-last-baseline-none-dims-3-eval-rows-8.json"))
                .containsExactly(3);
        probe("report", copy);
        assertReportShows("ablation-last-baseline-none-dims-3-eval-rows-8.json", "--dims 3 ", "--dims &#39;5, 7&#39;");
    }

    /** The page is long: what it lacks is said, not all that it has. */
    private void assertReportShows(String... words) throws IOException {
        String page = Files.readString(copy.resolve("report.html"));
        assertThat(words).filteredOn(word -> !page.contains(word)).isEmpty();
    }

    @Test
    void otherOptionsWithTheSameWords_keepBoth() throws IOException {
        List<Object> rest = List.of("--eval-rows", "4", "--baseline", "none", "--quiet");
        for (List<String> dims :
                List.of(List.of("--dims", "3,5"), List.of("--dims", "3", "--dims", "5"), List.of("--dims", "7"))) {
            List<Object> words = new ArrayList<>(List.of("ablate", copy));
            words.addAll(dims);
            words.addAll(rest);
            probe(words.toArray());
        }
        assertThat(results())
                .hasSize(3)
                .filteredOn(name -> name.contains("dims-3-5"))
                .hasSize(2);
        assertThat(results()).contains("ablation-last.json");
        assertThat(dimensions("ablation-last.json")).containsExactly(7);
    }

    @Test
    void itsFiguresGoWithIt() throws IOException {
        probe("attention", copy, "--text", "a kind of tree", "--eval-rows", "4");
        probe("attention", copy, "--eval-rows", "4");
        assertThat(results()).containsExactly("attention-eval-rows-4-text-a-kind-of-tree.json", "attention.json");
        for (String figure : List.of("-entropy.png", "-cls.svg", "-punctuation.pdf")) {
            assertThat(copy.resolve("probes/attention" + figure)).isNotEmptyFile();
            assertThat(copy.resolve("probes/attention-eval-rows-4-text-a-kind-of-tree" + figure))
                    .isNotEmptyFile();
        }
        assertThat(copy.resolve("probes/attention-map.png")).doesNotExist();
        assertThat(copy.resolve("probes/attention-eval-rows-4-text-a-kind-of-tree-map.png"))
                .isNotEmptyFile();
        probe("emergence", copy, "--sigma", "2");
        probe("emergence", copy);
        probe("report", copy);
        assertReportShows("attention-eval-rows-4-text-a-kind-of-tree.json", "emergence-sigma-2.json");
    }

    @Test
    void aName_isItsOwn_andLeavesTheOthersAlone() throws IOException {
        probe("outliers", copy, "--eval-rows", "4");
        byte[] plain = Files.readAllBytes(copy.resolve("probes/outliers.json"));
        probe("outliers", copy, "--eval-rows", "8", "--as", "longer");
        assertThat(results()).containsExactly("outliers-longer.json", "outliers.json");
        assertThat(Files.readAllBytes(copy.resolve("probes/outliers.json"))).isEqualTo(plain);
        assertThat(copy.resolve("probes/outliers-longer-embeddings.png")).isNotEmptyFile();
    }

    @ParameterizedTest
    @ValueSource(strings = {"each", "../x", "a/b", "", ".x", "a b"})
    void aNameThatIsNone_isRefused_beforeAnythingIsMeasured(String name) throws IOException {
        CommandLineRun.of("ablate", copy, "--as", name)
                .assertRefused("--as: found " + name + ", expected letters, digits, dots");
        assertThat(copy.resolve("probes/ablation-last.json")).doesNotExist();
    }
}
