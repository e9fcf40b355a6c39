package norma.cli.terminal;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import norma.datasets.base.Progress;

/** Shows progress: a bar with rate and time left on a terminal, a plain line every few seconds elsewhere. */
public interface ProgressDisplay extends Progress, AutoCloseable {
    /** A few words behind the progress, such as the loss. */
    default void note(String words) {}

    /** Ends the bar that is showing, so that something else can be printed; later updates start another. */
    void finish();

    @Override
    default void close() {
        finish();
    }

    /** The launcher knows whether standard error is a terminal; Java only whether all of its streams are. */
    static ProgressDisplay on(PrintStream err) {
        return Boolean.getBoolean("norma.terminal") ? new Bar() : new Lines(err, Duration.ofSeconds(10));
    }

    /** Shows nothing. */
    static ProgressDisplay silent() {
        return new ProgressDisplay() {
            @Override
            public void update(String stage, long done, long total, String unit) {}

            @Override
            public void finish() {}
        };
    }

    /** One bar a stage, on standard error. */
    final class Bar implements ProgressDisplay {
        private String stage = "";
        private ProgressBar bar;

        @Override
        public void update(String newStage, long done, long total, String unit) {
            if (bar == null || !newStage.equals(stage)) {
                finish();
                stage = newStage;
                if (done == total) {
                    return; // a bar that is full at once only repeats the line before it
                }
                bar = new ProgressBarBuilder()
                        .setTaskName(newStage)
                        .setInitialMax(total)
                        .startsFrom(done, Duration.ZERO) // rate and time left from here on
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(250)
                        .setUnit(" " + unit, 1)
                        .showSpeed()
                        .build();
            }
            bar.maxHint(total);
            bar.stepTo(done);
        }

        @Override
        public void note(String words) {
            if (bar != null) {
                bar.setExtraMessage(" " + words);
            }
        }

        @Override
        public void finish() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }

    /** A line at the start of a stage, at its end, and now and then between. */
    final class Lines implements ProgressDisplay {
        private final PrintStream err;
        private final long interval;
        private String stage = "";
        private long stageStart;
        private long firstDone;
        private long lastLine;
        private String note = "";

        Lines(PrintStream err, Duration interval) {
            this.err = err;
            this.interval = interval.toNanos();
        }

        @Override
        public void update(String newStage, long done, long total, String unit) {
            long now = System.nanoTime();
            if (!newStage.equals(stage)) {
                stage = newStage;
                stageStart = now;
                firstDone = done;
                note = "";
                lastLine = now - interval;
            }
            boolean ended = done == total && done > firstDone;
            if (now - lastLine >= interval || ended) {
                lastLine = now;
                err.println(line(done, total, unit, (now - stageStart) / 1e9));
            }
        }

        private String line(long done, long total, String unit, double seconds) {
            StringBuilder line = new StringBuilder(stage).append(": ").append(String.format(Locale.ROOT, "%,d", done));
            if (total >= 0) {
                line.append(String.format(Locale.ROOT, " of %,d", total));
            }
            line.append(' ').append(unit);
            double rate = (done - firstDone) / seconds;
            if (done > firstDone && seconds > 0) {
                line.append(String.format(Locale.ROOT, rate < 10 ? ", %.2f a second" : ", %,.0f a second", rate));
                if (total > done) {
                    line.append(", ")
                            .append(clock((long) ((total - done) / rate)))
                            .append(" left");
                }
            }
            return line.append(note).toString();
        }

        private static String clock(long seconds) {
            return String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
        }

        @Override
        public void note(String words) {
            note = ", " + words;
        }

        @Override
        public void finish() {}
    }
}
