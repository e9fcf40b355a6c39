package norma.datasets.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class DurableFilesTest {
    @TempDir
    Path folder;

    @Test
    void whatIsWritten_hasThePermissionsOfAnyNewFileOrFolder() throws IOException {
        assumeTrue(
                FileSystems.getDefault().supportedFileAttributeViews().contains("posix"),
                "skipped: no POSIX permissions here");
        Path written = folder.resolve("written");
        DurableFiles.write(written, new byte[] {1, 2});
        assertThat(Files.getPosixFilePermissions(written))
                .isEqualTo(Files.getPosixFilePermissions(Files.createFile(folder.resolve("usual"))));

        Path published = folder.resolve("published");
        DurableFiles.publish(DurableFiles.createFolder(folder, ".writing-"), published);
        assertThat(Files.getPosixFilePermissions(published))
                .isEqualTo(Files.getPosixFilePermissions(Files.createDirectory(folder.resolve("usual-folder"))));
    }

    @Test
    void writing_replacesAFileAndLeavesNothingElse() throws IOException {
        Path file = folder.resolve("a");
        DurableFiles.write(file, new byte[] {1, 2});
        DurableFiles.write(file, new byte[] {3});
        assertThat(file).hasBinaryContent(new byte[] {3});
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).containsExactly(file);
        }
    }

    @Test
    void aFileThatCannotBeWritten_isNamedAsItWasGiven_andTheTemporaryOneIsGone() throws IOException {
        Path inNoFolder = folder.resolve("none").resolve("a");
        assertThatThrownBy(() -> DurableFiles.write(inNoFolder, "x"))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(inNoFolder + ": no such file or folder");
        assertThatThrownBy(() -> DurableFiles.write(folder, "x"))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(folder + ": is no regular file");
        assertThatThrownBy(() -> DurableFiles.write(Path.of("/dev/full"), "x"))
                .isInstanceOf(FileSystemException.class)
                .hasMessage("/dev/full: is no regular file");
        assertThat(folder).isEmptyDirectory();
    }
}
