package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import norma.cli.CommandLineRun;
import norma.cli.NormaProcess;
import norma.cli.ShipsTask;
import norma.cli.TinyRunTests;
import norma.cli.terminal.ExitCode;
import norma.trainer.finetuning.FinetuningResults;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunState;
import norma.trainer.run.RunStates;
import norma.trainer.run.RunStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the folder of a run says of it while its process lives, and after it ended in every way. */
@Tag("run")
class RunStateTest extends TinyRunTests {
    private static final int MANY = 100_000;

    private List<Object> pretrain(String name, Object... settings) {
        List<Object> words = new ArrayList<>(List.of("pretrain", config, "--runs", runs, "--run", name));
        for (Object setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        return words;
    }

    private NormaProcess longRun(String name) throws Exception {
        return start(pretrain(name, "training.steps=" + MANY, "checkpoints.every=20", "evaluation.every=1000"))
                .await(() -> Files.exists(runs.resolve(name).resolve("checkpoints/step-00000020")));
    }

    private NormaProcess start(List<Object> words) throws IOException {
        return NormaProcess.start(folder.resolve("output"), words.toArray());
    }

    private RunStatus status(String name) {
        return new RunStates().read(new RunFiles(runs.resolve(name)));
    }

    private void assertState(String name, RunState state, long step, long steps) {
        RunStatus status = status(name);
        assertThat(status.state()).as(status.toString()).isEqualTo(state);
        assertThat(status.step()).isEqualTo(OptionalLong.of(step));
        assertThat(status.steps()).isEqualTo(OptionalLong.of(steps));
    }

    @Test
    void sigkill_isSeenAtOnce_andTheRunGoesOnAsRunning() throws Exception {
        NormaProcess process = longRun("killed");
        assertThat(status("killed").state()).isEqualTo(RunState.RUNNING);
        assertThat(status("killed").process().orElseThrow().pid()).isEqualTo(process.pid());
        process.kill();
        assertThat(status("killed").state()).isEqualTo(RunState.KILLED);
        assertThat(status("killed").sentence().orElseThrow())
                .startsWith(runs.resolve("killed") + ": was killed after step ")
                .endsWith(" of " + MANY + ": process " + process.pid() + " is gone");
        NormaProcess resumed = start(List.of("resume", runs.resolve("killed")))
                .await(() -> status("killed").state() == RunState.RUNNING);
        assertThat(status("killed").process().orElseThrow().pid()).isEqualTo(resumed.pid());
        assertThat(status("killed").step().orElseThrow()).isPositive();
        assertThat(resumed.terminate().finish()).isEqualTo(ExitCode.INTERRUPTED);
        assertThat(status("killed").state()).isEqualTo(RunState.INTERRUPTED);
    }

    @Test
    void controlC_isAnInterruption_withTheStepOfItsCheckpoint() throws Exception {
        assumeThat(ignoresInterrupts())
                .as("skipped: this process ignores SIGINT, and so do its children")
                .isFalse();
        assertThat(longRun("stopped").signal("INT").finish()).isEqualTo(ExitCode.INTERRUPTED);
        RunStatus status = status("stopped");
        assertThat(status.state()).isEqualTo(RunState.INTERRUPTED);
        assertThat(runs.resolve("stopped/checkpoints")
                        .resolve(String.format("step-%08d", status.step().orElseThrow())))
                .isDirectory();
    }

    /** Java leaves a signal ignored that was ignored when it began, as in a shell's background. */
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
    }

    @Test
    void aProcessThatStandsStill_isStillThere() throws Exception {
        NormaProcess process = longRun("still").signal("STOP");
        assertThat(status("still").state()).isEqualTo(RunState.RUNNING);
        process.kill();
        assertThat(status("still").state()).isEqualTo(RunState.KILLED);
    }

    @Test
    void aRunThatDiverges_keepsItsSentence() {
        CommandLineRun diverging = CommandLineRun.of(
                pretrain("wild", "optimizer.learning_rate=1e38", "optimizer.weight_decay=0", "schedule.warmup_steps=0")
                        .toArray());
        assertThat(diverging.code()).isEqualTo(ExitCode.FAILED);
        RunStatus status = status("wild");
        assertThat(status.state()).isEqualTo(RunState.DIVERGED);
        assertThat(status.sentence().orElseThrow()).contains("training diverged at step ");
        assertThat(diverging.err()).contains(status.sentence().orElseThrow());
    }

    @Test
    void finishedRuns_stayFinished_whateverIsAskedOfThem() throws IOException {
        assertThat(CommandLineRun.of(pretrain("done").toArray()).code()).isZero();
        assertState("done", RunState.FINISHED, 6, 6);
        assertThat(CommandLineRun.of("resume", runs.resolve("done")).code()).isZero();
        CommandLineRun.of(pretrain("done").toArray()).assertRefused("a run of this name is there already");
        assertState("done", RunState.FINISHED, 6, 6);
        List<Object> again = pretrain("done", "training.steps=3");
        again.add("--force");
        assertThat(CommandLineRun.of(again.toArray()).code()).isZero();
        assertState("done", RunState.FINISHED, 3, 3);
        List<Object> words = ShipsTask.in(folder)
                .finetune(
                        runs.resolve("done/checkpoints/step-00000003"),
                        runs,
                        "--epochs",
                        1,
                        "--seeds",
                        2,
                        "--run",
                        "tuned");
        assertThat(CommandLineRun.of(words.toArray()).code()).isZero();
        RunStatus tuned = status("tuned");
        assertThat(tuned.state()).isEqualTo(RunState.FINISHED);
        assertThat(tuned.step()).isEqualTo(tuned.steps());
        FinetuningResults results = FinetuningResults.read(new RunFiles(runs.resolve("tuned")).results());
        assertThat(results.seeds())
                .allSatisfy(seed ->
                        assertThat(runs.resolve("tuned").resolve(seed.model())).isDirectory())
                .hasSize(2);
        assertThat(results.bestEpoch().get("dev")).containsKey("accuracy");
    }

    @Test
    void runsOfEarlierVersions_areFinishedOrNotKnown() throws IOException {
        assertThat(CommandLineRun.of(pretrain("old").toArray()).code()).isZero();
        Files.delete(runs.resolve("old/status.json"));
        assertThat(status("old").state()).isEqualTo(RunState.FINISHED);
        assertThat(CommandLineRun.of("resume", runs.resolve("old")).code()).isZero();
        assertThat(status("old").state()).isEqualTo(RunState.FINISHED);
    }
}
