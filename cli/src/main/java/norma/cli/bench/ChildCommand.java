package norma.cli.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A command of Norma's in a process of its own. */
final class ChildCommand {
    private ChildCommand() {}

    /** Processor time that a process and those that it has started have taken, in seconds. */
    static double processorSeconds(Process process) {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .mapToDouble(each -> each.info()
                        .totalCpuDuration()
                        .map(time -> time.toNanos() * 1e-9)
                        .orElse(0.0))
                .sum();
    }

    /** One that stands still would not end when it is told to. */
    private static void goOn(Process process) {
        try {
            signal(process, Signal.CONT);
        } catch (IOException e) {
            // without the command, nothing was stopped either
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a process is told to do by the command {@code kill}. */
    enum Signal {
        /** Stand still. */
        STOP,
        /** Go on. */
        CONT
    }

    /** Tells a process and those that it has started to stand still or to go on. */
    static void signal(Process process, Signal signal) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("kill", "-" + signal));
        Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .filter(ProcessHandle::isAlive)
                .forEach(each -> words.add(Long.toString(each.pid())));
        // One of them may have ended meanwhile: not for its exit status.
        new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** The words that start it as this process was started, with all of Java's options. */
    static List<String> likeThisProcess(Class<?> main, List<String> words) {
        return command(main, ManagementFactory.getRuntimeMXBean().getInputArguments(), words);
    }

    /** Starts a process that ends with this one, also where this one alone is told to end. */
    static Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        Thread end = new Thread(() -> {
            goOn(process);
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        });
        Runtime.getRuntime().addShutdownHook(end);
        return process;
    }

    /** The words that start it with other options for Java. */
    static List<String> command(Class<?> main, List<String> javaOptions, List<String> words) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(javaOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(words);
        return command;
    }
}
