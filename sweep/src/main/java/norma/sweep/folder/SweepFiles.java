package norma.sweep.folder;

import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.sweep.plan.SweptRun;
import norma.trainer.run.RunFiles;
import norma.trainer.run.SweepMembership;

/**
 * Where everything of a sweep lies. Its runs are ordinary run folders beside its own.
 *
 * @param path the sweep's folder, in the folder of the runs
 */
public record SweepFiles(Path path) {
    /**
     * The folder of a sweep.
     *
     * @throws InvalidInputException if it is none
     */
    public static SweepFiles require(Path path) {
        SweepFiles files = new SweepFiles(path);
        if (!Files.isRegularFile(files.plan())) {
            throw new InvalidInputException(
                    path + ": has no " + files.plan().getFileName() + ", expected the folder of a sweep");
        }
        return files;
    }

    /** Which runs there are. */
    public Path plan() {
        return path.resolve("plan.json");
    }

    /** The configuration that a run is begun with. */
    public Path config(String run) {
        return path.resolve("configs").resolve(run + ".yaml");
    }

    /** What the task that trains a run says of it. */
    public Path task(String run) {
        return path.resolve("tasks").resolve(run + ".json");
    }

    /** What the processes of a run print. */
    public Path log(String run) {
        return path.resolve("logs").resolve(run + ".log");
    }

    /** Is there while the tasks are to stop. */
    public Path stop() {
        return path.resolve("stop");
    }

    /** Held by the process that drives the sweep. */
    public Path lock() {
        return path.resolve(".lock");
    }

    /** Holds what an executor has to find here to see this folder. */
    public Path marker() {
        return path.resolve(".seen-by-executors");
    }

    /** The result. */
    public Path result() {
        return path.resolve(SweepMembership.RESULT);
    }

    /** The result's runs, a line each. */
    public Path csv() {
        return path.resolve("sweep.csv");
    }

    /** The folder of the runs. */
    public Path runs() {
        return path.toAbsolutePath().normalize().getParent();
    }

    /** The folder of a run. */
    public RunFiles run(SweptRun run) {
        return new RunFiles(path.resolveSibling(run.name()));
    }
}
