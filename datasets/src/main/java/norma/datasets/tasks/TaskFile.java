package norma.datasets.tasks;

import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.SpecialFile;

/** A file that somebody named or that belongs where it is looked for. */
final class TaskFile {
    private TaskFile() {}

    /** The same file, which is there. */
    static Path require(Path file, String what) {
        if (file.toString().isEmpty()) {
            throw new InvalidInputException("the " + what + ": found an empty path, expected a file");
        }
        if (!Files.exists(file)) {
            throw new InvalidInputException(file + ": no such file, expected the " + what);
        }
        SpecialFile.refuse(file, "the " + what);
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(file + ": not a file, expected the " + what);
        }
        return file;
    }
}
