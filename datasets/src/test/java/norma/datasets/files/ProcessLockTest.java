package norma.datasets.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class ProcessLockTest {
    private static final int TAKEN = 0;
    private static final int REFUSED = 3;

    @TempDir
    Path folder;

    private Path file;
    private ProcessLock lock;

    @BeforeEach
    void setUp() {
        file = folder.resolve("a.lock");
        lock = new ProcessLock(file);
    }

    /** In a process of its own: tries a lock. */
    public static void main(String[] arguments) throws IOException {
        System.exit(new ProcessLock(Path.of(arguments[0])).ifFree(() -> TAKEN).orElse(REFUSED));
    }

    private int anotherProcess() throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ProcessLockTest.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("another.log").toFile())
                .start();
        return process.onExit().join().exitValue();
    }

    private static Optional<Boolean> anotherThread(ProcessLock lock) {
        return CompletableFuture.supplyAsync(() -> {
                    try {
                        return lock.ifFree(() -> true);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .join();
    }

    @Test
    void threadsThatComeTooLate_leaveTheLockWithTheOneThatHoldsIt() throws IOException {
        Files.createDirectory(folder.resolve("b"));
        ProcessLock otherwiseSpelled = new ProcessLock(folder.resolve("b/../a.lock"));
        Optional<Integer> result = lock.ifFree(() -> {
            assertThat(anotherThread(lock)).isEmpty();
            assertThat(anotherThread(otherwiseSpelled)).isEmpty();
            return anotherProcess();
        });
        assertThat(result).contains(REFUSED);
        assertThat(anotherProcess()).isEqualTo(TAKEN);
        assertThat(anotherThread(lock)).isPresent();
    }

    @Test
    void twoSpellingsThroughALink_areOneLock() throws IOException {
        Files.createDirectory(folder.resolve("real"));
        Path linked = Files.createSymbolicLink(folder.resolve("linked"), folder.resolve("real"));
        file = folder.resolve("real/a.lock");
        lock = new ProcessLock(file);
        List<ProcessLock> spellings = new ArrayList<>(List.of(new ProcessLock(linked.resolve("a.lock"))));
        Optional<Integer> result = lock.ifFree(() -> {
            spellings.add(new ProcessLock(Files.createSymbolicLink(folder.resolve("soft.lock"), file)));
            spellings.add(new ProcessLock(Files.createLink(folder.resolve("hard.lock"), file)));
            for (ProcessLock spelling : spellings) {
                assertThat(anotherThread(spelling)).as("%s", spelling).isEmpty();
            }
            return anotherProcess();
        });
        assertThat(result).contains(REFUSED);
        for (ProcessLock spelling : spellings) {
            assertThat(spelling.ifFree(() -> anotherProcess()))
                    .as("%s", spelling)
                    .contains(REFUSED);
        }
        assertThat(anotherProcess()).isEqualTo(TAKEN);
    }

    @Test
    void aLockThatIsHeld_isLetGoOfWhenItIsClosed_andOnlyOnce() throws IOException {
        ProcessLock.Held held = lock.take().orElseThrow();
        assertThat(lock.take()).isEmpty();
        held.close();
        ProcessLock.Held again = lock.take().orElseThrow();
        held.close();
        assertThat(lock.take()).isEmpty();
        again.close();
        assertThat(anotherThread(lock)).isPresent();
    }

    @Test
    void failureUnderTheLock_letsGoOfIt() {
        assertThatThrownBy(() -> lock.ifFree(() -> {
                    throw new IOException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(anotherThread(lock)).isPresent();
    }

    @Test
    void folderThatIsMissing_isTriedAgain() {
        ProcessLock nowhere = new ProcessLock(folder.resolve("none/a.lock"));
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> nowhere.ifFree(() -> true)).isInstanceOf(IOException.class);
        }
    }
}
