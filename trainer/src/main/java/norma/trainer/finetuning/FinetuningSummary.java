package norma.trainer.finetuning;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.metrics.Metric;
import norma.datasets.tasks.LabelledTask;
import norma.trainer.config.FinetuneConfig;
import norma.trainer.run.MetricsLog;

/**
 * How a fine-tuning stands when its process ends.
 *
 * @param folder of the run
 * @param config with every default decided
 * @param task what was learnt
 * @param baseline per held-out split, the metrics of the most frequent training label (for numbers, of their mean)
 * @param seeds those that have ended
 */
public record FinetuningSummary(
        Path folder,
        FinetuneConfig config,
        LabelledTask task,
        Map<String, Map<Metric, Double>> baseline,
        List<SeedResult> seeds) {
    /** Copies. */
    public FinetuningSummary {
        baseline = new LinkedHashMap<>(baseline);
        seeds = List.copyOf(seeds);
    }

    /** Whether somebody stopped it before its end. */
    public boolean interrupted() {
        return seeds.size() < config.seeds();
    }

    /**
     * Mean and spread of a score over the seeds' best epochs.
     *
     * @param mean NaN where a seed's score is undefined
     * @param deviation sample standard deviation, sqrt(Σ(value − mean)² / (n − 1)), which estimates that of all seeds;
     *     NaN of one value, which has no spread
     */
    public record Spread(double mean, double deviation) {
        /** Of some values, at least one. */
        public static Spread of(double[] values) {
            double mean = 0;
            for (double value : values) {
                mean += value / values.length;
            }
            double squares = 0;
            for (double value : values) {
                squares += (value - mean) * (value - mean);
            }
            return new Spread(mean, values.length == 1 ? Double.NaN : Math.sqrt(squares / (values.length - 1)));
        }
    }

    /** Of a metric on the held-out split of a number, over the seeds that have ended. */
    public Spread spread(int split, Metric metric) {
        return Spread.of(seeds.stream()
                .mapToDouble(seed -> seed.best().devs().get(split).metrics().get(metric))
                .toArray());
    }

    /** As results.json has it; the same bytes from the same seeds. */
    public ObjectNode json() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("task", task.name());
        json.put("checkpoint", config.checkpoint());
        json.put("interrupted", interrupted());
        json.put("epochs", config.epochs());
        json.put("training_examples", task.train().examples().size());
        ArrayNode headline = json.putArray("headline");
        task.headline().forEach(metric -> headline.add(metric.key()));
        ObjectNode majority = json.putObject("majority_baseline");
        baseline.forEach((split, metrics) -> DevScores.putInto(majority.putObject(split), metrics));
        json.put("spread", "sample standard deviation over seeds (n - 1), null of one seed");
        if (!seeds.isEmpty()) {
            spreads(json.putObject("best_epoch"));
        }
        ArrayNode bySeed = json.putArray("seeds");
        for (SeedResult seed : seeds) {
            ObjectNode entry = bySeed.addObject();
            entry.put("seed", seed.seed());
            entry.put("best_epoch", seed.best().epoch());
            entry.put("model", folder.relativize(seed.checkpoint()).toString());
            EpochScores.put(entry.putArray("epochs"), seed.epochs());
        }
        return json;
    }

    private void spreads(ObjectNode json) {
        for (int split = 0; split < task.devs().size(); split++) {
            ObjectNode scores = json.putObject(task.devs().get(split).name());
            scores.put("examples", task.devs().get(split).examples().size());
            for (Metric metric : task.metrics()) {
                Spread spread = spread(split, metric);
                MetricsLog.put(scores, metric.key(), spread.mean());
                MetricsLog.put(scores, metric.key() + "_std", spread.deviation());
            }
        }
    }
}
