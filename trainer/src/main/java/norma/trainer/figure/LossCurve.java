package norma.trainer.figure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;

/** The losses in {@code metrics.jsonl}, thinned; reads on from where it stopped. */
final class LossCurve {
    private static final String TRAINING = "loss";
    private static final String VALIDATION = "/validation/mlm_loss";
    private static final String UNIGRAM = "/validation/unigram_loss";
    private static final String CONTEXT_FREE = "/validation/context_free_loss";

    private final ObjectMapper json = new ObjectMapper();
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

    private void take(byte[] line, Path metrics) throws IOException {
        JsonNode node;
        try {
            node = json.readTree(line);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    metrics + ": the line that ends at byte " + bytesRead + " is not JSON (" + e.getOriginalMessage()
                            + ")",
                    e);
        }
        long step = node.path("step").asLong();
        training.take(step, node.path(TRAINING));
        validation.take(step, node.at(VALIDATION));
        unigram.take(step, node.at(UNIGRAM));
        contextFree.take(step, node.at(CONTEXT_FREE));
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
