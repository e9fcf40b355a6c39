package norma.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import norma.datasets.base.Hashes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Tests of commands on a {@link CommandLineRun#tinyRun} that is trained once for all of a class. */
public abstract class TrainedRunTests {
    /** Where the run is; {@code ships.txt} in it is the run's text. */
    @TempDir
    protected static Path shared;

    /** The run's folder. */
    protected static Path run;

    /** A folder for one test. */
    @TempDir
    protected Path folder;

    @BeforeAll
    static void train() throws IOException {
        run = CommandLineRun.tinyRun(shared);
    }

    /** Name and SHA-256 of every file below a folder, to find whether a command changes one. */
    protected static List<String> hashes(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<String> hashes = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                hashes.add(file + " " + Hashes.sha256(file));
            }
            return hashes;
        }
    }
}
