package norma.trainer.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import norma.datasets.base.InvalidInputException;

/**
 * Says how runs are, by what is in their folders and by the processes of this machine. It only reads, and leaves the
 * runs' locks alone.
 *
 * <p>On the machine that trains, the process is there or it is not. Elsewhere, a run is running while its heartbeats
 * come; the first answer compares the last one's time with this machine's clock, later ones of the same object do not
 * need a clock that both share.
 */
public final class RunStates {
    /** A run that was not heard of for so long is not running: a dozen heartbeats, and all that NFS may hold back. */
    public static final Duration SILENCE = Duration.ofSeconds(60);

    private final RunProcess reader;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Map<Path, Seen> seen = new ConcurrentHashMap<>();

    /**
     * The last heartbeat that was seen of a run.
     *
     * @param process that sent it
     * @param since when it was seen first, in nanoseconds
     * @param moved whether another was seen before it
     */
    private record Seen(RunProcess process, long beat, long since, boolean moved) {}

    /** On this machine. */
    public RunStates() {
        this(RunProcess.current(), Clock.systemUTC(), System::nanoTime);
    }

    RunStates(RunProcess reader, Clock clock, LongSupplier nanoTime) {
        this.reader = reader;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** How a run is now; whatever is wrong with its files is the sentence of {@link RunState#UNREADABLE}. */
    public RunStatus read(RunFiles files) {
        try {
            if (!Files.isDirectory(files.path())) {
                throw new InvalidInputException(files.path() + ": no such folder, expected that of a run");
            }
            Optional<Heartbeat> heartbeat = heartbeat(files.status());
            return heartbeat.isPresent() ? status(files, heartbeat.get()) : withoutHeartbeat(files);
        } catch (InvalidInputException e) {
            return RunStatus.of(RunState.UNREADABLE, e.getMessage());
        }
    }

    /** Read again if need be: on a full disk the file is written over where it stands. */
    private static Optional<Heartbeat> heartbeat(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Heartbeat.read(file));
        } catch (InvalidInputException first) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Files.exists(file) ? Optional.of(Heartbeat.read(file)) : Optional.empty();
        }
    }

    /** Of a run that has not begun, or was trained before there was such a file. */
    private static RunStatus withoutHeartbeat(RunFiles files) {
        if (!RunFolder.isBegun(files.path())) {
            return RunStatus.of(RunState.UNKNOWN, files.path() + ": is being set up, or was left before that was done");
        }
        return Provenance.read(files.provenance()).hasEnded()
                ? RunStatus.of(RunState.FINISHED, null)
                : RunStatus.of(
                        RunState.UNKNOWN,
                        files.path() + ": has no " + files.status().getFileName()
                                + ", as runs of earlier versions: it runs, or was stopped");
    }

    private RunStatus status(RunFiles files, Heartbeat heartbeat) {
        if (heartbeat.state() != RunState.RUNNING) {
            seen.remove(files.path());
            return heartbeat.status(heartbeat.state(), heartbeat.sentence());
        }
        RunStatus status =
                heartbeat.process().isVisibleTo(reader) ? byProcess(files, heartbeat) : byHeartbeat(files, heartbeat);
        boolean ended = status.state() == RunState.KILLED
                && RunFolder.isBegun(files.path())
                && Provenance.read(files.provenance()).hasEnded();
        return ended ? heartbeat.status(RunState.FINISHED, Optional.empty()) : status;
    }

    private RunStatus byProcess(RunFiles files, Heartbeat heartbeat) {
        RunProcess process = heartbeat.process();
        boolean silent = age(heartbeat).compareTo(SILENCE) > 0;
        if (!process.isAlive() || (silent && !process.isTheSame())) {
            return killed(files, heartbeat, "process " + process.pid() + " is gone");
        }
        return heartbeat.status(
                RunState.RUNNING,
                silent
                        ? Optional.of(files.path() + ": process " + process.pid()
                                + " is there, but has not been heard of since " + second(heartbeat.at())
                                + ": it is suspended, or cannot write")
                        : Optional.empty());
    }

    private RunStatus byHeartbeat(RunFiles files, Heartbeat heartbeat) {
        long now = nanoTime.getAsLong();
        Seen last = seen.compute(files.path(), (path, before) -> next(before, heartbeat, now));
        boolean still = now - last.since() > SILENCE.toNanos();
        boolean silent = age(heartbeat).compareTo(SILENCE) > 0;
        if (still || (silent && !last.moved())) {
            return killed(
                    files,
                    heartbeat,
                    "no heartbeat from " + heartbeat.process().host() + " since " + second(heartbeat.at()));
        }
        return heartbeat.status(RunState.RUNNING, Optional.empty());
    }

    private static Seen next(Seen before, Heartbeat heartbeat, long now) {
        if (before == null || !before.process().equals(heartbeat.process())) {
            return new Seen(heartbeat.process(), heartbeat.beat(), now, false);
        }
        return before.beat() == heartbeat.beat() ? before : new Seen(heartbeat.process(), heartbeat.beat(), now, true);
    }

    private Duration age(Heartbeat heartbeat) {
        return Duration.between(heartbeat.at(), clock.instant());
    }

    private static RunStatus killed(RunFiles files, Heartbeat heartbeat, String why) {
        return heartbeat.status(
                RunState.KILLED,
                Optional.of(files.path() + ": was killed after step " + heartbeat.step() + " of " + heartbeat.steps()
                        + ": " + why));
    }

    private static Instant second(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS);
    }
}
