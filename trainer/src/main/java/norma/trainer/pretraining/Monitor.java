package norma.trainer.pretraining;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import norma.datasets.pretraining.ContextFreeLosses;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.model.LossTerm;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.RecordedDigests;
import norma.trainer.run.ResidentMemory;
import norma.trainer.step.Learner;
import norma.trainer.tensorboard.EventWriter;

/** Writes what is measured at a step to metrics.jsonl and to TensorBoard. */
final class Monitor implements AutoCloseable {
    /** Groups of TensorBoard's tags. */
    private static final String TRAIN = "train/";

    private static final String VALIDATION = MetricNames.VALIDATION + "/";
    private static final String LAYER_NORM = MetricNames.LAYER_NORM + "/";

    private final MetricsLog metrics;
    private final EventWriter events;
    private final List<LossTerm> terms;
    private final ContextFreeLosses contextFree;
    private final SnapshotLayout layout;

    Monitor(
            MetricsLog metrics,
            EventWriter events,
            List<LossTerm> terms,
            ContextFreeLosses contextFree,
            SnapshotLayout layout) {
        this.metrics = metrics;
        this.events = events;
        this.terms = terms;
        this.contextFree = contextFree;
        this.layout = layout;
    }

    /**
     * Writes a step's line.
     *
     * @param outcome of the update that led to the step; null if it is not to be logged
     * @param learningRate of that update
     * @param tokens of an update's batch, the mean since the last look at the loss
     * @param seconds that an update took, the mean since then
     * @param evaluation at the step; null if there was none
     * @param snapshot LayerNorm parameters at the step, as the layout has them
     */
    void write(
            long step,
            Learner.Outcome outcome,
            double learningRate,
            double tokens,
            double seconds,
            Learner.Evaluation evaluation,
            float[] snapshot)
            throws IOException {
        ObjectNode line = MetricsLog.line(step);
        if (outcome != null) {
            training(line, step, outcome, learningRate, tokens, seconds);
        }
        if (evaluation != null) {
            validation(line, step, evaluation);
        }
        layerNorms(line, step, snapshot);
        metrics.write(line);
    }

    private void training(
            ObjectNode line, long step, Learner.Outcome outcome, double learningRate, double tokens, double seconds) {
        put(line, MetricNames.LOSS, TRAIN, outcome.total(), step);
        for (int i = 0; i < terms.size(); i++) {
            String key = terms.get(i).name() + MetricNames.LOSS_OF_TERM;
            if (terms.size() == 1) {
                MetricsLog.put(line, key, outcome.terms().get(i)); // the curve is that of the sum
            } else {
                put(line, key, TRAIN, outcome.terms().get(i), step);
            }
        }
        put(line, MetricNames.LEARNING_RATE, TRAIN, learningRate, step);
        put(line, MetricNames.GRAD_NORM, TRAIN, outcome.gradientNorm(), step);
        put(line, MetricNames.STEP_SECONDS, TRAIN, seconds, step);
        put(line, MetricNames.TOKENS_PER_SECOND, TRAIN, tokens / seconds, step);
        ResidentMemory.bytes().ifPresent(bytes -> {
            line.put(MetricNames.RESIDENT_BYTES, bytes);
            events.scalar(TRAIN + MetricNames.RESIDENT_BYTES, (double) bytes, step);
        });
    }

    private void validation(ObjectNode line, long step, Learner.Evaluation evaluation) {
        ObjectNode validation = line.putObject(MetricNames.VALIDATION);
        Learner.TermScore tokens = evaluation.tokens();
        put(validation, tokens.name() + MetricNames.LOSS_OF_TERM, VALIDATION, tokens.loss(), step);
        put(validation, MetricNames.PERPLEXITY, VALIDATION, evaluation.perplexity(), step);
        put(validation, MetricNames.ACCURACY, VALIDATION, tokens.accuracy(), step);
        validation.put(MetricNames.PREDICTIONS, tokens.predictions());
        put(validation, MetricNames.UNIGRAM_LOSS, VALIDATION, contextFree.unigram(), step);
        put(validation, MetricNames.UNIGRAM_ENTROPY, VALIDATION, contextFree.entropy(), step);
        put(validation, MetricNames.CONTEXT_FREE_LOSS, VALIDATION, contextFree.contextFree(), step);
        for (Learner.TermScore more : evaluation.others()) {
            put(validation, more.name() + MetricNames.LOSS_OF_TERM, VALIDATION, more.loss(), step);
            put(validation, more.name() + MetricNames.ACCURACY_OF_TERM, VALIDATION, more.accuracy(), step);
        }
    }

    /** Adds the distribution of every LayerNorm vector at a step to TensorBoard. */
    void histograms(long step, float[] snapshot) {
        for (int site = 0; site < layout.size(); site++) {
            for (Part part : Part.values()) {
                if (layout.has(site, part)) {
                    String tag = tag(layout.site(site).name(), part);
                    events.histogram(tag, snapshot, layout.offset(site, part), layout.width(site), step);
                }
            }
        }
    }

    private void layerNorms(ObjectNode line, long step, float[] snapshot) {
        List<OutlierDimension> outliers = OutlierRule.PAPER.ofMain(snapshot, layout);
        ObjectNode layerNorm = line.putObject(MetricNames.LAYER_NORM);
        var dimensions = layerNorm.putArray(MetricNames.OUTLIER_DIMENSIONS);
        outliers.forEach(outlier -> dimensions.add(outlier.dimension()));
        events.scalar(LAYER_NORM + MetricNames.OUTLIER_DIMENSIONS, outliers.size(), step);
        ObjectNode bySite = layerNorm.putObject(MetricNames.SITES);
        for (SiteStatistics site : SiteStatistics.of(snapshot, layout)) {
            ObjectNode json = bySite.putObject(site.site());
            for (Part part : Part.values()) {
                if (site.of(part) == null) {
                    json.putNull(part.label());
                } else {
                    vector(json.putObject(part.label()), tag(site.site(), part), site.of(part), step);
                }
            }
        }
    }

    private static String tag(String site, Part part) {
        return LAYER_NORM + site + "/" + part.label();
    }

    private void vector(ObjectNode json, String tag, VectorStatistics statistics, long step) {
        put(json, MetricNames.LARGEST_Z, tag + "/", statistics.largestZ(), step);
        count(json, MetricNames.DIMENSION, tag + "/", statistics.dimension(), step);
        count(json, MetricNames.BEYOND_3_SIGMA, tag + "/", statistics.beyond(), step);
    }

    private void count(ObjectNode json, String key, String group, int value, long step) {
        json.put(key, value);
        events.scalar(group + key, value, step);
    }

    private void put(ObjectNode json, String key, String group, double value, long step) {
        MetricsLog.put(json, key, value);
        if (!Double.isNaN(value)) { // nothing was predicted
            events.scalar(group + key, value, step);
        }
    }

    void picture(String tag, byte[] png, long step) {
        events.image(tag, png, step);
    }

    /** What was recorded and logged so far. */
    RecordedDigests recordedWith(LayerNormRecorder recorder) {
        return RecordedDigests.of(recorder, metrics);
    }

    /** Makes everything written so far durable. */
    void flush() throws IOException {
        metrics.force();
        events.flush();
    }

    @Override
    public void close() throws IOException {
        try (metrics) {
            events.close();
        }
    }
}
