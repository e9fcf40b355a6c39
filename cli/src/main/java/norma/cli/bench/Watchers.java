package norma.cli.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.run.RunFailedException;

/** Monitors of one folder, each with a browser without a window that has its page of a run open. */
final class Watchers implements AutoCloseable {
    private final Path browser;
    private final List<Watcher> all = new ArrayList<>();

    private record Watcher(MonitorProcess monitor, OpenPage page) {}

    private Watchers(Path browser) {
        this.browser = browser;
    }

    /**
     * Opens them.
     *
     * @param main the class that this process was started with
     * @param run its identifier in the folder
     */
    static Watchers open(Class<?> main, Path browser, Path runs, String run, int count) throws IOException {
        Watchers opened = new Watchers(browser);
        try {
            for (int i = 0; i < count; i++) {
                opened.add(MonitorProcess.start(main, runs), run);
            }
        } catch (IOException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    private void add(MonitorProcess monitor, String run) throws IOException {
        try {
            all.add(new Watcher(monitor, OpenPage.open(browser, monitor.address() + "#run=" + run)));
        } catch (IOException e) {
            monitor.close();
            throw e;
        }
    }

    /** All stand still. */
    void stop() throws IOException, InterruptedException {
        requireOpen();
        for (Watcher each : all) {
            each.page().signal(ChildCommand.Signal.STOP);
            each.monitor().signal(ChildCommand.Signal.STOP);
        }
    }

    /** All go on. */
    void goOn() throws IOException, InterruptedException {
        for (Watcher each : all) {
            each.monitor().signal(ChildCommand.Signal.CONT);
            each.page().signal(ChildCommand.Signal.CONT);
        }
        requireOpen();
    }

    /** Processor time that all have taken together. */
    double processorSeconds() {
        return all.stream()
                .mapToDouble(
                        each -> each.monitor().processorSeconds() + each.page().processorSeconds())
                .sum();
    }

    private void requireOpen() {
        if (!all.stream().allMatch(each -> each.page().isOpen())) {
            throw new RunFailedException(browser + ": the browser has ended by itself");
        }
    }

    @Override
    public void close() throws IOException {
        for (Watcher each : all) {
            try {
                each.page().close();
            } finally {
                each.monitor().close();
            }
        }
    }
}
