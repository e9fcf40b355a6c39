package norma.trainer.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import norma.datasets.base.AlreadyExistsException;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileProblem;
import norma.datasets.files.ProcessLock;
import norma.datasets.files.ReplacedFolder;
import norma.datasets.files.SpecialFile;

/** The folder of a run, with the lock that one process at a time holds on it. */
public final class RunFolder implements AutoCloseable {
    private static final String LOCK = ".lock";

    private final Path path;
    private final RunFiles files;
    private final ProcessLock.Held lock;

    private RunFolder(Path path, ProcessLock.Held lock) {
        this.path = path;
        this.files = new RunFiles(path);
        this.lock = lock;
    }

    /**
     * Makes the folder of a new run.
     *
     * @param force whether a run that is there is deleted
     * @throws InvalidInputException if there is one and it is not to be deleted, or nothing can be written there
     */
    public static RunFolder create(Path path, boolean force) {
        requireFree(path, force);
        try {
            if (Files.exists(path)) {
                try (RunFolder old = open(path)) { // nobody trains in it
                    old.deleteContent();
                }
            }
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new InvalidInputException(path + ": cannot be made: " + FileProblem.sentence(e), e);
        }
        return open(path);
    }

    /** Refuses what {@link #create} would refuse: a run that is there, and anything else even with force. */
    public static void requireFree(Path path, boolean force) {
        if (Files.exists(path) && !force) {
            throw new AlreadyExistsException(path, "exists", "a new run, or to resume this one");
        }
        if (Files.exists(path)
                && !Files.exists(path.resolve(LOCK))
                && !Files.exists(new RunFiles(path).provenance())
                && !isEmptyFolder(path)) {
            throw InvalidInputException.of(
                    path.toString(),
                    ReplacedFolder.REPLACE,
                    "something that is not a run",
                    "a run: nothing else is replaced");
        }
    }

    /**
     * Refuses to replace a run that holds what the new one is made from.
     *
     * @param path the new run's folder, which {@link #create} would empty if it is there
     * @param inputs files and folders that the new run reads; those that do not exist are passed over
     * @throws InvalidInputException if one of them lies in the folder, links followed
     */
    public static void requireOutside(Path path, List<Path> inputs) {
        ReplacedFolder.requireOutside(
                path, inputs, "the new run is made from", "another name, for the old run would be deleted with it");
    }

    private static boolean isEmptyFolder(Path path) {
        if (!Files.isDirectory(path)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            throw new InvalidInputException(path + ": cannot be read: " + FileProblem.sentence(e), e);
        }
    }

    /**
     * Refuses a folder that no run can be resumed in, before anything is written there.
     *
     * @throws InvalidInputException if there is no folder, or it has no configuration or no provenance
     */
    public static void requireRun(Path path) {
        if (!Files.isDirectory(path)) {
            throw new InvalidInputException(path + ": no such folder, expected the folder of a run");
        }
        SpecialFile.refuseInside(path, "the files of a run");
        RunFiles files = new RunFiles(path);
        if (!Files.isRegularFile(files.config()) || !Files.isRegularFile(files.provenance())) {
            throw new InvalidInputException(
                    path + ": has no config.yaml or no provenance.json, expected the folder of a run");
        }
    }

    /**
     * Opens the folder of a run that is there.
     *
     * @throws InvalidInputException if there is none, or another process trains in it
     */
    public static RunFolder open(Path path) {
        if (!Files.isDirectory(path)) {
            throw new InvalidInputException(path + ": no such folder, expected the folder of a run");
        }
        try {
            ProcessLock.Held lock = new ProcessLock(path.resolve(LOCK))
                    .take()
                    .orElseThrow(
                            () -> new InvalidInputException(path + ": another process is training in this folder"));
            return new RunFolder(path, lock);
        } catch (IOException e) {
            throw new InvalidInputException(path + ": cannot be written: " + FileProblem.sentence(e), e);
        }
    }

    private void deleteContent() throws IOException {
        Path real = path.toRealPath(); // a walk does not enter a link
        try (Stream<Path> all = Files.walk(real)) {
            for (Path entry : all.sorted(Comparator.reverseOrder()).toList()) {
                if (!entry.equals(real)) {
                    Files.delete(entry);
                }
            }
        }
    }

    /** The folder. */
    public Path path() {
        return path;
    }

    /** Where everything in it lies. */
    public RunFiles files() {
        return files;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
