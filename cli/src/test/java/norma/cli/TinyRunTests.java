package norma.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of commands on {@link CommandLineRun#tinyConfig}, each in a folder of its own. */
abstract class TinyRunTests {
    @TempDir
    Path folder;

    Path config;
    Path runs;

    @BeforeEach
    void writeConfig() throws IOException {
        config = CommandLineRun.tinyConfig(folder);
        runs = folder.resolve("runs");
    }
}
