package norma.trainer.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import norma.datasets.base.AlreadyExistsException;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.FileProblem;
import norma.datasets.files.ProcessLock;
import norma.datasets.files.ReplacedFolder;
import norma.datasets.files.SpecialFile;

/**
 * The folder of a run, with the lock that one process at a time holds on it.
 *
 * <p>{@code provenance.json} is the last file that the setup of a run writes. A folder that was left before it is
 * half-begun: there is nothing in it to resume, and the command that began it begins it again.
 */
public final class RunFolder implements AutoCloseable {
    private static final String LOCK = ".lock";
    private static final String IN_SETUP = ".in-setup";

    private final Path path;
    private final RunFiles files;
    private final ProcessLock.Held lock;

    private RunFolder(Path path, ProcessLock.Held lock) {
        this.path = path;
        this.files = new RunFiles(path);
        this.lock = lock;
    }

    /**
     * Makes the folder of all runs.
     *
     * @throws InvalidInputException if nothing can be written there
     */
    public static void requireWritable(Path runs) {
        try {
            Files.createDirectories(runs);
        } catch (IOException e) {
            throw new InvalidInputException(runs + ": cannot be made: " + FileProblem.sentence(e), e);
        }
        if (!Files.isWritable(runs)) {
            throw new InvalidInputException(runs + ": no permission to write, expected a writable folder for runs");
        }
    }

    /**
     * Makes the folder of a new run, or empties that of one that is half-begun or to be replaced. What is written there
     * until {@code provenance.json} belongs to its setup.
     *
     * @param force whether a run that is there is deleted
     * @throws InvalidInputException if there is one and it is not to be deleted, or nothing can be written there
     */
    public static RunFolder create(Path path, boolean force) {
        requireFree(path, force);
        try {
            if (!Files.exists(path)) {
                Files.createDirectories(path);
            }
            RunFolder folder = open(path); // nobody trains in it
            try {
                requireFree(path, force); // nobody has trained in it meanwhile
                folder.empty();
                return folder;
            } catch (IOException | RuntimeException e) {
                folder.close();
                throw e;
            }
        } catch (IOException e) {
            throw new InvalidInputException(path + ": cannot be made: " + FileProblem.sentence(e), e);
        }
    }

    /** Refuses what {@link #create} would refuse: a run that is there, and anything else even with force. */
    public static void requireFree(Path path, boolean force) {
        if (!Files.exists(path) || isHalfBegun(path)) {
            return;
        }
        boolean resumable = isBegun(path);
        boolean replaceable = resumable || Files.exists(path.resolve(LOCK));
        if (!force) {
            throw AlreadyExistsException.ofRun(path, resumable, replaceable);
        }
        if (!replaceable) {
            throw InvalidInputException.of(
                    path.toString(),
                    ReplacedFolder.REPLACE,
                    "something that is not a run",
                    "a run: nothing else is replaced");
        }
    }

    /** Whether a run has been set up in a folder, so that it can be resumed. */
    public static boolean isBegun(Path path) {
        return Files.isRegularFile(new RunFiles(path).provenance());
    }

    /**
     * Whether a run was left here during its setup: the folder is empty, or says so, or has but the first files of one.
     */
    private static boolean isHalfBegun(Path path) {
        if (!Files.isDirectory(path) || isBegun(path)) {
            return false;
        }
        RunFiles files = new RunFiles(path);
        Set<Path> first = Set.of(files.config(), files.finetuningConfig(), files.tokenizer(), files.log());
        try (Stream<Path> list = Files.list(path)) {
            List<Path> entries = list.toList();
            return entries.isEmpty()
                    || entries.contains(path.resolve(IN_SETUP))
                    || (entries.contains(path.resolve(LOCK))
                            && entries.stream()
                                    .allMatch(entry -> first.contains(entry)
                                            || entry.getFileName().toString().startsWith(".")));
        } catch (IOException e) {
            throw new InvalidInputException(path + ": cannot be read: " + FileProblem.sentence(e), e);
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

    /**
     * Refuses a folder that no pre-training can be resumed in, before anything is written there.
     *
     * @throws InvalidInputException if there is no folder, or it has no configuration or no provenance
     */
    public static void requireRun(Path path) {
        requireBegun(path, new RunFiles(path).config(), "a run");
    }

    /**
     * Refuses a folder that no fine-tuning can be resumed in, before anything is written there.
     *
     * @throws InvalidInputException if there is no folder, or it has no configuration or no provenance
     */
    public static void requireFinetuning(Path path) {
        requireBegun(path, new RunFiles(path).finetuningConfig(), "a fine-tuning");
    }

    private static void requireBegun(Path path, Path config, String kind) {
        if (!Files.isDirectory(path)) {
            throw new InvalidInputException(path + ": no such folder, expected the folder of " + kind);
        }
        SpecialFile.refuseInside(path, "the files of " + kind);
        if (Files.exists(path.resolve(LOCK)) && isHalfBegun(path)) {
            throw new InvalidInputException(path + ": was stopped while it was set up, expected a run that has begun:"
                    + " the command that began it begins it again");
        }
        if (!Files.isRegularFile(config) || !isBegun(path)) {
            throw new InvalidInputException(path + ": has no " + config.getFileName()
                    + " or no provenance.json, expected the folder of " + kind);
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
            RunFolder folder = new RunFolder(path, lock);
            if (isBegun(path)) {
                folder.begun();
            }
            return folder;
        } catch (IOException e) {
            throw new InvalidInputException(path + ": cannot be written: " + FileProblem.sentence(e), e);
        }
    }

    /** Ends the setup, once {@code provenance.json} is there. */
    public void begun() throws IOException {
        Files.deleteIfExists(path.resolve(IN_SETUP));
    }

    /** Leaves the lock, and the mark of a setup. */
    private void empty() throws IOException {
        Path mark = path.resolve(IN_SETUP);
        if (!Files.exists(mark)) {
            Files.createFile(mark);
        }
        Files.deleteIfExists(files.provenance());
        try (Stream<Path> entries = Files.list(path)) {
            for (Path entry : entries.toList()) {
                if (!entry.equals(mark) && !entry.equals(path.resolve(LOCK))) {
                    DurableFiles.delete(entry);
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
