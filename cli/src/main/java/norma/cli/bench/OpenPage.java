package norma.cli.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;

/** A browser without a window that has one page open, until it is closed. */
final class OpenPage implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome", "chrome");

    private final Process process;
    private final Path profile;

    private OpenPage(Process process, Path profile) {
        this.process = process;
        this.profile = profile;
    }

    /**
     * The browser of this machine.
     *
     * @throws InvalidInputException if none is on the PATH
     */
    static Path browser() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return NAMES.stream()
                .flatMap(name -> Stream.of(path.split(File.pathSeparator, -1)).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new InvalidInputException(
                        "no browser on the PATH, expected one of " + String.join(", ", NAMES)));
    }

    /** Opens a page. */
    static OpenPage open(Path browser, String address) throws IOException {
        Path profile = Files.createTempDirectory("norma-bench-page");
        Process process = ChildCommand.start(new ProcessBuilder(
                        browser.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-gpu-watchdog", // it takes a browser that stands still for one that hangs
                        "--window-size=1400,1000",
                        "--user-data-dir=" + profile,
                        "--remote-debugging-port=0", // without it, it takes a look and ends
                        address)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD));
        return new OpenPage(process, profile);
    }

    /** Processor time that the browser has taken. */
    double processorSeconds() {
        return ChildCommand.processorSeconds(process);
    }

    /** Lets it stand still, or go on. */
    void signal(ChildCommand.Signal signal) throws IOException, InterruptedException {
        ChildCommand.signal(process, signal);
    }

    /** Whether it is still there. */
    boolean isOpen() {
        return process.isAlive();
    }

    @Override
    public void close() throws IOException {
        List<ProcessHandle> parts = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        parts.forEach(ProcessHandle::destroyForcibly);
        DurableFiles.delete(profile);
    }
}
