package norma.trainer.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.ReplacedFolder;

/**
 * The folder of a run: where everything in it lies, and the lock that one process at a time holds on it.
 *
 * <p>{@code provenance.json} is the last file that the setup of a run writes. A folder that was left before it is
 * half-begun: there is nothing in it to resume, and the command that began it begins it again.
 */
public final class RunFolder implements AutoCloseable {
    private static final String LOCK = ".lock";
    private static final String CONFIG = "config.yaml";
    private static final String FINETUNING_CONFIG = "finetune.yaml";
    private static final String TOKENIZER = "tokenizer.json";
    private static final String LOG = "norma.log";
    private static final String PROVENANCE = "provenance.json";
    private static final Set<String> SETUP = Set.of(CONFIG, FINETUNING_CONFIG, TOKENIZER, LOG);

    private final Path path;
    private final FileChannel lockChannel;

    private RunFolder(Path path, FileChannel lockChannel) {
        this.path = path;
        this.lockChannel = lockChannel;
    }

    /**
     * Makes the folder of a new run, or empties that of one that is half-begun or to be replaced.
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
                folder.deleteContent();
                return folder;
            } catch (IOException | RuntimeException e) {
                folder.close();
                throw e;
            }
        } catch (IOException e) {
            throw new InvalidInputException(path + ": cannot be made: " + reason(e), e);
        }
    }

    /** Refuses what {@link #create} would refuse: a run that is there, and anything else even with force. */
    public static void requireFree(Path path, boolean force) {
        if (!Files.exists(path) || isHalfBegun(path)) {
            return;
        }
        if (!force) {
            throw new InvalidInputException(
                    path + ": exists, expected a new run (another --run name, --force to replace it, or resume)");
        }
        if (!Files.exists(path.resolve(LOCK)) && !isBegun(path)) {
            throw InvalidInputException.of(
                    path.toString(), "--force", "something that is not a run", "a run: nothing else is replaced");
        }
    }

    /** Whether a run has been set up in a folder, so that it can be resumed. */
    public static boolean isBegun(Path path) {
        return Files.isRegularFile(path.resolve(PROVENANCE));
    }

    /**
     * Whether a run was left here during its setup: the folder is empty, or has the lock and nothing but setup files.
     */
    private static boolean isHalfBegun(Path path) {
        if (!Files.isDirectory(path) || isBegun(path)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(path)) {
            List<String> names =
                    entries.map(entry -> entry.getFileName().toString()).toList();
            return names.isEmpty()
                    || (names.contains(LOCK)
                            && names.stream().allMatch(name -> name.startsWith(".") || SETUP.contains(name)));
        } catch (IOException e) {
            throw new InvalidInputException(path + ": cannot be read: " + reason(e), e);
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
                path,
                inputs,
                "the new run is made from",
                "another --run name, for the old run would be deleted with it");
    }

    /**
     * Refuses a folder that no pre-training can be resumed in, before anything is written there.
     *
     * @throws InvalidInputException if there is no folder, or it has no configuration or no provenance
     */
    public static void requireRun(Path path) {
        requireBegun(path, CONFIG, "a run");
    }

    /**
     * Refuses a folder that no fine-tuning can be resumed in, before anything is written there.
     *
     * @throws InvalidInputException if there is no folder, or it has no configuration or no provenance
     */
    public static void requireFinetuning(Path path) {
        requireBegun(path, FINETUNING_CONFIG, "a fine-tuning");
    }

    private static void requireBegun(Path path, String config, String kind) {
        if (!Files.isDirectory(path)) {
            throw new InvalidInputException(path + ": no such folder, expected the folder of " + kind);
        }
        if (Files.exists(path.resolve(LOCK)) && isHalfBegun(path)) {
            throw new InvalidInputException(path + ": was stopped while it was set up, expected a run that has begun:"
                    + " the command that began it begins it again");
        }
        if (!Files.isRegularFile(path.resolve(config)) || !isBegun(path)) {
            throw new InvalidInputException(
                    path + ": has no " + config + " or no provenance.json, expected the folder of " + kind);
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
            FileChannel channel =
                    FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = null;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                // held in this process: the same answer as held in another
            }
            if (lock == null) {
                channel.close();
                throw new InvalidInputException(path + ": another process is training in this folder");
            }
            return new RunFolder(path, channel);
        } catch (IOException e) {
            throw new InvalidInputException(path + ": cannot be written: " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }

    /** What says that there is a run goes first, the lock stays. */
    private void deleteContent() throws IOException {
        Files.deleteIfExists(provenance());
        Path real = path.toRealPath(); // a walk does not enter a link
        try (Stream<Path> entries = Files.list(real)) {
            for (Path entry : entries.toList()) {
                if (!entry.equals(real.resolve(LOCK))) {
                    DurableFiles.delete(entry);
                }
            }
        }
    }

    /** Writes a file of the setup: whole, or not there. */
    public void write(Path file, String text) throws IOException {
        DurableFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The folder. */
    public Path path() {
        return path;
    }

    /** The resolved configuration of a pre-training. */
    public Path config() {
        return path.resolve(CONFIG);
    }

    /** The resolved configuration of a fine-tuning. */
    public Path finetuningConfig() {
        return path.resolve(FINETUNING_CONFIG);
    }

    /** What the run was made with and from. */
    public Path provenance() {
        return path.resolve(PROVENANCE);
    }

    public Path tokenizer() {
        return path.resolve(TOKENIZER);
    }

    public Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    public Path layerNorms() {
        return path.resolve("layernorm.zarr");
    }

    public Path tensorBoard() {
        return path.resolve("tensorboard");
    }

    public Path checkpoints() {
        return path.resolve("checkpoints");
    }

    public Path probes() {
        return path.resolve("probes");
    }

    /** The file for the run's log. */
    public Path log() {
        return path.resolve(LOG);
    }

    @Override
    public void close() {
        try {
            lockChannel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
