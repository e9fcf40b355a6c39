package norma.sweep.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.sweep.folder.SweepFiles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("run")
class ExecutorViewTest {
    private static final ClusterSettings LOCAL =
            new ClusterSettings("local[1]", 1, Optional.empty(), Map.of(), Duration.ofSeconds(1));

    @TempDir
    private Path folder;

    /** What an executor finds under the path on another machine is another file, or none. */
    @Test
    void executorThatDoesNotFindWhatTheDriverWrote_isRefused() throws Exception {
        RunTraining.mark(new SweepFiles(folder), "mine");
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));

        try (Cluster cluster = Cluster.connect(LOCAL, "test", 1)) {
            assertThatCode(() -> cluster.requireExecutors(folder.toString(), "mine", 1, () -> false))
                    .doesNotThrowAnyException();
            for (Path seen : new Path[] {folder, elsewhere}) {
                String token = seen.equals(folder) ? "another driver's" : "mine";
                assertThatThrownBy(() -> cluster.requireExecutors(seen.toString(), token, 1, () -> false))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining(
                                "settings: runs: found " + seen + ", expected a folder that every executor sees");
            }
        }
        assertThat(RunTraining.seesFolder(folder.toString(), "mine")).isTrue();
    }
}
