package norma.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import norma.datasets.base.AlreadyExistsException;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class RunFolderTest {
    @TempDir
    private Path runs;

    /** Another process that holds the lock of a run until its input ends. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws IOException {
            try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
                channel.lock();
                System.out.println("held");
                System.in.read();
            }
        }
    }

    private Path existingRun(String name) throws IOException {
        Path path = runs.resolve(name);
        RunFolder.create(path, false).close();
        Files.writeString(path.resolve("config.yaml"), "old");
        Files.writeString(path.resolve("provenance.json"), "{}");
        Files.createDirectories(path.resolve("checkpoints/step-00000000"));
        Files.writeString(path.resolve("checkpoints/step-00000000/state.json"), "old");
        return path;
    }

    private static Stream<Path> entries(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.toList().stream();
        }
    }

    @Test
    void existingRun_isRefusedAndUntouched_withoutForce() throws IOException {
        Path path = existingRun("a");
        assertThatThrownBy(() -> RunFolder.create(path, false))
                .isInstanceOf(AlreadyExistsException.class)
                .hasMessage(
                        path + ": a run of this name is there already, expected another name, or to resume that run");
        assertThat(path.resolve("config.yaml")).hasContent("old");
    }

    @Test
    void force_replacesARun_alsoOneThatWasKilledBeforeItHadAnything() throws IOException {
        Path path = existingRun("a");
        RunFolder.create(path, true).close();
        assertThat(entries(path)).containsExactlyInAnyOrder(path.resolve(".lock"), path.resolve(".in-setup"));
        RunFolder.create(path, true).close();
        Path empty = Files.createDirectory(runs.resolve("empty"));
        RunFolder.create(empty, true).close();
    }

    /** What a kill during the setup leaves, one write after the other. */
    @Test
    void halfBegunRun_isBegunAgainWithoutForce_whereverItWasStopped_andNotResumed() throws IOException {
        List<String> written = List.of(
                ".lock",
                ".in-setup",
                "norma.log",
                "metrics.jsonl", // a fork's, which has a past
                ".writing-1",
                "config.yaml",
                "finetune.yaml",
                ".writing-2",
                "tokenizer.json",
                ".provenance.json");
        for (int writes = 0; writes <= written.size(); writes++) {
            Path path = Files.createDirectory(runs.resolve("stopped-" + writes));
            for (String name : written.subList(0, writes)) {
                Files.writeString(path.resolve(name), "");
            }
            if (writes > 0) {
                for (Path each : List.of(path, Files.createSymbolicLink(runs.resolve("link-" + writes), path))) {
                    assertThatThrownBy(() -> RunFolder.requireRun(each))
                            .isInstanceOf(InvalidInputException.class)
                            .hasMessage(each + ": was stopped while it was set up, expected a run that has begun: the"
                                    + " command that began it begins it again");
                    assertThatThrownBy(() -> RunFolder.requireFinetuning(each)).hasMessageContaining("was stopped");
                }
            }
            RunFolder.create(path, false).close();
            assertThat(entries(path)).containsExactlyInAnyOrder(path.resolve(".lock"), path.resolve(".in-setup"));
        }
    }

    @Test
    void folderWithAnythingElseInIt_isNotTakenForAHalfBegunRun() throws IOException {
        for (String mine : List.of("thesis.tex", "checkpoints", "metrics.jsonl", "seed-1")) {
            Path path = Files.createDirectory(runs.resolve("with-" + mine));
            Files.writeString(path.resolve(".lock"), "");
            Files.writeString(path.resolve("config.yaml"), "");
            Files.writeString(path.resolve(mine), "mine");
            assertThatThrownBy(() -> RunFolder.create(path, false))
                    .hasMessageStartingWith(path + ": a run of this name is there already");
            assertThat(path.resolve(mine)).hasContent("mine");
        }
        Path unlocked = Files.createDirectory(runs.resolve("unlocked")); // a configuration of the user's
        Files.writeString(unlocked.resolve("config.yaml"), "mine");
        assertThatThrownBy(() -> RunFolder.create(unlocked, false)).hasMessageContaining("is there already");
        assertThat(unlocked.resolve("config.yaml")).hasContent("mine");
    }

    @Test
    void force_neverReplacesWhatIsNotARun() throws IOException {
        Path home = Files.createDirectory(runs.resolve("home"));
        Path thesis = Files.writeString(home.resolve("thesis.tex"), "years of work");
        assertThatThrownBy(() -> RunFolder.create(home, true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(home
                        + ": replace: found something that is not a run, expected a run: nothing else is replaced");
        assertThatThrownBy(() -> RunFolder.requireFree(thesis, true)).isInstanceOf(InvalidInputException.class);
        assertThat(thesis).hasContent("years of work");
        assertThat(entries(home)).containsExactly(thesis);
    }

    @Test
    void runThatHoldsWhatTheNewOneIsMadeFrom_isNotReplaced_alsoThroughLinks() throws IOException {
        Path path = existingRun("a");
        Path inside = path.resolve("checkpoints/step-00000000");
        Path outside = Files.writeString(runs.resolve("text.txt"), "text");
        Path linkToRun = Files.createSymbolicLink(runs.resolve("link"), path);
        Path linkToInput = Files.createSymbolicLink(runs.resolve("model"), inside);
        for (Path input : List.of(inside, linkToInput, runs.resolve("b/../a/checkpoints"))) {
            Files.createDirectories(runs.resolve("b"));
            for (Path replaced : List.of(path, linkToRun)) {
                assertThatThrownBy(() -> RunFolder.requireOutside(replaced, List.of(outside, input)))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessage(replaced + ": replace: found " + input + " inside, which the new run is made from,"
                                + " expected another name, for the old run would be deleted with it");
            }
        }
        RunFolder.requireOutside(path, List.of(outside, runs, runs.resolve("b"), path.resolve("none")));
        RunFolder.requireOutside(runs.resolve("new"), List.of(inside));
    }

    @Test
    void force_throughALink_replacesTheRunBehindIt() throws IOException {
        Path path = existingRun("large");
        Path link = Files.createSymbolicLink(runs.resolve("link"), path);
        RunFolder.create(link, true).close();
        assertThat(path.resolve("config.yaml")).doesNotExist();
        assertThat(link).isSymbolicLink();
    }

    @Test
    void runThatAnotherProcessHolds_isRefused_andFreeWhenThatIsKilled() throws Exception {
        Path path = existingRun("a");
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        path.resolve(".lock").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            assertThatThrownBy(() -> RunFolder.open(path))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage(path + ": another process is training in this folder");
            assertThatThrownBy(() -> RunFolder.create(path, true)).hasMessageContaining("another process");
            assertThat(path.resolve("config.yaml")).hasContent("old");
        } finally {
            holder.destroyForcibly();
        }
        assertThat(holder.waitFor(30, TimeUnit.SECONDS)).isTrue();
        RunFolder.open(path).close();
    }

    @Test
    void runThatThisProcessHolds_isRefusedToo() throws IOException {
        Path path = existingRun("a");
        try (RunFolder held = RunFolder.open(path)) {
            assertThatThrownBy(() -> RunFolder.open(held.path())).hasMessageContaining("another process");
        }
    }

    @Test
    void resumeOfWhatIsNotARun_isRefused_andNothingIsWrittenThere() throws IOException {
        Path other = Files.createDirectory(runs.resolve("other"));
        assertThatThrownBy(() -> RunFolder.requireRun(other))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("has no config.yaml or no provenance.json, expected the folder of a run");
        assertThatThrownBy(() -> RunFolder.requireRun(runs.resolve("none"))).hasMessageContaining("no such folder");
        assertThat(entries(other)).isEmpty();
        RunFolder.requireRun(existingRun("a"));
    }
}
