package norma.sweep.folder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.FileProblem;
import norma.datasets.files.ProcessLock;
import norma.sweep.plan.SweepFile;
import norma.sweep.plan.SweptRun;
import norma.trainer.config.ConfigDifference;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;

/** A sweep's folder while a process drives the sweep. */
public final class SweepFolder implements AutoCloseable {
    private final SweepFiles files;
    private final ProcessLock.Held lock;

    private SweepFolder(SweepFiles files, ProcessLock.Held lock) {
        this.files = files;
        this.lock = lock;
    }

    /**
     * Refuses what {@link #open} would refuse, without writing anything: a folder that is no sweep's, a run that is
     * another's, and a configuration that has changed since a run of the sweep was begun.
     *
     * @param runs the folder of the runs
     */
    public static void requireSame(SweepFile sweep, Path runs) {
        SweepFiles files = new SweepFiles(runs.resolve(sweep.plan().name()));
        boolean begun = Files.isRegularFile(files.plan()) || Files.exists(files.lock()); // killed before its plan
        if (Files.exists(files.path()) && !begun && !isEmpty(files.path())) {
            throw new InvalidInputException(
                    files.path() + ": exists and is no sweep, expected another name for this one");
        }
        for (SweptRun run : sweep.plan().runs()) {
            Path config = files.config(run.name());
            if (Files.exists(config)) {
                requireSame(sweep, run, config);
            } else if (Files.exists(files.run(run).path())) {
                throw new InvalidInputException(files.run(run).path() + ": exists and is no run of the sweep "
                        + sweep.plan().name() + ", expected another name for the sweep");
            }
        }
    }

    private static boolean isEmpty(Path folder) {
        try (var entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            throw new InvalidInputException(folder + ": cannot be read: " + FileProblem.sentence(e), e);
        }
    }

    private static void requireSame(SweepFile sweep, SweptRun run, Path stored) {
        RunConfig before = RunConfigYaml.read(stored, List.of());
        List<ConfigDifference> differences =
                ConfigDifference.between(before, sweep.configs().get(run.name()));
        if (!differences.isEmpty()) {
            ConfigDifference first = differences.get(0);
            throw InvalidInputException.of(
                    sweep.sourceOf(first.key(), run.point()),
                    first.key(),
                    first.after(),
                    first.before() + " as when the sweep began (" + stored
                            + "); other settings need a sweep of another name");
        }
    }

    /**
     * Makes or opens the folder and writes what is new in it. A sweep may gain points and seeds from one start to the
     * next.
     *
     * @param runs the folder of the runs, which exists
     * @throws InvalidInputException as {@link #requireSame}, or if another process drives the sweep
     */
    public static SweepFolder open(SweepFile sweep, Path runs) {
        requireSame(sweep, runs);
        SweepFiles files = new SweepFiles(runs.resolve(sweep.plan().name()));
        try {
            Files.createDirectories(files.path());
            ProcessLock.Held lock = new ProcessLock(files.lock())
                    .take()
                    .orElseThrow(
                            () -> new InvalidInputException(files.path() + ": another process is driving this sweep"));
            SweepFolder folder = new SweepFolder(files, lock);
            try {
                folder.write(sweep);
                return folder;
            } catch (IOException | RuntimeException e) {
                folder.close();
                throw e;
            }
        } catch (IOException e) {
            throw new InvalidInputException(files.path() + ": cannot be written: " + FileProblem.sentence(e), e);
        }
    }

    private void write(SweepFile sweep) throws IOException {
        Files.deleteIfExists(files.stop());
        for (SweptRun run : sweep.plan().runs()) {
            Path config = files.config(run.name());
            Files.createDirectories(config.getParent());
            Files.createDirectories(files.task(run.name()).getParent());
            Files.createDirectories(files.log(run.name()).getParent());
            if (!Files.exists(config)) {
                DurableFiles.write(config, RunConfigYaml.write(sweep.configs().get(run.name())));
            }
        }
        sweep.plan().write(files.plan());
    }

    /** Where everything in it lies. */
    public SweepFiles files() {
        return files;
    }

    /** Asks the tasks to stop, wherever they are. */
    public void stopTasks() throws IOException {
        if (!Files.exists(files.stop())) {
            DurableFiles.write(files.stop(), "");
        }
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
