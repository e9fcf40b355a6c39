package norma.trainer.figure;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.MetricsReader;

/** The losses in {@code metrics.jsonl}, thinned; reads on from where it stopped. */
final class LossCurve {
    private static final String TRAINING = "loss";
    private static final String UNIGRAM = "/validation/unigram_loss";
    private static final String CONTEXT_FREE = "/validation/context_free_loss";

    private final MetricsReader metrics;
    private final Series training = new Series();
    private final Series validation = new Series();
    private final Series unigram = new Series();
    private final Series contextFree = new Series();

    LossCurve(Path metrics) {
        this.metrics = new MetricsReader(metrics);
    }

    /** Reads the lines written since the last time. */
    void update() throws IOException {
        metrics.readOn(this::take);
    }

    private boolean take(JsonNode line) {
        long step = line.path("step").asLong();
        training.take(step, line.path(TRAINING));
        validation.take(step, MetricsLog.validationLoss(line));
        unigram.take(step, line.at(UNIGRAM));
        contextFree.take(step, line.at(CONTEXT_FREE));
        return true;
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

        void take(long step, JsonNode value) {
            if (value.isNumber()) {
                if (points.wants(number)) {
                    points.add(number, step, value.asDouble());
                }
                number++;
            }
        }
    }
}
