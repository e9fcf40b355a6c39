package norma.sweep.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.sweep.folder.SweepFiles;
import norma.sweep.folder.TaskRecord;
import norma.sweep.folder.TaskState;
import norma.trainer.run.MachineMemory;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunFolder;
import norma.trainer.run.RunState;
import norma.trainer.run.RunStates;
import norma.trainer.run.RunStatus;

/**
 * What a task does on its executor: trains a run, or resumes it, in a process of its own, gives it to the probes, and
 * says in the sweep's folder how far it is.
 */
final class RunTraining {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int INVALID_INPUT = 2;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);
    private static final long WAIT_MILLIS = 500;

    private final RunTask task;
    private final SweepFiles files;
    private final RunFiles run;
    private final RunProcess process;
    private final RunStates states = new RunStates();
    private TaskRecord record;

    RunTraining(RunTask task, int attempt) {
        this.task = task;
        files = new SweepFiles(Path.of(task.sweepFolder()));
        run = new RunFiles(files.runs().resolve(task.run()));
        process = new RunProcess(task.process(), files.log(task.run()));
        TaskRecord before = TaskRecord.read(files.task(task.run()));
        record = new TaskRecord(
                TaskState.WAITING,
                Optional.empty(),
                before.step(),
                attempt,
                hostName(),
                Instant.now(),
                before.probed(),
                List.of());
    }

    /** How a run has ended; a task that throws instead is tried again by Spark, and the run resumed. */
    TaskRecord toItsEnd() throws IOException, InterruptedException {
        if (stopped()) {
            return record;
        }
        requireSameFolder(task);
        requireMemory();
        requireFreeFolder();
        say(TaskState.RUNNING, Optional.empty());
        try {
            Optional<TaskRecord> ended = states.read(run).state() == RunState.FINISHED ? Optional.empty() : train();
            return ended.isPresent() ? ended.get() : probe();
        } catch (IOException e) {
            say(TaskState.WAITING, Optional.empty()); // for Spark's next try, before which other runs may come
            throw e;
        }
    }

    /** Refuses an executor that does not see the driver's folder. */
    static void requireSameFolder(RunTask task) throws IOException {
        if (!seesFolder(task.sweepFolder(), task.token())) {
            throw new IOException(task.sweepFolder() + ": not seen on " + hostName());
        }
    }

    static boolean seesFolder(String sweepFolder, String token) throws IOException {
        Path marker = new SweepFiles(Path.of(sweepFolder)).marker();
        return Files.isRegularFile(marker)
                && Files.readString(marker).equals(token)
                && Files.isWritable(marker.getParent());
    }

    static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return "localhost"; // a machine without a name
        }
    }

    private void requireMemory() throws IOException {
        double free = MachineMemory.available();
        if (task.memoryBytes() > free) {
            throw new IOException("the run takes about " + MachineMemory.size(task.memoryBytes()) + ", and there are "
                    + MachineMemory.size(free) + " free on " + record.host());
        }
    }

    /** Waits for a process that a lost executor has left; it ends as soon as it notices. */
    private void requireFreeFolder() throws IOException, InterruptedException {
        Instant latest = Instant.now().plus(LONGEST_WAIT);
        while (Files.isDirectory(run.path())) {
            try {
                RunFolder.open(run.path()).close();
                return;
            } catch (InvalidInputException e) {
                if (Instant.now().isAfter(latest)) {
                    throw new IOException(e.getMessage(), e);
                }
                Thread.sleep(WAIT_MILLIS);
            }
        }
    }

    /** Trains; what is given back is how the run ended, empty if it is whole. */
    private Optional<TaskRecord> train() throws IOException, InterruptedException {
        int code = process.run(task.training(), this::stopped, this::beat);
        if (code == DONE) {
            return Optional.empty();
        }
        if (stopped()) {
            return Optional.of(say(TaskState.INTERRUPTED, Optional.empty()));
        }
        RunStatus status = states.read(run);
        if (code == FAILED && status.state() == RunState.DIVERGED) {
            return Optional.of(say(TaskState.DIVERGED, status.sentence()));
        }
        Optional<String> sentence = process.lastSentence();
        if (code == INVALID_INPUT) { // the same would be said again
            return Optional.of(say(TaskState.FAILED, sentence));
        }
        throw new IOException(
                code == FAILED && sentence.isPresent()
                        ? sentence.get()
                        : task.run() + ": its process ended with exit code " + code);
    }

    /** Gives the finished run to each probe that has not had it; one that fails leaves the others alone. */
    private TaskRecord probe() throws IOException, InterruptedException {
        for (Map.Entry<String, List<String>> probe : task.probes().entrySet()) {
            if (record.probed().contains(probe.getKey())) {
                continue;
            }
            int code = process.run(probe.getValue(), this::stopped, this::beat);
            if (stopped()) {
                return say(TaskState.INTERRUPTED, Optional.empty());
            }
            List<String> probed = new ArrayList<>(record.probed());
            List<String> problems = new ArrayList<>(record.problems());
            if (code == DONE) {
                probed.add(probe.getKey());
            } else {
                problems.add(probe.getKey() + ": "
                        + (code == FAILED || code == INVALID_INPUT ? process.lastSentence() : Optional.<String>empty())
                                .orElse("ended with exit code " + code));
            }
            record = new TaskRecord(
                    record.state(),
                    record.sentence(),
                    record.step(),
                    record.attempt(),
                    record.host(),
                    Instant.now(),
                    probed,
                    problems);
        }
        return say(TaskState.FINISHED, Optional.empty());
    }

    private boolean stopped() {
        return Files.exists(files.stop());
    }

    private void beat() throws IOException {
        if (Duration.between(record.heartbeat(), Instant.now()).compareTo(TaskRecord.INTERVAL) >= 0) {
            say(record.state(), record.sentence());
        }
    }

    private TaskRecord say(TaskState state, Optional<String> sentence) throws IOException {
        record = record.with(state, sentence, states.read(run).step().orElse(record.step()));
        record.write(files.task(task.run()));
        return record;
    }

    /** Leaves in the folder why a task has failed for the last time. */
    static void failed(SweepFiles files, String run, String sentence) throws IOException {
        TaskRecord.read(files.task(run))
                .with(TaskState.FAILED, Optional.of(sentence), 0)
                .write(files.task(run));
    }

    /** Puts a token where executors have to find it. */
    static void mark(SweepFiles files, String token) throws IOException {
        DurableFiles.write(files.marker(), token);
    }
}
