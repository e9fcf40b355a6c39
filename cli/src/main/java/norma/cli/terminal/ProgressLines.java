package norma.cli.terminal;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** A line at the start of a stage, at its end, and now and then between. */
final class ProgressLines implements ProgressDisplay {
    private static final long INTERVAL = Duration.ofSeconds(10).toNanos();

    private final PrintStream err;
    private String stage = "";
    private long stageStart;
    private long firstDone;
    private long lastLine;
    private String note = "";

    ProgressLines(PrintStream err) {
        this.err = err;
    }

    @Override
    public void update(String newStage, long done, long total, String unit) {
        long now = System.nanoTime();
        if (!newStage.equals(stage)) {
            stage = newStage;
            stageStart = now;
            firstDone = done;
            note = "";
            lastLine = now - INTERVAL;
        }
        boolean ended = done == total && done > firstDone;
        if (now - lastLine >= INTERVAL || ended) {
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
                line.append(", ").append(clock((long) ((total - done) / rate))).append(" left");
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
