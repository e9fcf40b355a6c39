package norma.cli.terminal;

import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import norma.datasets.base.Quoted;

/** One bar a stage, on the process's standard error. */
final class ProgressBars implements ProgressDisplay {
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
                    .setTaskName(Quoted.escaped(newStage))
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
