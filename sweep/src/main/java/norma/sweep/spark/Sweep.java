package norma.sweep.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import norma.sweep.folder.SweepFiles;
import norma.sweep.folder.SweepFolder;
import norma.sweep.folder.TaskRecord;
import norma.sweep.folder.TaskState;
import norma.trainer.run.RunFolder;
import norma.trainer.run.StopRequest;

/** Trains what of a sweep is not trained yet. */
public final class Sweep {
    private static final long POLL_MILLIS = 500;

    private final SweepFolder folder;
    private final ClusterSettings settings;
    private final StopRequest stop;
    private final Consumer<SweepProgress> listener;

    /**
     * A sweep that can be stopped and watched.
     *
     * @param folder the sweep's
     * @param settings where it runs
     * @param stop asks the runs that are in training for a checkpoint
     * @param listener told several times a second how far it is
     */
    public Sweep(SweepFolder folder, ClusterSettings settings, StopRequest stop, Consumer<SweepProgress> listener) {
        this.folder = folder;
        this.settings = settings;
        this.stop = stop;
        this.listener = listener;
    }

    /**
     * Refuses settings with which the runs could not be trained; nothing is started.
     *
     * @param largest bytes that the process of a run takes at most
     * @throws norma.datasets.base.InvalidInputException naming the setting
     */
    public static void require(ClusterSettings settings, double largest) {
        Cluster.require(settings, largest);
    }

    /** A token for the tasks of this start. */
    public static String token() {
        return UUID.randomUUID().toString();
    }

    /**
     * Trains, probes, and comes back when no run is left that could be trained now.
     *
     * @param tasks of all runs; those that are finished or have diverged are left alone
     * @throws norma.datasets.base.InvalidInputException if no executor can train them; then no run was begun
     */
    public SweepProgress run(List<RunTask> tasks) throws IOException, InterruptedException {
        List<RunTask> open = new ArrayList<>();
        for (RunTask task : tasks) {
            if (isOpen(task)) {
                open.add(task);
                TaskRecord before = isThere(task) ? record(task) : TaskRecord.NONE;
                before.with(TaskState.WAITING, Optional.empty(), before.step()).write(file(task));
            }
        }
        if (!open.isEmpty()) {
            RunTraining.mark(folder.files(), open.get(0).token());
            train(tasks, open);
        }
        return progress(tasks);
    }

    /** A run that has had all steps is open as long as a probe is missing. */
    private boolean isOpen(RunTask task) {
        TaskRecord record = record(task);
        if (!isThere(task)) {
            return true;
        }
        return switch (record.state()) {
            case DIVERGED -> false;
            case FINISHED -> !record.probed().containsAll(task.probes().keySet());
            default -> true;
        };
    }

    /** Whether the run is begun, and has not been deleted since. */
    private boolean isThere(RunTask task) {
        return RunFolder.isBegun(folder.files().runs().resolve(task.run()));
    }

    private void train(List<RunTask> all, List<RunTask> open) throws IOException, InterruptedException {
        double largest = open.stream().mapToDouble(RunTask::memoryBytes).max().orElseThrow();
        SweepFiles files = folder.files();
        try (Cluster cluster =
                Cluster.connect(settings, "norma sweep " + files.path().getFileName(), largest)) {
            cluster.requireExecutors(
                    files.path().toAbsolutePath().toString(), open.get(0).token(), largest, stop::isRequested);
            if (stop.isRequested()) {
                return;
            }
            List<RunJob> jobs =
                    new ArrayList<>(open.stream().map(cluster::submit).toList());
            Map<String, RunJob> running = new HashMap<>();
            jobs.forEach(job -> running.put(job.task().run(), job));
            while (!running.isEmpty()) {
                if (stop.isRequested()) {
                    folder.stopTasks();
                }
                for (RunJob job : jobs) {
                    if (running.containsKey(job.task().run()) && job.isDone()) {
                        running.remove(job.task().run());
                        Optional<String> failure = job.failure();
                        if (failure.isPresent()) {
                            RunTraining.failed(files, job.task().run(), failure.get());
                        }
                    }
                }
                listener.accept(progress(all));
                Thread.sleep(POLL_MILLIS);
            }
        }
    }

    private SweepProgress progress(List<RunTask> tasks) {
        return SweepProgress.of(tasks, this::record);
    }

    private TaskRecord record(RunTask task) {
        return TaskRecord.read(file(task));
    }

    private Path file(RunTask task) {
        return folder.files().task(task.run());
    }
}
