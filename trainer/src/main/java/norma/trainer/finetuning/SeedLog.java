package norma.trainer.finetuning;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;
import norma.datasets.metrics.Metric;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.RecordedDigests;
import norma.trainer.step.ClassificationLearner;
import norma.trainer.tensorboard.EventWriter;

/** Writes what is measured at a step of a fine-tuning to metrics.jsonl and to TensorBoard. */
final class SeedLog {
    private final MetricsLog metrics;
    private final EventWriter events;
    private final SnapshotLayout layout;

    SeedLog(MetricsLog metrics, EventWriter events, SnapshotLayout layout) {
        this.metrics = metrics;
        this.events = events;
        this.layout = layout;
    }

    /**
     * Writes a step's line.
     *
     * @param epoch that the step belongs to, from 1
     * @param learningRate of the update that led to the step
     * @param scores at the end of the epoch; empty at other steps
     */
    void write(
            long step,
            int epoch,
            ClassificationLearner.Outcome outcome,
            double learningRate,
            Optional<EpochScores> scores)
            throws IOException {
        ObjectNode line = MetricsLog.line(step);
        line.put(MetricNames.EPOCH, epoch);
        put(line, MetricNames.LOSS, outcome.loss(), step);
        put(line, MetricNames.LEARNING_RATE, learningRate, step);
        put(line, MetricNames.GRAD_NORM, outcome.gradientNorm(), step);
        if (scores.isPresent()) {
            ObjectNode devs = line.putObject(MetricNames.DEV);
            for (DevScores dev : scores.get().devs()) {
                dev.putInto(devs);
                curve(dev, step);
            }
        }
        metrics.write(line);
    }

    private void put(ObjectNode line, String key, double value, long step) {
        MetricsLog.put(line, key, value);
        events.scalar("train/" + key, value, step);
    }

    private void curve(DevScores dev, long step) {
        events.scalar(dev.split() + "/loss", dev.loss(), step);
        for (Metric metric : dev.metrics().keySet()) {
            double value = dev.metrics().get(metric);
            if (!Double.isNaN(value)) { // a correlation with what is constant
                events.scalar(dev.split() + "/" + metric.key(), value, step);
            }
        }
    }

    /**
     * Adds the distribution of every LayerNorm vector to TensorBoard, how far its most extreme value lies from the
     * others, and how many outlier dimensions there are by the paper's rule.
     *
     * @param snapshot LayerNorm parameters at the step
     */
    void layerNorms(long step, float[] snapshot) {
        events.scalar(
                "layernorm/outlier_dimensions",
                OutlierRule.PAPER.apply(snapshot, layout).size(),
                step);
        int site = 0;
        for (SiteStatistics statistics : SiteStatistics.of(snapshot, layout)) {
            for (Part part : Part.values()) {
                if (layout.has(site, part)) {
                    String tag = "layernorm/" + statistics.site() + "/" + part.label();
                    events.histogram(tag, snapshot, layout.offset(site, part), layout.width(site), step);
                    events.scalar(tag + "/largest_z", statistics.of(part).largestZ(), step);
                }
            }
            site++;
        }
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
}
