package norma.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import norma.cli.NormaProcess;
import norma.sweep.plan.SweepPlan;
import norma.sweep.plan.SweptRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On a real cluster: a master and two workers, processes of Spark's on this machine. */
@Tag("run")
class SweepClusterTest extends SweepTests {
    private static final int STEPS = 400;
    private static final int MINUTES = 15; // on a machine that has other things to do

    @Test
    void workerKilledInTheMiddle_itsRunResumesElsewhere_allRunsAsOneByOne() throws Exception {
        Path sweep = sweep(STEPS, "[1e-3, 2e-3]", """
                seeds: [1, 2, 3]
                probes: [outliers]
                """);
        try (SparkCluster cluster = new SparkCluster(Files.createDirectory(folder.resolve("spark")), 2)) {
            NormaProcess driver = NormaProcess.start(
                    folder.resolve("driver.txt"),
                    "sweep",
                    sweep,
                    "--runs",
                    runs,
                    "--master",
                    cluster.url(),
                    "--wait",
                    600);
            String[] killed = new String[1];
            driver.await(() -> {
                killed[0] = onWorker(cluster, 0).orElse(null);
                return killed[0] != null;
            });
            ProcessHandle orphan = trainer(killed[0]).orElseThrow();
            cluster.kill(0);
            orphan.onExit().get();

            assertThat(driver.finish(MINUTES)).as(driver.printed()).isZero();

            JsonNode json = new ObjectMapper().readTree(files().result().toFile());
            assertThat(json.at("/states/finished").asInt()).isEqualTo(6);
            JsonNode provenance = provenance(killed[0]);
            assertThat(resumed(killed[0])).as("the run whose worker was killed").isPositive();
            assertThat(provenance.at("/sweep/name").asText()).isEqualTo("lr");
            assertThat(provenance.at("/sweep/point").has("optimizer.learning_rate"))
                    .isTrue();
            assertThat(runs.resolve(killed[0]).resolve("probes/outliers.json")).exists();
            assertTokenizedOnce();
            assertAsOneByOne(STEPS);
        }
    }

    /** A run in the middle of its training by a process of the worker's executor. */
    private Optional<String> onWorker(SparkCluster cluster, int number) {
        if (!Files.exists(files().plan())) {
            return Optional.empty();
        }
        return SweepPlan.read(files().plan()).runs().stream()
                .map(SweptRun::name)
                .filter(run -> inTheMiddle(run, STEPS))
                .filter(run -> trainer(run)
                        .filter(process -> cluster.worker(number).descendants().anyMatch(process::equals))
                        .isPresent())
                .findFirst();
    }

    private JsonNode provenance(String run) throws Exception {
        return new ObjectMapper()
                .readTree(runs.resolve(run).resolve("provenance.json").toFile());
    }

    private void assertTokenizedOnce() throws Exception {
        try (Stream<Path> tokens = Files.list(runs.resolve(".cache/tokens"))) {
            assertThat(tokens.filter(Files::isDirectory)).hasSize(1);
        }
        try (Stream<Path> logs = Files.list(files().path().resolve("logs"))) {
            for (Path log : logs.toList()) {
                assertThat(Files.readString(log)).doesNotContain("tokenizing");
            }
        }
    }
}
