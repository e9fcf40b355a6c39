package norma.cli.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import norma.cli.options.ConfigOptions;
import norma.cli.options.WholeNumber;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.ProgressDisplay;
import norma.datasets.files.DurableFiles;
import norma.trainer.bench.MedianInterval;
import norma.trainer.bench.Spread;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsReader;
import norma.trainer.run.RunFailedException;
import norma.trainer.run.RunFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Times a training's steps with the monitor's page open beside it, and with monitor and browser stopped. */
@Command(
        name = "watched",
        description = {
            "Times training steps with and without the monitor's page open.",
            "One training goes on all the time. norma monitor watches it, and a browser without a window has the run's"
                    + " page open; both are stopped and go on by turns (signals STOP and CONT). Each pair compares the"
                    + " mean step of two neighbouring stretches; every other pair begins with the page. What a page"
                    + " costs is little beside a machine's noise: with several watchers, each a monitor and a browser, the"
                    + " loss is as many times as large, and one's share of it is told. Needs Chromium or Chrome, and the"
                    + " command kill."
        },
        footer = {
            "  norma bench watched configs/bert-tiny.yaml",
            "  norma bench watched configs/quickstart.yaml --watchers 8 --json"
        })
final class BenchWatchedCommand implements Callable<Integer> {
    private static final String RUN = "watched";
    /** More than are timed, and nothing in between that takes time of its own. */
    private static final List<String> LONG =
            List.of("training.steps=100000", "evaluation.every=100000", "checkpoints.every=100000", "logging.every=1");

    private static final int WARM = 5;

    @Parameters(paramLabel = "CONFIG", description = ConfigOptions.DESCRIPTION)
    private Path file;

    @Spec
    private CommandSpec command;

    @Option(names = "--rounds", paramLabel = "N", description = "Number of pairs; default: ${DEFAULT-VALUE}.")
    private int rounds = 30;

    @Option(names = "--seconds", paramLabel = "N", description = "Length of a stretch; default: ${DEFAULT-VALUE}.")
    private int seconds = 10;

    @Option(
            names = "--watchers",
            paramLabel = "N",
            description = "Number of monitors, each with a browser that has its page open; default: ${DEFAULT-VALUE}.")
    private int count = 1;

    @Option(
            names = "--settle",
            paramLabel = "SECONDS",
            description = "How long the page has been open when the first pair begins; default: ${DEFAULT-VALUE}.")
    private int settle = 60;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        WholeNumber.requireAtLeastOne("--rounds", rounds);
        WholeNumber.requireAtLeastOne("--seconds", seconds);
        WholeNumber.requireAtLeastOne("--watchers", count);
        WholeNumber.requireAtLeastOne("--settle", settle);
        output.startLogging();
        Path browser = OpenPage.browser();
        Path runs = Files.createTempDirectory("norma-bench-watched");
        Class<?> main = command.root().userObject().getClass();
        Process training = train(main, runs);
        List<Pair> pairs = new ArrayList<>();
        try (ProgressDisplay progress = output.progress()) {
            Stretches stretches = new Stretches(training, new RunFiles(runs.resolve(RUN)));
            stretches.awaitSteps(WARM);
            try (Watchers watchers = Watchers.open(main, browser, runs, RUN, count)) {
                progress.update("settling", 0, rounds, "pairs");
                TimeUnit.SECONDS.sleep(settle);
                for (int round = 0; round < rounds; round++) {
                    pairs.add(pair(stretches, watchers, round % 2 == 0));
                    progress.update("timing", round + 1L, rounds, "pairs");
                }
            }
        } finally {
            training.destroyForcibly().waitFor();
            DurableFiles.delete(runs);
        }
        output.result(json(pairs), text(pairs));
        return ExitCode.DONE;
    }

    private Process train(Class<?> main, Path runs) throws IOException {
        List<String> words = new ArrayList<>(
                List.of("pretrain", file.toString(), "--runs", runs.toString(), "--run", RUN, "--quiet"));
        LONG.forEach(setting -> words.addAll(List.of("--set", setting)));
        return ChildCommand.start(new ProcessBuilder(ChildCommand.likeThisProcess(main, words))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT));
    }

    /**
     * Mean seconds of a step in two neighbouring stretches: a median would not see what a page does in bursts.
     *
     * @param watched with monitors and browsers going on
     * @param alone with them stopped
     * @param share processor time that all monitors and browsers took while they went on, of one core's
     */
    private record Pair(double watched, double alone, double share) {
        double ratio() {
            return watched / alone;
        }
    }

    private Pair pair(Stretches stretches, Watchers watchers, boolean watchedFirst)
            throws IOException, InterruptedException {
        if (watchedFirst) {
            Watched watched = watched(stretches, watchers);
            return new Pair(watched.step(), alone(stretches, watchers), watched.share());
        }
        double alone = alone(stretches, watchers);
        Watched watched = watched(stretches, watchers);
        return new Pair(watched.step(), alone, watched.share());
    }

    private double alone(Stretches stretches, Watchers watchers) throws IOException, InterruptedException {
        watchers.stop();
        try {
            return stretches.mean(seconds);
        } finally {
            watchers.goOn(); // also where it fails: what is stopped does not end when it is told to
        }
    }

    private record Watched(double step, double share) {}

    private Watched watched(Stretches stretches, Watchers watchers) throws IOException, InterruptedException {
        long began = System.nanoTime();
        double before = watchers.processorSeconds();
        double mean = stretches.mean(seconds);
        double taken = watchers.processorSeconds() - before;
        return new Watched(mean, taken / ((System.nanoTime() - began) * 1e-9));
    }

    /** Stretches of a training, told by what it logs. */
    private static final class Stretches {
        private final Process training;
        private final RunFiles files;
        private final MetricsReader metrics;

        Stretches(Process training, RunFiles files) {
            this.training = training;
            this.files = files;
            metrics = new MetricsReader(files.metrics());
        }

        void awaitSteps(int wanted) throws IOException, InterruptedException {
            int steps = 0;
            while (steps < wanted) {
                TimeUnit.SECONDS.sleep(1);
                requireAlive();
                steps += read().size();
            }
        }

        /** The mean step of the next seconds. */
        double mean(int seconds) throws IOException, InterruptedException {
            read();
            List<Double> found = new ArrayList<>();
            for (int waited = 1; found.size() < WARM; waited++) {
                TimeUnit.SECONDS.sleep(1);
                requireAlive();
                if (waited >= seconds) {
                    found.addAll(read()); // once, at the end: reading is not to disturb what is timed
                }
            }
            return found.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        }

        private void requireAlive() {
            if (!training.isAlive()) {
                throw new RunFailedException(files.path() + ": the training has ended by itself");
            }
        }

        private List<Double> read() throws IOException {
            List<Double> seconds = new ArrayList<>();
            metrics.readOn(line -> {
                line.figure(MetricNames.STEP_SECONDS).ifPresent(seconds::add);
                return true;
            });
            return seconds;
        }
    }

    private ObjectNode json(List<Pair> pairs) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("config", file.toString());
        json.put("watchers", count);
        json.put("pairs", pairs.size());
        json.set(
                "alone_step_seconds",
                SpreadText.json(Spread.of(pairs.stream().map(Pair::alone).toList())));
        json.set(
                "watched_step_seconds",
                SpreadText.json(Spread.of(pairs.stream().map(Pair::watched).toList())));
        Spread ratio = Spread.of(pairs.stream().map(Pair::ratio).toList());
        json.set("ratio", SpreadText.json(ratio));
        json.put("lost_share_per_watcher", (ratio.median() - 1) / count);
        MedianInterval.of(pairs.stream().map(Pair::ratio).toList()).ifPresent(interval -> {
            ObjectNode bounds = json.putObject("ratio_median_interval");
            bounds.put("confidence", MedianInterval.CONFIDENCE);
            bounds.put("low", interval.low());
            bounds.put("high", interval.high());
        });
        json.set(
                "watchers_core_share",
                SpreadText.json(Spread.of(pairs.stream().map(Pair::share).toList())));
        return json;
    }

    private String text(List<Pair> pairs) {
        List<Double> ratios = pairs.stream().map(Pair::ratio).toList();
        Spread ratio = Spread.of(ratios);
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                """
                a step alone             %s ms; min / median / max of %d stretches
                a step, watched by %-2d    %s ms
                watched over alone       %s
                lost to one watcher      %+.2f %% of the time, by the median pair""",
                SpreadText.of(Spread.of(pairs.stream().map(Pair::alone).toList()), 1e3, 2),
                pairs.size(),
                count,
                SpreadText.of(Spread.of(pairs.stream().map(Pair::watched).toList()), 1e3, 2),
                SpreadText.of(ratio, 1, 4),
                lost(ratio.median())));
        MedianInterval.of(ratios)
                .ifPresent(interval -> text.append(String.format(
                        Locale.ROOT,
                        "; with %.0f %% confidence between %+.2f %% and %+.2f %%",
                        100 * MedianInterval.CONFIDENCE,
                        lost(interval.low()),
                        lost(interval.high()))));
        text.append(String.format(
                Locale.ROOT,
                "%nall watchers took        %s %% of a core",
                SpreadText.of(Spread.of(pairs.stream().map(Pair::share).toList()), 100, 1)));
        return text.toString();
    }

    /** To each watcher, in per cent. */
    private double lost(double ratio) {
        return 100 * (ratio - 1) / count;
    }
}
