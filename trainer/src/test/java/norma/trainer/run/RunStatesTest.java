package norma.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import norma.datasets.json.JsonFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class RunStatesTest {
    private static final RunProcess HERE = RunProcess.current();
    private static final RunProcess ELSEWHERE =
            new RunProcess(7, Optional.of(Instant.EPOCH), "node-7", Optional.of("boot pid:[1]"));
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    @TempDir
    private Path folder;

    private RunFiles run;
    private Instant clock = NOW;
    private long nanos;
    private final RunStates states = new RunStates(HERE, new Moving(), () -> nanos);

    /** A clock and a stop watch that the test moves on. */
    private final class Moving extends Clock {
        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return clock;
        }
    }

    private void pass(Duration time) {
        clock = clock.plus(time);
        nanos += time.toNanos();
    }

    @BeforeEach
    void begin() throws IOException {
        run = new RunFiles(Files.createDirectory(folder.resolve("run")));
        provenance(null);
    }

    private void provenance(String ended) throws IOException {
        ObjectNode json = JsonFile.parse("{\"resumed\": [], \"data\": {}}", "").node();
        JsonFile.write(run.provenance(), json.put("ended", ended));
    }

    private void beat(RunState state, RunProcess process, Instant at, long beat) throws IOException {
        JsonFile.write(
                run.status(),
                new Heartbeat(state, Optional.empty(), 40, 300, process, NOW.minusSeconds(3600), at, beat).json());
    }

    private RunState state() {
        return states.read(run).state();
    }

    @Test
    void aProcessHere_isThereOrGone_whateverTheClockSays() throws Exception {
        beat(RunState.RUNNING, HERE, NOW.minus(Duration.ofDays(3)), 5);
        RunStatus suspended = states.read(run);
        assertThat(suspended.state()).isEqualTo(RunState.RUNNING);
        assertThat(suspended.sentence())
                .hasValue(run.path() + ": process " + HERE.pid()
                        + " is there, but has not been heard of since 2026-01-28T12:00:00Z: it is suspended, or cannot"
                        + " write");
        beat(RunState.RUNNING, HERE, NOW.plus(Duration.ofDays(3)), 6);
        assertThat(states.read(run).sentence()).isEmpty();
        assertThat(state()).isEqualTo(RunState.RUNNING);

        Process child = new ProcessBuilder("sleep", "60").start();
        RunProcess ofChild = new RunProcess(child.pid(), child.info().startInstant(), HERE.host(), HERE.pidSpace());
        beat(RunState.RUNNING, ofChild, NOW, 0);
        assertThat(state()).isEqualTo(RunState.RUNNING);
        child.destroyForcibly().waitFor();
        RunStatus killed = states.read(run);
        assertThat(killed.state()).isEqualTo(RunState.KILLED);
        assertThat(killed.sentence())
                .hasValue(run.path() + ": was killed after step 40 of 300: process " + child.pid() + " is gone");
        assertThat(killed.step()).isEqualTo(OptionalLong.of(40));
        assertThat(killed.steps()).isEqualTo(OptionalLong.of(300));
        assertThat(killed.heartbeat()).hasValue(NOW);
    }

    @Test
    void aNumberThatAnotherProcessHasBeenGiven_isNotTheRuns() throws IOException {
        RunProcess before = new RunProcess(
                HERE.pid(), HERE.start().map(start -> start.minusSeconds(5000)), HERE.host(), HERE.pidSpace());
        beat(RunState.RUNNING, before, NOW.minus(RunStates.SILENCE).minusSeconds(1), 9);
        assertThat(state()).isEqualTo(RunState.KILLED);
        beat(RunState.RUNNING, before, NOW, 10); // it was heard of just now: the machine's clock was set
        assertThat(state()).isEqualTo(RunState.RUNNING);
    }

    @Test
    void onAnotherMachine_theHeartbeatSaysIt() throws IOException {
        beat(RunState.RUNNING, ELSEWHERE, NOW.minusSeconds(5), 1);
        assertThat(state()).isEqualTo(RunState.RUNNING);
        pass(RunStates.SILENCE.plusSeconds(1));
        assertThat(states.read(run).sentence())
                .hasValue(run.path() + ": was killed after step 40 of 300: no heartbeat from node-7 since"
                        + " 2026-01-31T11:59:55Z");
        assertThat(state()).isEqualTo(RunState.KILLED);
        beat(RunState.RUNNING, ELSEWHERE, clock, 2);
        assertThat(state()).isEqualTo(RunState.RUNNING);
    }

    @Test
    void clocksThatDiffer_deceiveTheFirstAnswerAtMost() throws IOException {
        for (Duration skew : new Duration[] {Duration.ofHours(-3), Duration.ofHours(3)}) {
            RunProcess process = new RunProcess(8, Optional.empty(), "node" + skew, Optional.of("boot pid:[2]"));
            beat(RunState.RUNNING, process, clock.plus(skew), 100);
            assertThat(state()).isEqualTo(skew.isNegative() ? RunState.KILLED : RunState.RUNNING);
            for (int beat = 101; beat < 140; beat++) {
                pass(HeartbeatWriter.INTERVAL);
                beat(RunState.RUNNING, process, clock.plus(skew), beat);
                assertThat(state()).as("beat %d, skew %s", beat, skew).isEqualTo(RunState.RUNNING);
            }
            pass(RunStates.SILENCE.plusSeconds(1));
            assertThat(state()).isEqualTo(RunState.KILLED);
        }
    }

    @Test
    void aContainerOnThisMachine_countsItsProcessesItself() throws IOException {
        RunProcess contained = new RunProcess(HERE.pid(), HERE.start(), HERE.host(), Optional.of("boot pid:[9]"));
        beat(RunState.RUNNING, contained, NOW.minusSeconds(3600), 9);
        assertThat(state()).isEqualTo(RunState.KILLED);
        RunProcess macOs = new RunProcess(HERE.pid(), HERE.start(), HERE.host(), Optional.empty());
        beat(RunState.RUNNING, macOs, NOW.minusSeconds(3600), 9);
        RunStates there = new RunStates(macOs, new Moving(), () -> nanos);
        assertThat(there.read(run).state()).isEqualTo(RunState.RUNNING);
    }

    @Test
    void whatARunSaidOfItsEnd_stays() throws IOException {
        for (RunState state : RunState.WRITTEN) {
            if (state != RunState.RUNNING) {
                beat(state, ELSEWHERE, Instant.EPOCH, 3);
                assertThat(state()).isEqualTo(state);
            }
        }
        beat(RunState.RUNNING, ELSEWHERE, Instant.EPOCH, 3);
        provenance("2026-01-31T11:00:00Z"); // killed after it had noted its end, before it said so
        assertThat(state()).isEqualTo(RunState.FINISHED);
    }

    @Test
    void aRunWithoutTheFile_saysWhatItsProvenanceSays() throws IOException {
        assertThat(states.read(run).sentence())
                .hasValue(run.path() + ": has no status.json, as runs of earlier versions: it runs, or was stopped");
        assertThat(state()).isEqualTo(RunState.UNKNOWN);
        provenance("2026-01-31T11:00:00Z");
        assertThat(state()).isEqualTo(RunState.FINISHED);
        assertThat(states.read(run).step()).isEmpty();
        Files.delete(run.provenance());
        assertThat(states.read(run).sentence())
                .hasValue(run.path() + ": is being set up, or was left before that was done");
        assertThat(state()).isEqualTo(RunState.UNKNOWN);
    }

    @Test
    void aDamagedFile_isNamedWithItsKey() throws IOException {
        beat(RunState.RUNNING, HERE, NOW, 3);
        String whole = Files.readString(run.status());
        assertUnreadable(whole.substring(0, whole.length() / 2), "ends in the middle");
        assertUnreadable("", "found nothing, expected a JSON object");
        assertUnreadable(
                whole.replace("\"running\"", "\"killed\""),
                "state: found killed, expected one of running, finished, interrupted, failed, diverged");
        assertUnreadable(
                whole.replace("\"2026-01-31T12:00:00Z\"", "\"noon\""),
                "heartbeat: found noon, expected a moment such as 2026-01-31T12:00:00Z");
        assertUnreadable(
                whole.replace("\"step\" : 40", "\"step\" : -1"),
                "step: found -1, expected a whole number of at least 0");
        Files.writeString(run.status(), whole);
        assertThat(state()).isEqualTo(RunState.RUNNING);
        RunFiles none = new RunFiles(folder.resolve("none"));
        assertThat(states.read(none).sentence()).hasValue(none.path() + ": no such folder, expected that of a run");
    }

    @Test
    void whateverStandsInTheFile_theAnswerIsAState_andUnreadableHasASentence() throws IOException {
        beat(RunState.RUNNING, HERE, NOW, 3);
        byte[] whole = Files.readAllBytes(run.status());
        SplittableRandom random = new SplittableRandom(1);
        int unreadable = 0;
        for (int i = 0; i < 200; i++) {
            byte[] damaged = Arrays.copyOf(whole, i % 3 == 0 ? random.nextInt(whole.length) : whole.length);
            for (int changes = 0; changes < 3 && damaged.length > 0; changes++) {
                damaged[random.nextInt(damaged.length)] = (byte) (i % 2 == 0 ? random.nextInt(256) : '9');
            }
            Files.write(run.status(), damaged);
            RunStatus status = states.read(run);
            if (status.state() == RunState.UNREADABLE) {
                unreadable++;
                assertThat(status.sentence().orElseThrow())
                        .startsWith(run.status().toString())
                        .hasSizeLessThan(run.status().toString().length() + 500);
            }
        }
        assertThat(unreadable).isGreaterThan(100);
    }

    private void assertUnreadable(String content, String sentence) throws IOException {
        Files.writeString(run.status(), content);
        RunStatus status = states.read(run);
        assertThat(status.state()).isEqualTo(RunState.UNREADABLE);
        assertThat(status.sentence().orElseThrow())
                .startsWith(run.status().toString())
                .contains(sentence);
    }
}
