package norma.datasets.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** What Java says about a file that cannot be read or written, as a person understands it. */
public final class FileProblem {
    private static final String FULL = "no space left on the disk";

    private FileProblem() {}

    /** The same problem, said of the file that the user knows; the temporary one that it is written to is nobody's. */
    public static FileSystemException of(Path file, IOException e) {
        FileSystemException named = e instanceof AccessDeniedException
                ? new AccessDeniedException(file.toString())
                : new FileSystemException(file.toString(), null, reason(e));
        named.initCause(e);
        return named;
    }

    /** File and reason where both are known, such as {@code runs/a/probes/outliers.json: no space left on the disk}. */
    public static String sentence(IOException e) {
        String file = e instanceof FileSystemException system ? system.getFile() : null;
        return file == null ? reason(e) : file + ": " + reason(e);
    }

    /** Why, without the file. */
    public static String reason(IOException e) {
        String said = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        if (said != null && said.contains("No space left")) {
            return FULL;
        } else if (e instanceof AccessDeniedException) {
            return "permission denied";
        } else if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        } else if (e instanceof FileAlreadyExistsException) {
            return "exists already";
        } else if (e instanceof NotDirectoryException) {
            return "is no folder";
        } else if (e instanceof DirectoryNotEmptyException) {
            return "is a folder that is not empty";
        } else if (e instanceof FileSystemLoopException) {
            return "a link to a folder that it lies in";
        }
        return said == null ? e.getClass().getSimpleName() : said;
    }

    /** Whether nothing more can be written; Java has no exception of its own for it, only the system's words. */
    public static boolean isDiskFull(IOException e) {
        String said = String.valueOf(e instanceof FileSystemException system ? system.getReason() : e.getMessage());
        return said.contains("No space left")
                || said.equals(FULL)
                || said.contains("File too large")
                || said.contains("quota");
    }

    /**
     * Whether the place cannot be written by this user at all, which is a matter of the input and not of the moment.
     */
    public static boolean isForbidden(IOException e) {
        return e instanceof AccessDeniedException
                || String.valueOf(e.getMessage()).contains("Read-only file system");
    }
}
