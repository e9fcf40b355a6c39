package norma.monitor.runs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.FileProblem;
import norma.trainer.run.RunFiles;

/**
 * The folder that runs lie in, and the only way from a run's name to a path: whatever lies elsewhere, or is reached
 * through a link that leads elsewhere, does not exist for the monitor.
 *
 * <p>The id of a run is its path below the folder, with {@code /} between the names; a run lies at most
 * {@value #DEEPEST} folders deep.
 */
public final class RunsFolder {
    private static final int DEEPEST = 4;
    private static final int LONGEST_ID = 1000;

    private final Path given;
    private final Path real;

    private RunsFolder(Path given, Path real) {
        this.given = given;
        this.real = real;
    }

    /**
     * Opens the folder.
     *
     * @throws InvalidInputException if there is none, it cannot be read, or it is the folder of a single run
     */
    public static RunsFolder open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InvalidInputException(folder + ": " + (Files.exists(folder) ? "is no folder" : "no such folder")
                    + ", expected the folder that runs lie in");
        }
        if (isRun(folder)) {
            Path parent = folder.toAbsolutePath().normalize().getParent();
            throw new InvalidInputException(folder + ": is the folder of one run, expected the folder that runs lie in"
                    + (parent == null ? "" : ", such as " + parent));
        }
        if (!Files.isReadable(folder)) {
            throw new InvalidInputException(folder + ": cannot be read, expected the permission to list it");
        }
        try {
            return new RunsFolder(folder, folder.toRealPath());
        } catch (IOException e) {
            throw new InvalidInputException(folder + ": cannot be read: " + FileProblem.reason(e), e);
        }
    }

    /** The folder as the user gave it. */
    public Path given() {
        return given;
    }

    /**
     * The run with an id.
     *
     * @throws UnknownRunException if there is none here
     */
    public RunFiles run(String id) {
        Path folder = resolve(id);
        if (!isInside(folder) || !(isRun(folder) || isSeed(folder))) {
            throw new UnknownRunException(id);
        }
        return new RunFiles(folder);
    }

    /**
     * A folder in here that need not be a run's.
     *
     * @throws UnknownRunException if there is none
     */
    Path folder(String id) {
        Path folder = resolve(id);
        if (!isInside(folder) || !Files.isDirectory(folder)) {
            throw new UnknownRunException(id);
        }
        return folder;
    }

    private Path resolve(String id) {
        if (id.length() > LONGEST_ID || id.chars().anyMatch(c -> c < ' ' || c == '\\' || c == 0x7f)) {
            throw new UnknownRunException(id);
        }
        String[] names = id.split("/", -1);
        if (names.length > DEEPEST) {
            throw new UnknownRunException(id);
        }
        Path folder = real;
        for (String name : names) {
            if (name.isEmpty() || name.startsWith(".")) {
                throw new UnknownRunException(id);
            }
            try {
                folder = folder.resolve(name);
            } catch (InvalidPathException e) {
                throw new UnknownRunException(id);
            }
        }
        return folder;
    }

    /**
     * Refuses a run whose metrics or recording lie elsewhere.
     *
     * @throws InvalidInputException naming the link
     */
    public void requireInside(RunFiles run) {
        for (Path path : List.of(
                run.metrics(),
                run.layerNorms(),
                run.layerNorms().resolve("weight"),
                run.layerNorms().resolve("bias"),
                run.layerNorms().resolve("step"),
                run.checkpoints(),
                run.probes())) {
            if (Files.exists(path) && !isInside(path)) {
                throw new InvalidInputException(name(path) + ": is a link out of the folder of the runs");
            }
        }
    }

    /** Whether a file or folder is there and, links followed, inside this folder. */
    public boolean isInside(Path path) {
        try {
            Path target = path.toRealPath();
            return target.startsWith(real) && !target.equals(real);
        } catch (IOException e) {
            return false;
        }
    }

    /** The id of a run; empty if it is not in here. */
    public Optional<String> idOf(RunFiles run) {
        return run.path().startsWith(real) && !run.path().equals(real)
                ? Optional.of(name(run.path()))
                : Optional.empty();
    }

    /**
     * The id of a run by the path that another run gives for it; null if that is not in here. A relative path is one
     * from where the other was started, which is most often the folder that this one lies in.
     */
    String idOf(String path) {
        try {
            Path named = Path.of(path);
            for (Path candidate : List.of(named, real.resolveSibling(path), real.resolve(named.getFileName()))) {
                if (isInside(candidate) && isRun(candidate.toRealPath())) {
                    return name(candidate.toRealPath());
                }
            }
            return null;
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }

    /**
     * What is in the folder.
     *
     * @param ids of the runs, in alphabetical order
     * @param problems sentences about what could not be read or is not shown
     */
    record Listing(List<String> ids, List<String> problems) {}

    /** Looks for runs. */
    Listing list() {
        Listing found = new Listing(new ArrayList<>(), new ArrayList<>());
        list(real, 1, found);
        found.ids().sort(null);
        return found;
    }

    private void list(Path folder, int depth, Listing into) {
        List<Path> entries;
        try (Stream<Path> all = Files.list(folder)) {
            entries = all.filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            if (Files.exists(folder)) {
                into.problems().add(name(folder) + ": cannot be read: " + FileProblem.reason(e));
            }
            return;
        }
        for (Path entry : entries) {
            if (!Files.isDirectory(entry)) {
                continue;
            }
            if (!isInside(entry)) {
                into.problems().add(name(entry) + ": is a link out of the folder of the runs, and is not followed");
            } else if (isRun(entry)) {
                into.ids().add(name(entry));
                seeds(entry).forEach(seed -> into.ids().add(name(seed)));
            } else if (depth < DEEPEST && !Files.isSymbolicLink(entry)) {
                list(entry, depth + 1, into);
            }
        }
    }

    private String name(Path path) {
        return real.relativize(path).toString().replace(path.getFileSystem().getSeparator(), "/");
    }

    /** Whether a folder is that of a run, be it damaged. */
    private static boolean isRun(Path folder) {
        RunFiles files = new RunFiles(folder);
        return Files.exists(files.config())
                || Files.exists(files.finetuningConfig())
                || Files.exists(files.provenance())
                || (Files.exists(files.metrics()) && Files.isDirectory(files.layerNorms()) && !isSeed(folder));
    }

    /** Whether a folder is that of one seed of a fine-tuning, which has its own steps but no configuration. */
    static boolean isSeed(Path folder) {
        Path parent = folder.getParent();
        return parent != null
                && folder.getFileName().toString().startsWith("seed-")
                && Files.exists(new RunFiles(parent).finetuningConfig())
                && Files.exists(new RunFiles(folder).metrics());
    }

    private static List<Path> seeds(Path run) {
        if (!Files.exists(new RunFiles(run).finetuningConfig())) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(run)) {
            return entries.filter(RunsFolder::isSeed).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
