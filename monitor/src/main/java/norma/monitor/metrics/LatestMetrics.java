package norma.monitor.metrics;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import norma.datasets.files.FileProblem;
import norma.datasets.files.GrowingLines;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsReader;

/**
 * The end of a run's metrics, for the list of runs: of a long file its last part alone is read, and then what is added.
 */
public final class LatestMetrics {
    private static final int TAIL = 1 << 18;
    private static final int KEPT = 20;

    private final Path file;
    private final GrowingLines lines;
    private final Deque<Double> seconds = new ArrayDeque<>();
    private LoggedFigures last;
    private double validationLoss = Double.NaN;
    private double perplexity = Double.NaN;
    private int outliers = -1;
    private boolean started;
    private Optional<String> problem = Optional.empty();

    /** Of a file that need not exist yet. */
    public LatestMetrics(Path file) {
        this.file = file;
        lines = new GrowingLines(file, MetricsReader.LONGEST_LINE);
    }

    /** Reads what the file has gained. */
    public void readOn() {
        try {
            if (!started) {
                lines.skipTo(lineStartNearEnd());
                started = true;
            }
            lines.readOn(new GrowingLines.Taker() {
                @Override
                public boolean line(byte[] bytes, int from, int length) throws IOException {
                    take(LoggedFigures.parse(bytes, from, length));
                    return true;
                }

                @Override
                public long again() throws IOException {
                    last = null;
                    seconds.clear();
                    validationLoss = Double.NaN;
                    perplexity = Double.NaN;
                    outliers = -1;
                    return lineStartNearEnd();
                }

                @Override
                public IOException tooLong(int bytes) {
                    return new IOException("a line has more than " + bytes + " bytes");
                }
            });
            problem = Optional.empty();
        } catch (IOException e) {
            problem = Optional.of(file.getParent().getFileName() + "/" + file.getFileName() + ": damaged: "
                    + FileProblem.reason(e).lines().findFirst().orElse(""));
        }
    }

    private long lineStartNearEnd() throws IOException {
        if (!file.toFile().exists()) {
            return 0;
        }
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long from = in.length() - TAIL;
            if (from <= 0) {
                return 0;
            }
            in.seek(from);
            byte[] tail = new byte[TAIL];
            int got = in.read(tail);
            for (int i = 0; i < got; i++) {
                if (tail[i] == '\n') {
                    return from + i + 1;
                }
            }
            return from + got;
        }
    }

    private void take(LoggedFigures line) {
        if (line.training().containsKey(MetricNames.LOSS)) {
            last = line;
        } else if (last == null) {
            last = line;
        }
        double each = line.training(MetricNames.STEP_SECONDS);
        if (!Double.isNaN(each)) {
            seconds.addLast(each);
            if (seconds.size() > KEPT) {
                seconds.removeFirst();
            }
        }
        if (line.validation().containsKey(MetricNames.LOSS)) {
            validationLoss = line.validation().get(MetricNames.LOSS);
            perplexity = line.validation().getOrDefault(MetricNames.PERPLEXITY, Double.NaN);
        }
        outliers = line.outlierCount() < 0 ? outliers : line.outlierCount();
    }

    /** The last line with a loss; empty if there is none. */
    public Optional<LoggedFigures> last() {
        return Optional.ofNullable(last);
    }

    /** Validation loss over tokens at the last evaluation that was read; NaN if there is none. */
    public double validationLoss() {
        return validationLoss;
    }

    /** The perplexity there. */
    public double perplexity() {
        return perplexity;
    }

    /** Outlier dimensions by the paper's rule; −1 where no line says. */
    public int outliers() {
        return outliers;
    }

    /** Median seconds of a step over the last lines; NaN if there is none. */
    public double secondsPerStep() {
        return seconds.isEmpty()
                ? Double.NaN
                : seconds.stream().sorted().skip(seconds.size() / 2).findFirst().orElse(Double.NaN);
    }

    /** Why the file could not be read. */
    public Optional<String> problem() {
        return problem;
    }
}
