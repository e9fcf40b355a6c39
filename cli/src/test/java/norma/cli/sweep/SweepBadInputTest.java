package norma.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import norma.cli.CommandLineRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("run")
class SweepBadInputTest extends SweepTests {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --master mesos://a        | command line: --master: found mesos://a, expected local[N], spark://HOST:PORT
            --master local[1000]      | --master: found local[1000], expected fewer cores: 1,000 runs at once
            --master spark://127.0.0.1:1 | --master: found spark://127.0.0.1:1, expected a master that answers
            --master k8s://https://a:6443 | --master: found k8s://https://a:6443, expected spark-kubernetes_2.13
            --master yarn             | --master: found yarn, expected spark-yarn_2.13
            --threads 2               | --threads: found 2, expected at most 1, the cores of local[1]
            --executor-memory 4g      | --executor-memory: found 4g, expected none with local[1]
            --master spark://127.0.0.1:1 --executor-memory 600m | --executor-memory: found 600m, expected at least
            """)
    void wrongOptions_areRefusedInASentence_andNoRunIsBegun(String options, String message) throws Exception {
        Path sweep = sweep(6, "[1e-3]", "seeds: [1]");

        refused(sweep, options.strip(), message);
    }

    private void refused(Path sweep, String options, String message) throws Exception {
        String[] words =
                ("sweep " + sweep + " --runs " + runs + " " + options).strip().split(" ");
        CommandLineRun run = CommandLineRun.of((Object[]) words);

        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains("norma: ", message).doesNotContain("\tat ", "Exception");
        assertThat(files().path()).doesNotExist();
    }

    @Test
    void wrongFile_isRefused_withItsKey() throws Exception {
        refused(sweep(6, "[]", ""), "", "grid.optimizer.learning_rate: found no value, expected at least one");
        refused(sweep(6, "[1]", "sedes: [1]"), "", "sedes: unknown key, did you mean seeds?");
        refused(sweep(6, "[1e-3]", "probes: [fill]"), "", "probes[0]: found fill, expected one of ablate, ");
        refused(
                sweep(6, "[1e-3]", "probes: [ablate --dimz 3]"),
                "",
                "probes[0]: found ablate --dimz 3, expected what norma ablate takes: Unknown options: '--dimz', '3'");
        Path batch = sweep(6, "[1e-3]", "");
        Files.writeString(
                batch, Files.readString(batch).replace("checkpoints.every: 20", "training.batch_size: 99999"));
        refused(batch, "", "training.batch_size: found 99999, expected at most");
    }

    @Test
    void foldersThatAreNotTheSweeps_areRefused() throws Exception {
        Path sweep = sweep(6, "[1e-3]", "seeds: [1]");
        Path other = Files.createDirectories(runs.resolve("lr-learning_rate-0.001-seed-1"));
        refused(sweep, "", "exists and is no run of the sweep lr, expected another name for the sweep");
        Files.delete(other);
        Files.createDirectories(runs.resolve("lr/x"));
        CommandLineRun.of("sweep", sweep, "--runs", runs).assertRefused("exists and is no sweep");

        CommandLineRun.of("sweep", "--report", runs).assertRefused("has no plan.json, expected the folder of a sweep");
        CommandLineRun.of("sweep")
                .assertRefused("SWEEP: found nothing, expected a configuration of a sweep or --report");
        CommandLineRun.of("sweep", sweep, "--report", runs).assertRefused("SWEEP: found ");
        CommandLineRun.of("sweep", folder.resolve("none.yaml")).assertRefused("none.yaml: no such file");
    }
}
