package norma.datasets.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
@Timeout(60) // a pipe that is opened waits for ever
class SpecialFileTest {
    @TempDir
    Path folder;

    private Path pipe(String name) throws IOException, InterruptedException {
        Path pipe = folder.resolve(name);
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        return pipe;
    }

    @Test
    void pipesSocketsAndDevices_areToldFromFiles_alsoThroughLinks() throws Exception {
        assertThat(SpecialFile.kind(pipe("pipe"))).hasValue("a named pipe");
        assertThat(SpecialFile.kind(Files.createSymbolicLink(folder.resolve("link"), folder.resolve("pipe"))))
                .hasValue("a named pipe");
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(folder.resolve("socket")));
            assertThat(SpecialFile.kind(folder.resolve("socket"))).hasValue("a socket");
        }
        assertThat(SpecialFile.kind(Path.of("/dev/null"))).hasValue("a device");
        assertThat(SpecialFile.kind(folder)).isEmpty();
        assertThat(SpecialFile.kind(folder.resolve("none"))).isEmpty();
        assertThat(SpecialFile.kind(Files.createFile(folder.resolve("file")))).isEmpty();
    }

    @Test
    void aFileThatIsReadWhole_isNone() throws Exception {
        Path pipe = pipe("config.json");
        assertThatThrownBy(() -> TextFile.read(pipe, "JSON"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(pipe + ": is a named pipe, expected JSON");
        assertThatThrownBy(() -> SpecialFile.refuseInside(folder, "the files of a model"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(pipe + ": is a named pipe, expected the files of a model");
    }
}
