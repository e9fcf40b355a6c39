package norma.datasets.files;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Names that files give of other files: believed only where they stay in the folder. */
public final class InnerPath {
    private InnerPath() {}

    /**
     * The place of a name in a folder.
     *
     * @param name with slashes where it lies in folders of that one
     * @return empty if the name is none that a file can have (empty, or with a NUL), absolute, or leaves the folder
     */
    public static Optional<Path> resolve(Path folder, String name) {
        try {
            Path inner = Path.of(name);
            boolean inside =
                    !name.isEmpty() && !inner.isAbsolute() && !inner.normalize().startsWith("..");
            return inside ? Optional.of(folder.resolve(inner)) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
