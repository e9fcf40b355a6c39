package norma.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.cli.NormaProcess;
import norma.trainer.golden.GoldenFixture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands for which there is no room: the file or folder that was asked for is named, and nothing of it is left. */
@Tag("engine")
class FullDiskTest {
    private static final int KIBIBYTES = 8;

    @TempDir
    Path folder;

    private String failed(Path left, Object... command) throws Exception {
        NormaProcess process = NormaProcess.startWithRoomFor(KIBIBYTES, folder.resolve("printed"), command);
        assertThat(process.finish()).as(process.printed()).isEqualTo(1);
        assertThat(left).isEmptyDirectory();
        assertThat(process.printed()).doesNotContain("\tat ", "Exception", ".writing-");
        return process.printed();
    }

    @Test
    void aTokenizer_isNotLeftHalfWritten() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            text.append("The ").append(Integer.toString(i * 7919, 36)).append(" ships sail at dawn.\n");
        }
        Path corpus = Files.writeString(folder.resolve("ships.txt"), text);
        Path out = Files.createDirectory(folder.resolve("out")).resolve("tokenizer.json");

        assertThat(failed(out.getParent(), "tokenizer", "train", "--data", corpus, "--vocab-size", 2000, "--out", out))
                .contains("norma: " + out + ": File too large");
    }

    @Test
    void anImport_blamesTheTarget() throws Exception {
        Path source = GoldenFixture.of("bert").folder();
        Path parent = Files.createDirectory(folder.resolve("models"));

        assertThat(failed(parent, "import", source, "--out", parent.resolve("bert")))
                .contains("norma: " + parent.resolve("bert") + ": File too large");
    }

    @Test
    void aProbe_namesTheFileThatItCannotWrite() throws IOException, InterruptedException {
        Path source = GoldenFixture.of("bert").folder();
        Path out = folder.resolve("results");
        NormaProcess process = NormaProcess.startWithRoomFor(
                KIBIBYTES, folder.resolve("printed"), "outliers", source, "--out", out, "--quiet");

        assertThat(process.finish()).as(process.printed()).isEqualTo(1);
        assertThat(process.printed())
                .matches("(?s).*norma: " + out + "/outliers[a-z-]*\\.(json|pdf|png|svg): File too large\n");
        assertThat(out).isDirectoryNotContaining("glob:**/.writing-*");
    }
}
