package norma.trainer.golden;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import norma.trainer.reference.ReferenceFolder;

/**
 * Folders of reference outputs, which all lie in the folder that is the system property {@code norma.golden}, by
 * default the test resources. A test that needs one fails where it is missing: without its judge nothing is proved.
 */
public final class GoldenFixture {
    private GoldenFixture() {}

    /** The folder that holds all of them. */
    public static Path root() {
        Path root = Path.of(System.getProperty("norma.root", ".."));
        return root.resolve(System.getProperty("norma.golden", "trainer/src/test/resources/golden"))
                .normalize();
    }

    /** The fixture of that name. */
    public static ReferenceFolder of(String name) {
        Path folder = root().resolve(name);
        if (!Files.isDirectory(folder)) {
            throw new AssertionError("no golden fixture at " + folder + " (set -Dnorma.golden=FOLDER)");
        }
        return new ReferenceFolder(folder);
    }

    /** The fixtures of an architecture's models for pre-training. */
    public static List<ReferenceFolder> pretraining(String modelType) {
        try (Stream<Path> folders = Files.list(root())) {
            return folders.filter(folder -> Files.isRegularFile(folder.resolve("config.json")))
                    .filter(folder -> modelType.equals(modelType(folder)))
                    .sorted()
                    .map(ReferenceFolder::new)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("no golden fixtures at " + root() + " (set -Dnorma.golden=FOLDER)", e);
        }
    }

    private static String modelType(Path folder) {
        try {
            return new ObjectMapper()
                    .readTree(folder.resolve("config.json").toFile())
                    .path("model_type")
                    .asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
