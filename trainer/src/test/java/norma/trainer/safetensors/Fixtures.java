package norma.trainer.safetensors;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the reference files lie. */
final class Fixtures {
    private Fixtures() {}

    /** The golden folder; the test is skipped, saying so, where there is none. */
    static Path golden() {
        Path folder = Path.of(System.getProperty("norma.root", ".."))
                .resolve(System.getProperty("norma.golden", "../shared/golden"))
                .normalize();
        assumeTrue(Files.isDirectory(folder), "no reference files: " + folder + " is missing (norma.golden)");
        return folder;
    }
}
