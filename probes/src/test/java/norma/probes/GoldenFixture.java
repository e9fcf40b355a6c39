package norma.probes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

/**
 * Folders of reference outputs in the folder that is the system property {@code norma.golden}, by default among the
 * resources of the trainer's tests. A test that finds none there fails.
 */
public final class GoldenFixture {
    private GoldenFixture() {}

    /** The fixture of an architecture, which is a checkpoint folder too. */
    public static Path folder(String architecture) {
        Path folder = Path.of(System.getProperty("norma.root", ".."))
                .resolve(System.getProperty("norma.golden", "trainer/src/test/resources/golden"))
                .resolve(architecture)
                .normalize();
        assertThat(folder).as("golden fixture (-Dnorma.golden=FOLDER)").isDirectory();
        return folder;
    }
}
