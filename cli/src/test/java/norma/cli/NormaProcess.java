package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A command in a process of its own, to be killed. */
public final class NormaProcess {
    private final Process process;
    private final Path output;

    private NormaProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * Starts it.
     *
     * @param output the file that takes all that it prints
     */
    public static NormaProcess start(Path output, Object... arguments) throws IOException {
        return start(List.of(), output, arguments);
    }

    /** The same where no file can become larger than so many bytes, as on a disk that is full. */
    public static NormaProcess startWithRoomFor(int kibibytes, Path output, Object... arguments) throws IOException {
        String limited = "ulimit -f " + kibibytes + "; exec \"$@\"";
        return start(List.of("bash", "-c", limited, "bash"), output, arguments);
    }

    private static NormaProcess start(List<String> launcher, Path output, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(launcher);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:-UsePerfData", // a file that the JVM would write
                "-cp",
                System.getProperty("java.class.path"),
                "norma.cli.Norma"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new NormaProcess(process, output);
    }

    /** Waits for a moment while it runs. */
    public NormaProcess await(BooleanSupplier moment) throws InterruptedException {
        while (!moment.getAsBoolean()) {
            assertThat(process.isAlive())
                    .as(() -> "the moment came while it ran: " + printed())
                    .isTrue();
            Thread.sleep(1);
        }
        return this;
    }

    /**
     * SIGKILL.
     *
     * @return whether it had ended before, as it should
     */
    public boolean kill() throws InterruptedException {
        return process.destroyForcibly().waitFor() == 0;
    }

    /** A signal by its name, such as {@code INT}, that of Ctrl-C. */
    public NormaProcess signal(String name) throws IOException, InterruptedException {
        return signal(name, List.of(process.toHandle()));
    }

    /** Ctrl-C in a terminal, which tells the processes that it has started too. */
    public NormaProcess ctrlC() throws IOException, InterruptedException {
        return signal(
                "INT",
                Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                        .toList());
    }

    private NormaProcess signal(String name, List<ProcessHandle> processes) throws IOException, InterruptedException {
        if (name.equals("INT") && ignoresInterrupts()) {
            processes.forEach(ProcessHandle::destroyForcibly);
            abort("skipped: what started this test in the background has it and its processes ignore Ctrl-C");
        }
        List<String> words = new ArrayList<>(List.of("kill", "-" + name));
        processes.forEach(each -> words.add(String.valueOf(each.pid())));
        assertThat(new ProcessBuilder(words).start().waitFor()).as("%s", words).isZero();
        return this;
    }

    /** As a shell without job control has the commands do that it starts in the background; see SigIgn of proc(5). */
    private boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        return Files.isReadable(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1L << 1) != 0);
    }

    public long pid() {
        return process.pid();
    }

    /** SIGTERM. */
    public NormaProcess terminate() {
        process.destroy();
        return this;
    }

    /** Its exit code, when it has ended. */
    public int finish() throws InterruptedException {
        return finish(3);
    }

    /** The same of one that takes longer on a busy machine. */
    public int finish(int minutes) throws InterruptedException {
        assertThat(process.waitFor(minutes, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    public String printed() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
