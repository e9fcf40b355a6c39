package norma.cli.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import norma.cli.CommandLineRun;
import norma.cli.NormaProcess;
import norma.cli.terminal.ExitCode;
import norma.monitor.runs.RunList;
import norma.monitor.runs.RunsFolder;
import norma.monitor.runs.SweepDetail;
import norma.sweep.folder.TaskRecord;
import norma.sweep.folder.TaskState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A sweep that is stopped, killed and started again. */
@Tag("run")
class SweepRestartTest extends SweepTests {
    private static final int STEPS = 400;
    private static final int MINUTES = 15; // on a machine that has other things to do
    private static final String FIRST = "lr-learning_rate-0.001-seed-1";
    private static final String SECOND = "lr-learning_rate-0.001-seed-2";
    private static final String THIRD = "lr-learning_rate-0.001-seed-3";
    private static final String DIVERGING = "lr-learning_rate-1.0E30-seed-1";

    @Test
    void processKilled_sweepStopped_driverKilled_everyTimeItContinues_andEndsAsOneByOne() throws Exception {
        Path sweep = sweep(STEPS, "[1e-3]", "seeds: [1, 2, 3]");

        NormaProcess stopped = start(sweep).await(() -> inTheMiddle(FIRST, STEPS));
        trainer(FIRST).orElseThrow().destroyForcibly();
        stopped.await(() -> inTheMiddle(SECOND, STEPS)).ctrlC();
        assertThat(stopped.finish(MINUTES)).as(stopped.printed()).isEqualTo(ExitCode.INTERRUPTED);
        TaskRecord record = TaskRecord.read(files().task(SECOND));
        assertThat(record.state()).isEqualTo(TaskState.INTERRUPTED);
        assertThat(runs.resolve(SECOND).resolve(String.format("checkpoints/step-%08d", record.step())))
                .as("of the step at which it was stopped")
                .isDirectory();

        NormaProcess killed = start(sweep).await(() -> inTheMiddle(THIRD, STEPS));
        ProcessHandle orphan = trainer(THIRD).orElseThrow();
        killed.kill();
        orphan.onExit().get();
        assertThat(resumed(FIRST)).as("the run whose process was killed").isPositive();
        assertThat(resumed(SECOND)).as("the run that was stopped").isEqualTo(1);
        assertThat(TaskRecord.read(files().task(FIRST)).state()).isEqualTo(TaskState.FINISHED);
        FileTime trained = Files.getLastModifiedTime(runs.resolve(FIRST).resolve("metrics.jsonl"));
        assertThat(report().path("complete").asBoolean()).isFalse();
        assertChangedBaseIsRefused(sweep);

        NormaProcess last = start(sweep);
        assertThat(last.finish(MINUTES)).as(last.printed()).isZero();

        assertThat(resumed(THIRD)).as("the run whose driver was killed").isEqualTo(1);
        assertThat(Files.getLastModifiedTime(runs.resolve(FIRST).resolve("metrics.jsonl")))
                .as("of a finished run")
                .isEqualTo(trained);
        assertThat(report().path("complete").asBoolean()).isTrue();
        assertAsOneByOne(STEPS);
    }

    private void assertChangedBaseIsRefused(Path sweep) throws Exception {
        String base = Files.readString(config);
        Files.writeString(config, base.replace("batch_size: 4", "batch_size: 8"));
        CommandLineRun.of("sweep", sweep, "--runs", runs)
                .assertRefused("tiny.yaml: training.batch_size: found 8, expected 4 as when the sweep began");
        Files.writeString(config, base);
    }

    @Test
    void runThatDiverges_isMarked_andNotTriedAgain_othersGoOn() throws Exception {
        Path sweep = sweep(20, "[1e30, 1e-3]", "seeds: [1]\nprobes: [outliers, ablate --dims 99999]");

        NormaProcess first = start(sweep);
        assertThat(first.finish(MINUTES)).as(first.printed()).isZero();

        TaskRecord diverged = TaskRecord.read(files().task(DIVERGING));
        assertThat(diverged.state()).isEqualTo(TaskState.DIVERGED);
        assertThat(diverged.attempt()).isZero();
        assertThat(diverged.sentence().orElseThrow()).contains("training diverged at step");
        TaskRecord finished = TaskRecord.read(files().task(FIRST));
        assertThat(finished.state()).isEqualTo(TaskState.FINISHED);
        assertThat(finished.probed()).containsExactly("outliers");
        assertThat(finished.problems()).hasSize(1).first().asString().contains("ablate --dims 99999: ", "99999");
        assertThat(first.printed()).contains(DIVERGING + ": diverged: ", FIRST + ": ablate --dims 99999: ");
        assertMonitorReadsIt();
    }

    /** What the page shows of a sweep it reads from this sweep's files. */
    private void assertMonitorReadsIt() {
        RunsFolder shown = RunsFolder.open(runs);
        RunList list = new RunList(shown);
        list.scan();
        JsonNode sweep = SweepDetail.json(shown, files().path().getFileName().toString());

        assertThat(list.json().path("runs"))
                .filteredOn(row -> row.path("sweep").path("name").asText().equals("lr"))
                .extracting(row -> row.path("id").asText())
                .containsExactlyInAnyOrder(FIRST, DIVERGING);
        assertThat(sweep.path("problem").isNull()).isTrue();
        assertThat(sweep.path("result").path("runs"))
                .extracting(run ->
                        run.path("run").asText() + " " + run.path("state").asText())
                .containsExactlyInAnyOrder(FIRST + " finished", DIVERGING + " diverged");
    }

    private NormaProcess start(Path sweep) throws Exception {
        return NormaProcess.start(folder.resolve("driver.txt"), "sweep", sweep, "--runs", runs);
    }

    private JsonNode report() throws Exception {
        CommandLineRun report = CommandLineRun.of("sweep", "--report", files().path(), "--json");
        assertThat(report.code()).as(report.err()).isZero();
        assertThat(files().csv()).exists();
        assertThat(files().path().resolve("onset.png")).exists();
        assertThat(files().path().resolve("cost.svg")).exists();
        return report.json();
    }
}
