package norma.trainer.figure;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/** The losses in {@code metrics.jsonl}, thinned; reads on from where it stopped. */
final class LossCurve {
    private static final String TRAINING = "loss";
    private static final String VALIDATION = "/validation/mlm_loss";
    private static final String UNIGRAM = "/validation/unigram_loss";
    private static final String CONTEXT_FREE = "/validation/context_free_loss";

    private final Series training = new Series();
    private final Series validation = new Series();
    private final Series unigram = new Series();
    private final Series contextFree = new Series();
    private long bytesRead;

    /** Reads the lines written since the last time; a last line without its end is left for the next time. */
    void update(Path metrics) throws IOException {
        if (!Files.exists(metrics)) {
            return;
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(metrics), 1 << 16)) {
            in.skipNBytes(bytesRead);
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                line.write(b);
                if (b == '\n') {
                    bytesRead += line.size();
                    take(line.toByteArray(), metrics);
                    line.reset();
                }
            }
        }
    }

    private void take(byte[] line, Path metrics) {
        JsonObject json = JsonFile.parse(line, metrics + ": the line that ends at byte " + bytesRead);
        long step = json.wholeNumber("step", 0);
        training.take(step, json.node().path(TRAINING));
        validation.take(step, json.node().at(VALIDATION));
        unigram.take(step, json.node().at(UNIGRAM));
        contextFree.take(step, json.node().at(CONTEXT_FREE));
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
