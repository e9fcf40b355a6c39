package norma.probes.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;
import norma.trainer.figure.Figure;
import norma.trainer.figure.LineChart;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsReader;
import norma.trainer.run.RunFiles;

/** How long a run's logged steps took and how much memory the process held at them, from {@code metrics.jsonl}. */
final class Pace {
    private static final int STRETCHES = 100;
    private static final double GIGABYTE = 1e9;

    private final double[] steps;
    private final double[] milliseconds;
    private final double[] gigabytes;

    private Pace(double[] steps, double[] milliseconds, double[] gigabytes) {
        this.steps = steps;
        this.milliseconds = milliseconds;
        this.gigabytes = gigabytes;
    }

    /** Reads a run; empty if no step's time is in its metrics. */
    static Optional<Pace> of(Path run) throws IOException {
        DoubleStream.Builder steps = DoubleStream.builder();
        DoubleStream.Builder milliseconds = DoubleStream.builder();
        DoubleStream.Builder gigabytes = DoubleStream.builder();
        MetricsReader.read(new RunFiles(run).metrics(), line -> {
            line.figure(MetricNames.STEP_SECONDS).ifPresent(seconds -> {
                steps.add((double) line.step());
                milliseconds.add(seconds * 1000);
                gigabytes.add(line.figure(MetricNames.RESIDENT_BYTES).orElse(Double.NaN) / GIGABYTE);
            });
            return true;
        });
        double[] logged = steps.build().toArray();
        return logged.length == 0
                ? Optional.empty()
                : Optional.of(new Pace(
                        logged,
                        milliseconds.build().toArray(),
                        gigabytes.build().toArray()));
    }

    /** The median of the first tenth of the logged steps against that of the last, and the memory at their ends. */
    String words() {
        int tenth = Math.max(1, steps.length / 10);
        int from = steps.length - tenth;
        double first = quantile(milliseconds, 0, tenth, 0.5);
        double last = quantile(milliseconds, from, steps.length, 0.5);
        String time = String.format(
                Locale.ROOT,
                "Median of the first tenth of them %.1f ms, of the last tenth %.1f ms: %.3f of it.",
                first,
                last,
                last / first);
        return Double.isNaN(gigabytes[0])
                ? time + " This system does not tell a process's resident memory."
                : time
                        + String.format(
                                Locale.ROOT,
                                " Resident at step %,d %.2f GB, at step %,d %.2f GB.",
                                (long) steps[tenth - 1],
                                gigabytes[tenth - 1],
                                (long) steps[steps.length - 1],
                                gigabytes[steps.length - 1]);
    }

    Figure figure(String run) {
        int stretches = Math.min(STRETCHES, steps.length);
        double[] x = new double[stretches];
        double[] median = new double[stretches];
        double[] low = new double[stretches];
        double[] high = new double[stretches];
        double[] memory = new double[stretches];
        for (int i = 0; i < stretches; i++) {
            int from = (int) ((long) i * steps.length / stretches);
            int to = (int) ((i + 1L) * steps.length / stretches);
            x[i] = steps[to - 1];
            median[i] = quantile(milliseconds, from, to, 0.5);
            low[i] = quantile(milliseconds, from, to, 0.1);
            high[i] = quantile(milliseconds, from, to, 0.9);
            memory[i] = quantile(gigabytes, from, to, 1);
        }
        List<LineChart> charts = new ArrayList<>();
        charts.add(LineChart.of("(a) Time of a step", "step", "milliseconds", false)
                .fromZero()
                .band("median and deciles of the logged steps", x, median, low, high));
        if (!Double.isNaN(memory[0])) {
            charts.add(LineChart.of("(b) Resident memory", "step", "GB", false)
                    .fromZero()
                    .line("resident memory", x, memory));
        }
        return LineChart.stacked("Time and memory of the steps", run, charts);
    }

    /** The value that a share of those from one place up to another do not exceed. */
    private static double quantile(double[] values, int from, int to, double share) {
        double[] sorted = Arrays.copyOfRange(values, from, to);
        Arrays.sort(sorted);
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }
}
