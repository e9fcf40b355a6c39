package norma.sweep.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class ClusterSettingsTest {
    private static final double GIBIBYTE = 1L << 30;

    private static ClusterSettings settings(String master, int threads, String memory) {
        return new ClusterSettings(master, threads, Optional.ofNullable(memory), Map.of(), Duration.ofSeconds(1));
    }

    @Test
    void coresOfThisMachine_areTheMasters() {
        assertThat(settings("local", 1, null).localCores()).hasValue(1);
        assertThat(settings("local[3]", 3, null).localCores()).hasValue(3);
        assertThat(settings("local[*]", 1, null).localCores())
                .hasValue(Runtime.getRuntime().availableProcessors());
        assertThat(settings("spark://a:7077,b:7077", 8, "4g").localCores()).isEmpty();
    }

    @Test
    void sizes_areSparks() {
        assertThat(ClusterSettings.bytes("512m")).isEqualTo(512L << 20);
        assertThat(ClusterSettings.bytes("4G")).isEqualTo(4L << 30);
        assertThat(ClusterSettings.bytes("1tb")).isEqualTo(1L << 40);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            mesos://a    | 1 | -    | settings: master: found mesos://a, expected local[N], spark://HOST:PORT
            spark://a    | 1 | -    | settings: master: found spark://a
            local[1]     | 2 | -    | settings: threads: found 2, expected at most 1, the cores of local[1]
            local[1]     | 0 | -    | settings: threads: found 0, expected a whole number of at least 1
            local[1]     | 1 | 4g   | settings: executor-memory: found 4g, expected none with local[1]
            spark://a:1  | 1 | much | settings: executor-memory: found much, expected a size such as 1500m or 4g
            """)
    void whatCannotBe_isRefused(String master, int threads, String memory, String message) {
        assertThatThrownBy(() -> settings(master, threads, memory))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void tooLittleMemory_isRefused_withWhatIsNeeded() {
        assertThatThrownBy(() -> Cluster.require(settings("spark://localhost:1", 1, "1g"), GIBIBYTE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("executor-memory: found 1g, expected at least 1536m: a run takes about 1.0 GiB");
        assertThatThrownBy(() -> Cluster.require(settings("local[4]", 2, null), 1e15))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("master: found local[4], expected fewer cores: 2 runs at once");
    }

    @Test
    void masterThatDoesNotAnswer_isRefused_atOnce() {
        assertThatThrownBy(() -> Cluster.require(settings("spark://127.0.0.1:1", 1, null), GIBIBYTE))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("master: found spark://127.0.0.1:1, expected a master that answers");
    }
}
