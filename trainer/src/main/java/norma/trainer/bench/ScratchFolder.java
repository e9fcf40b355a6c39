package norma.trainer.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import norma.datasets.files.DurableFiles;

/** What a benchmark leaves on disk, and takes away at its end. */
final class ScratchFolder {
    private ScratchFolder() {}

    /** Deletes a folder with all that is in it; nothing there is fine. */
    static void delete(Path folder) {
        try {
            DurableFiles.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }
}
