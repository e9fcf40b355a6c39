package norma.trainer.figure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalDouble;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsLine;
import norma.trainer.run.MetricsReader;

/** The losses in {@code metrics.jsonl}, thinned; reads on from where it stopped. */
final class LossCurve {
    private final MetricsReader metrics;
    private Series training;
    private Series validation;
    private Series unigram;
    private Series contextFree;

    LossCurve(Path metrics) {
        this.metrics = new MetricsReader(metrics);
        clear();
    }

    private void clear() {
        training = new Series();
        validation = new Series();
        unigram = new Series();
        contextFree = new Series();
    }

    /** Reads the lines written since the last time. */
    void update() throws IOException {
        metrics.readOn(new MetricsReader.Visitor() {
            @Override
            public boolean visit(MetricsLine line) {
                take(line);
                return true;
            }

            @Override
            public void beginAgain() {
                clear();
            }
        });
    }

    private void take(MetricsLine line) {
        long step = line.step();
        training.take(step, line.figure(MetricNames.LOSS));
        validation.take(step, line.validationLoss());
        unigram.take(step, line.validation(MetricNames.UNIGRAM_LOSS));
        contextFree.take(step, line.validation(MetricNames.CONTEXT_FREE_LOSS));
    }

    ThinnedSeries<Double> training() {
        return training.points;
    }

    ThinnedSeries<Double> validation() {
        return validation.points;
    }

    /** The best loss of a prediction that is the same everywhere; empty in a run of before it was measured. */
    ThinnedSeries<Double> unigram() {
        return unigram.points;
    }

    /** The best loss of a prediction without context; likewise. */
    ThinnedSeries<Double> contextFree() {
        return contextFree.points;
    }

    private static final class Series {
        private final ThinnedSeries<Double> points = new ThinnedSeries<>();
        private long number;

        void take(long step, OptionalDouble value) {
            if (value.isPresent()) {
                if (points.wants(number)) {
                    points.add(number, step, value.getAsDouble());
                }
                number++;
            }
        }
    }
}
