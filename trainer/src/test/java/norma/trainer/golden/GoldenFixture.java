package norma.trainer.golden;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.trainer.bert.ReferenceFolder;

/**
 * Folders of reference outputs, one for each architecture, which all lie in the folder that is the system property
 * {@code norma.golden}, by default among these tests' resources. A test that finds none there fails: it would be green
 * without having compared anything.
 */
public final class GoldenFixture {
    private GoldenFixture() {}

    /** The folder that holds all of them. */
    public static Path root() {
        Path root = Path.of(System.getProperty("norma.root", ".."))
                .resolve(System.getProperty("norma.golden", "trainer/src/test/resources/golden"))
                .normalize();
        assertThat(root).as("golden fixtures (-Dnorma.golden=FOLDER)").isDirectory();
        return root;
    }

    /** The fixture of an architecture. */
    public static ReferenceFolder of(String architecture) {
        try {
            return new ReferenceFolder(root().resolve(architecture));
        } catch (InvalidInputException e) {
            throw new AssertionError("golden fixture (-Dnorma.golden=FOLDER): " + e.getMessage(), e);
        }
    }
}
