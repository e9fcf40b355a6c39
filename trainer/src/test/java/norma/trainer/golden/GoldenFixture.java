package norma.trainer.golden;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import norma.trainer.reference.ReferenceFolder;

/**
 * Folders of reference outputs, one for each architecture, which all lie in the folder that is the system property
 * {@code norma.golden}, by default ../shared/golden beside the project.
 */
public final class GoldenFixture {
    private GoldenFixture() {}

    /** The fixture of an architecture; skips the calling test, saying why, where there is none. */
    public static ReferenceFolder of(String architecture) {
        Path root = Path.of(System.getProperty("norma.root", "."));
        Path folder = root.resolve(System.getProperty("norma.golden", "../shared/golden"))
                .normalize()
                .resolve(architecture);
        String reason = "skipped: no golden fixtures at " + folder + " (set -Dnorma.golden=FOLDER)";
        if (!Files.isDirectory(folder)) {
            System.err.println(reason);
        }
        assumeTrue(Files.isDirectory(folder), reason);
        return new ReferenceFolder(folder);
    }
}
