package norma.trainer.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A process that trains, as another process can find it again.
 *
 * @param pid its number
 * @param start when it was started, as the system says; empty where that does not say so
 * @param host name of its machine
 * @param pidSpace what its number counts in: the machine's boot and, in a container, the namespace; empty where the
 *     system does not tell
 */
public record RunProcess(long pid, Optional<Instant> start, String host, Optional<String> pidSpace) {
    private static final Path PROC = Path.of("/proc");

    /** Linux knows a process's start from the boot's, which moves when the clock is set right. */
    private static final Duration SAME_START = Duration.ofSeconds(2);

    /** This process. */
    public static RunProcess current() {
        ProcessHandle self = ProcessHandle.current();
        return new RunProcess(self.pid(), self.info().startInstant(), hostName(), namespace());
    }

    /** Whether the reader, a process here, can see whether this one lives. */
    boolean isVisibleTo(RunProcess reader) {
        return !hidesProcesses() && isOfTheMachineOf(reader);
    }

    private boolean isOfTheMachineOf(RunProcess reader) {
        return (pidSpace.isPresent() || reader.pidSpace.isPresent())
                ? pidSpace.equals(reader.pidSpace)
                : host.equals(reader.host);
    }

    /** Whether a process of this number lives here. */
    boolean isAlive() {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** Whether the process of this number here is this one and none that was given the number since. */
    boolean isTheSame() {
        Optional<Instant> now =
                ProcessHandle.of(pid).flatMap(process -> process.info().startInstant());
        return isAlive()
                && (now.isEmpty()
                        || start.isEmpty()
                        || Duration.between(start.get(), now.get()).abs().compareTo(SAME_START) <= 0);
    }

    /** Whether those of other users cannot be seen here ({@code hidepid} of proc(5)): the first one is always there. */
    private static boolean hidesProcesses() {
        return Files.isDirectory(PROC.resolve("self")) && !Files.exists(PROC.resolve("1"));
    }

    /** Of the kernel, without the look-up in the network that Java's own has. */
    private static String hostName() {
        try {
            Path file = PROC.resolve("sys/kernel/hostname");
            if (Files.isReadable(file)) {
                return Files.readString(file).strip();
            }
            Process uname = new ProcessBuilder("uname", "-n")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(uname.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return uname.waitFor(10, TimeUnit.SECONDS) ? answer : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static Optional<String> namespace() {
        try {
            return Optional.of(Files.readString(PROC.resolve("sys/kernel/random/boot_id"))
                            .strip() + " " + Files.readSymbolicLink(PROC.resolve("self/ns/pid")));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty(); // no Linux
        }
    }
}
