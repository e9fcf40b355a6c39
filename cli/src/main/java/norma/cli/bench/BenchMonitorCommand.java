package norma.cli.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import norma.cli.options.WholeNumber;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.base.Counted;
import norma.datasets.files.DurableFiles;
import norma.monitor.bench.SyntheticRun;
import norma.trainer.bench.Spread;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times the monitor's answers about a long recording. */
@Command(
        name = "monitor",
        description = {
            "Times what norma monitor answers about a long run.",
            "It has the heap that the launcher gives it. The run is synthetic, in a temporary folder: as many steps and sites as asked for, in few chunks that"
                    + " differ. Timed are the answers that a page needs before it can be painted, moves of the heat"
                    + " map's slider, and answers after a run has recorded and logged more."
        },
        footer = {"  norma bench monitor", "  norma bench monitor --steps 20000 --json"})
final class BenchMonitorCommand implements Callable<Integer> {
    private static final int ROOM = 1000;
    private static final String RUN = "api/runs/long";
    private static final int GROWN = 50;

    @Spec
    private CommandSpec command;

    @Option(names = "--steps", paramLabel = "N", description = "Recorded steps; default: ${DEFAULT-VALUE}.")
    private int steps = 250_000;

    @Option(
            names = "--layers",
            paramLabel = "N",
            description = "Layers, each with 2 sites, beside 2 others; default: ${DEFAULT-VALUE}.")
    private int layers = 8;

    @Option(names = "--hidden", paramLabel = "N", description = "Width of every site; default: ${DEFAULT-VALUE}.")
    private int hidden = 512;

    @Option(
            names = "--moves",
            paramLabel = "N",
            description = "Moves of the slider, to steps all over the run; default: ${DEFAULT-VALUE}.")
    private int moves = 40;

    @Option(
            names = "--serve",
            description = "Keep the server running afterwards, for a browser, until Ctrl-C; its address is printed.")
    private boolean serve;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        WholeNumber.requireAtLeastOne("--steps", steps);
        WholeNumber.requireAtLeastOne("--layers", layers);
        WholeNumber.requireAtLeastOne("--hidden", hidden);
        WholeNumber.requireAtLeastOne("--moves", moves);
        output.startLogging();
        Path runs = Files.createTempDirectory("norma-bench-monitor");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(runs)));
        SyntheticRun run;
        try (ProgressDisplay progress = output.progress()) {
            run = SyntheticRun.write(runs.resolve("long"), steps, layers, hidden, ROOM, progress);
        }
        Class<?> main = command.root().userObject().getClass();
        try (MonitorProcess monitor = MonitorProcess.start(main, runs)) {
            Times times = measure(monitor, run);
            output.result(json(times), text(times));
            if (serve) {
                output.say("Serving " + monitor.address() + "#run=long until Ctrl-C.");
                new CountDownLatch(1).await();
            }
        }
        return ExitCode.DONE;
    }

    private static void delete(Path folder) {
        try {
            DurableFiles.delete(folder);
        } catch (IOException e) {
            System.err.println("norma: " + folder + ": cannot be deleted: " + e.getMessage());
        }
    }

    /**
     * What was found, in seconds.
     *
     * @param cold all answers before the first paint, of a server that has just started
     * @param warm the same later
     * @param busySlider moves of the slider while the recording is still read in the background
     * @param whole until both parts of the recording were read
     * @param slider moves of the slider afterwards
     * @param update answers after a run has gone on
     */
    private record Times(
            double cold,
            double warm,
            Spread busySlider,
            double whole,
            Spread slider,
            Spread update,
            OptionalLong residentPeak) {}

    private Times measure(MonitorProcess monitor, SyntheticRun run) throws IOException, InterruptedException {
        long began = System.nanoTime();
        double cold = opened(monitor);
        Spread busy = slider(monitor);
        while (!isComplete(monitor, "weight") || !isComplete(monitor, "bias")) {
            Thread.sleep(100);
        }
        double whole = (System.nanoTime() - began) * 1e-9;
        double warm = opened(monitor);
        Spread slider = slider(monitor);
        return new Times(cold, warm, busy, whole, slider, update(monitor, run), monitor.residentPeak());
    }

    /** Answers that the page of a run waits for. */
    private double opened(MonitorProcess monitor) throws IOException, InterruptedException {
        double seconds = 0;
        for (String path : List.of(
                "api/runs",
                RUN,
                RUN + "/metrics?points=1200",
                trajectories("weight"),
                trajectories("bias"),
                RUN + "/heatmap?part=weight",
                RUN + "/outliers?points=1200")) {
            seconds += monitor.get(path).seconds();
        }
        return seconds;
    }

    private String trajectories(String part) {
        return RUN + "/trajectories?site=" + (2 * layers) + "&points=640&part=" + part;
    }

    private boolean isComplete(MonitorProcess monitor, String part) throws IOException, InterruptedException {
        byte[] body = monitor.get(trajectories(part)).body();
        int length = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).getInt();
        JsonNode header = new ObjectMapper().readTree(new String(body, 4, length, StandardCharsets.UTF_8));
        return header.path("complete").asBoolean();
    }

    private Spread slider(MonitorProcess monitor) throws IOException, InterruptedException {
        List<Double> times = new ArrayList<>();
        for (int move = 0; move < moves; move++) {
            long step = (long) ((move * 0.618) % 1 * steps); // no move is near the one before
            times.add(monitor.get(RUN + "/heatmap?part=weight&step=" + step).seconds());
        }
        return Spread.of(times);
    }

    /** All that a page asks for when it is told that a run has recorded and logged more. */
    private Spread update(MonitorProcess monitor, SyntheticRun run) throws IOException, InterruptedException {
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < ROOM / GROWN - 1; i++) {
            run.grow(GROWN);
            double seconds = monitor.get(RUN + "/metrics?points=1200").seconds();
            for (String part : List.of("weight", "bias")) {
                seconds += monitor.get(trajectories(part) + "&from=" + (steps + i * GROWN))
                        .seconds();
            }
            seconds += monitor.get(RUN + "/heatmap?part=weight").seconds();
            times.add(seconds);
        }
        return Spread.of(times);
    }

    private ObjectNode json(Times times) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("steps", steps);
        json.put("sites", 2 * layers + 2);
        json.put("hidden", hidden);
        json.put("java_options", String.join(" ", MonitorProcess.JAVA_OPTIONS));
        json.put("first_answers_cold_seconds", times.cold());
        json.put("first_answers_seconds", times.warm());
        json.set("slider_while_reading_seconds", SpreadText.json(times.busySlider()));
        json.put("read_whole_seconds", times.whole());
        json.set("slider_seconds", SpreadText.json(times.slider()));
        json.set("update_seconds", SpreadText.json(times.update()));
        times.residentPeak().ifPresent(bytes -> json.put("resident_peak_bytes", bytes));
        return json;
    }

    private String text(Times times) {
        String resident = times.residentPeak().isPresent()
                ? String.format(Locale.ROOT, "%.0f MB", times.residentPeak().getAsLong() / 1e6)
                : "not told by this system";
        return String.format(
                Locale.ROOT,
                """
                run                          %s of %s, %d wide; min / median / max
                answers before first paint   %.0f ms, of a server just started; %.0f ms later
                slider move, while reading   %s ms
                slider move                  %s ms
                update of a running run      %s ms, all its answers together
                whole recording read         after %.1f s, in the background
                memory                       %s resident at most, with %s""",
                Counted.of(steps, "step"),
                Counted.of(2L * layers + 2, "site"),
                hidden,
                times.cold() * 1e3,
                times.warm() * 1e3,
                SpreadText.of(times.busySlider(), 1e3, 1),
                SpreadText.of(times.slider(), 1e3, 1),
                SpreadText.of(times.update(), 1e3, 1),
                times.whole(),
                resident,
                String.join(" ", MonitorProcess.JAVA_OPTIONS));
    }
}
