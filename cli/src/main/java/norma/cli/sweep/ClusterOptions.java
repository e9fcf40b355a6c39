package norma.cli.sweep;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import norma.sweep.spark.ClusterSettings;
import picocli.CommandLine.Option;

/** Where a sweep runs. */
final class ClusterOptions {
    @Option(
            names = "--master",
            paramLabel = "MASTER",
            description =
                    "Spark's master: local[N] trains on N cores of this machine, spark://HOST:PORT on a standalone"
                            + " cluster; k8s://URL and yarn as Spark documents them; default: ${DEFAULT-VALUE}.")
    private String master = "local[1]";

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Cores and threads of each run; default: ${DEFAULT-VALUE}. A run's last digits depend on it.")
    private int threads = 1;

    @Option(
            names = "--executor-memory",
            paramLabel = "SIZE",
            description =
                    "Memory of each executor of a cluster, such as 4g, of which an executor trains one run at a time;"
                            + " default: as much as the largest run takes.")
    private String executorMemory;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "Time to wait for the first executor of a cluster; default: ${DEFAULT-VALUE}.")
    private int wait = 60;

    @Option(
            names = "--conf",
            paramLabel = "KEY=VALUE",
            description = "A setting of Spark's, such as spark.executor.extraClassPath=…, which wins over Norma's;"
                    + " repeatable.")
    private Map<String, String> conf = new LinkedHashMap<>();

    ClusterSettings settings() {
        return new ClusterSettings(
                master, threads, Optional.ofNullable(executorMemory), conf, Duration.ofSeconds(wait));
    }
}
