package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.cli.NormaProcess;
import norma.cli.terminal.ExitCode;
import norma.datasets.files.DurableFiles;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run that stopped at step 3 of 6 and is resumed where there is no room: it says so, loses nothing, and goes on when
 * room was made.
 */
@Tag("run")
class ResumeOnFullDiskTest {
    @TempDir
    private static Path shared;

    private static Path original;

    @TempDir
    private Path folder;

    @BeforeAll
    static void train() throws IOException {
        original = CommandLineRun.tinyRun(shared, "model.hidden_size=192");
    }

    /** Room for no native library; for it, but not for the weights of a checkpoint. */
    @ParameterizedTest
    @ValueSource(ints = {20, 2048})
    void nothingIsLost_andItGoesOnWhenThereIsRoom(int kibibytes) throws Exception {
        Path last = original.resolve("checkpoints/step-00000006");
        assertThat(Files.size(last.resolve("model.safetensors"))).isBetween(2049L * 1024, 4999L * 1024);
        Files.createDirectories(folder.resolve("runs"));
        Path run = CommandLineRun.copy(original, folder.resolve("runs/a"));
        DurableFiles.delete(run.resolve("checkpoints/step-00000006"));
        Map<String, byte[]> kept = contents(run.resolve("checkpoints"));

        NormaProcess process =
                NormaProcess.startWithRoomFor(kibibytes, folder.resolve("printed"), "resume", run, "--quiet");
        assertThat(process.finish()).as(process.printed()).isEqualTo(ExitCode.FAILED);
        assertThat(process.printed())
                .contains("norma: ", "File too large")
                .doesNotContain("\tat ", "Exception", ".writing-");
        assertSame(run.resolve("checkpoints"), kept);

        CommandLineRun resumed = CommandLineRun.of("resume", run, "--quiet");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertSame(run.resolve("checkpoints"), contents(original.resolve("checkpoints")));
        assertSame(run.resolve("layernorm.zarr"), contents(original.resolve("layernorm.zarr")));
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(7);
        assertThat(CommandLineRun.of("verify", run).code()).isZero();
    }

    private static void assertSame(Path folder, Map<String, byte[]> expected) throws IOException {
        Map<String, byte[]> found = contents(folder);
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((file, bytes) -> assertThat(found.get(file)).as(file).isEqualTo(bytes));
    }

    private static Map<String, byte[]> contents(Path folder) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                contents.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return contents;
    }
}
