package norma.datasets.tasks;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.io.TempDir;

/** Tests of tasks that are files of one's own, written into a folder of each test. */
abstract class OwnFilesTests {
    @TempDir
    Path folder;

    Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    LabelledTask task(String ending, String train, String dev) throws IOException {
        return task(ending, train, dev, null, null);
    }

    LabelledTask task(String ending, String train, String dev, LabelType type, String separator) throws IOException {
        return new OwnFiles(
                        "my-train",
                        write("my-train." + ending, train),
                        new HeldOut.InFile(write("my-dev." + ending, dev)),
                        new TextColumns("body", null),
                        "topic",
                        type,
                        separator)
                .load();
    }

    static OwnFiles files(Path train, Path dev, String text, String textPair, String label) {
        return new OwnFiles(null, train, new HeldOut.InFile(dev), new TextColumns(text, textPair), label, null, null);
    }

    void assertRefused(String ending, String train, String dev, String message) {
        assertThatThrownBy(() -> task(ending, train, dev))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(folder.resolve(message).toString());
    }
}
