package norma.trainer.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonObject;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.RecordingDigest;

/**
 * What a run has recorded up to a checkpoint, as the checkpoint's {@code state.json} keeps it. A digit that was changed
 * in {@code metrics.jsonl}, and whole files of {@code layernorm.zarr} that were exchanged, are seen by nothing else.
 *
 * @param layerNorms of the recording, see {@link RecordingDigest}
 * @param metrics of the lines of {@code metrics.jsonl}, see {@link MetricsDigest}
 */
public record RecordedDigests(String layerNorms, String metrics) {
    private static final String RECORDED = "recorded";
    private static final String LAYER_NORMS = "layernorm_sha256";
    private static final String METRICS = "metrics_sha256";

    /** Of everything so far; what the recorder still holds becomes durable first. */
    public static RecordedDigests of(LayerNormRecorder recorder, MetricsLog metrics) {
        return new RecordedDigests(recorder.sha256(), metrics.sha256());
    }

    /** Writes it into a checkpoint's state. */
    public void putInto(ObjectNode state) {
        state.putObject(RECORDED).put(LAYER_NORMS, layerNorms).put(METRICS, metrics);
    }

    /** What a checkpoint's state keeps; empty in one of an earlier version. */
    public static Optional<RecordedDigests> in(JsonObject state) {
        if (!state.has(RECORDED)) {
            return Optional.empty();
        }
        JsonObject recorded = state.object(RECORDED);
        return Optional.of(new RecordedDigests(recorded.text(LAYER_NORMS), recorded.text(METRICS)));
    }

    /**
     * The first thing that is not as it was when the checkpoint was written; empty if nothing.
     *
     * @param now as it is now
     * @param files of the run
     * @param state of the checkpoint, for the message
     * @param step of it
     */
    public Optional<String> difference(RecordedDigests now, RunFiles files, JsonObject state, long step) {
        return !now.layerNorms.equals(layerNorms)
                ? Optional.of(difference(files.layerNorms() + ": the values", state, step))
                : !now.metrics.equals(metrics)
                        ? Optional.of(difference(files.metrics() + ": the lines", state, step))
                        : Optional.empty();
    }

    private static String difference(String what, JsonObject state, long step) {
        return what + " up to step " + step + " differ from their SHA-256 in " + state.source();
    }

    /**
     * Refuses what was recorded if it is not as it was when the checkpoint was written.
     *
     * @throws InvalidInputException naming the file that differs
     */
    public static void require(RecordedDigests now, RunFiles files, JsonObject state, long step) {
        in(state)
                .flatMap(written -> written.difference(now, files, state, step))
                .ifPresent(words -> {
                    throw new InvalidInputException(words + ", expected what was recorded before the checkpoint");
                });
    }
}
