package norma.datasets.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;

/** A folder that is replaced by a new one: what was in it is deleted. */
public final class ReplacedFolder {
    /** The key of messages about what must not be replaced. */
    public static final String REPLACE = "replace";

    private ReplacedFolder() {}

    /**
     * Refuses to replace a folder that holds what the new one is made from.
     *
     * @param replaced the folder; nothing is refused if it is not there
     * @param inputs files and folders that are read for the new one; those that do not exist are passed over
     * @param use what they are for, behind "inside, which"
     * @param instead what would have been right
     * @throws InvalidInputException if one of them lies in the folder, links followed
     */
    public static void requireOutside(Path replaced, List<Path> inputs, String use, String instead) {
        if (!Files.isDirectory(replaced)) {
            return;
        }
        try {
            Path folder = replaced.toRealPath();
            for (Path input : inputs) {
                if (Files.exists(input) && input.toRealPath().startsWith(folder)) {
                    throw InvalidInputException.of(
                            replaced.toString(), REPLACE, input + " inside, which " + use, instead);
                }
            }
        } catch (IOException e) {
            throw new InvalidInputException(replaced + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
