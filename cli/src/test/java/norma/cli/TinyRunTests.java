package norma.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of commands on {@link CommandLineRun#tinyConfig}, each in a folder of its own. */
public abstract class TinyRunTests {
    @TempDir
    protected Path folder;

    protected Path config;
    protected Path runs;

    @BeforeEach
    void writeConfig() throws IOException {
        config = CommandLineRun.tinyConfig(folder);
        runs = folder.resolve("runs");
    }
}
