package norma.datasets;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the reference data lie; a test is skipped, with the reason, where there are none. */
public final class SharedData {
    private SharedData() {}

    /** A file or folder among the reference data. */
    public static Path require(String name) {
        Path root = Path.of(System.getProperty("norma.root", ".."));
        Path path =
                root.resolve(System.getProperty("norma.data", "../shared/data")).resolve(name);
        assumeTrue(Files.exists(path), () -> "skipped: no " + path + "; -Dnorma.data=FOLDER says where it is");
        return path;
    }
}
