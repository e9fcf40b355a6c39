package norma.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileProblem;
import norma.trainer.run.RunFailedException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a user reads when a file cannot be read or written: the file, the reason, nothing of Java's. */
@Tag("unit")
class FailureTest {
    private static void assertReported(Exception problem, int code, String sentence) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(new ByteArrayOutputStream(), err, false);

        assertThat(Failure.report(problem, terminal, false)).isEqualTo(code);
        assertThat(err.toString(StandardCharsets.UTF_8).strip()).isEqualTo("norma: " + sentence);
    }

    @Test
    void aFullDisk_isSaidWithThePathAndTheReason() {
        Path file = Path.of("runs/a/probes/outliers.json");
        IOException full = new IOException("No space left on device");

        assertReported(FileProblem.of(file, full), 1, file + ": no space left on the disk");
        assertReported(
                new UncheckedIOException("the cache runs/.cache cannot be written or read", full),
                1,
                "the cache runs/.cache cannot be written or read: no space left on the disk");
        assertReported(
                RunFailedException.of(Path.of("runs/a"), FileProblem.of(file, full)),
                1,
                "runs/a: the disk is full (" + file
                        + ": no space left on the disk); free some space and resume the run");
        assertReported(
                new FileSystemException("runs/b", null, "No space left on device"),
                1,
                "runs/b: no space left on the disk");
    }

    @Test
    void aPlaceThatCannotBeWritten_isTheInputsFault_andNamedAsItWasGiven() {
        assertReported(
                new AccessDeniedException("results"),
                2,
                "results: permission denied, expected a place that can be read and written");
        assertReported(
                new UncheckedIOException(new FileSystemException("results", null, "Read-only file system")),
                2,
                "results: Read-only file system, expected a place that can be read and written");
    }

    @Test
    void otherProblemsOfFiles_areSaidInWords() {
        assertReported(new NoSuchFileException("a"), 1, "a: no such file or folder");
        assertReported(new FileAlreadyExistsException("a"), 1, "a: exists already");
        assertReported(new UncheckedIOException(new IOException("Input/output error")), 1, "Input/output error");
        assertReported(
                new UncheckedIOException("a: checkpoints cannot be listed", new NoSuchFileException("a/b")),
                1,
                "a: checkpoints cannot be listed: no such file or folder");
    }

    @Test
    void aNameThatNoFileCanHave_isTheInputsFault() {
        assertReported(
                new InvalidPathException("a\0b", "Nul character not allowed"),
                2,
                "a\\u0000b: no path (Nul character not allowed), expected one");
    }

    @Test
    void anythingElse_isAnInternalError_cutWhereItIsLong() {
        assertReported(new InvalidInputException("x: y"), 2, "x: y");
        assertReported(
                new IllegalStateException("z".repeat(300)),
                1,
                "internal error: java.lang.IllegalStateException: " + "z".repeat(167)
                        + "\u2026 (333 characters) (--verbose shows where)");
    }
}
