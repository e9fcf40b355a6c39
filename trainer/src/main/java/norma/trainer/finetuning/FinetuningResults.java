package norma.trainer.finetuning;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.trainer.finetuning.FinetuningSummary.Spread;

/**
 * What a fine-tuning came to, as {@link FinetuningSummary#json} wrote it into {@code results.json}, read without its
 * task. Scores are known by the keys of their metrics; one that is undefined is NaN.
 *
 * @param task what was learnt
 * @param checkpoint the pre-trained model's folder, as it was named
 * @param headline the metrics that the task is known by
 * @param majority for each held-out split the scores of the most frequent training label
 * @param bestEpoch for each held-out split mean and spread of every metric over the seeds' best epochs
 * @param seeds in their order
 */
public record FinetuningResults(
        String task,
        String checkpoint,
        List<String> headline,
        Map<String, Map<String, Double>> majority,
        Map<String, Map<String, Spread>> bestEpoch,
        List<Seed> seeds) {
    private static final String DEVIATION = "_std";

    public FinetuningResults {
        headline = List.copyOf(headline);
        majority = Collections.unmodifiableMap(new LinkedHashMap<>(majority));
        bestEpoch = Collections.unmodifiableMap(new LinkedHashMap<>(bestEpoch));
        seeds = List.copyOf(seeds);
    }

    /**
     * A seed.
     *
     * @param seed of its classifier, order and dropout
     * @param bestEpoch number of its best epoch, from 1
     * @param model folder of that epoch's model, below the fine-tuning's
     * @param epochs in their order
     */
    public record Seed(long seed, int bestEpoch, String model, List<Epoch> epochs) {
        public Seed {
            epochs = List.copyOf(epochs);
        }
    }

    /**
     * An epoch.
     *
     * @param epoch from 1
     * @param step steps taken
     * @param trainingLoss mean over the epoch's steps
     * @param dev for each held-out split its scores, the loss among them
     */
    public record Epoch(int epoch, long step, double trainingLoss, Map<String, Map<String, Double>> dev) {
        public Epoch {
            dev = Collections.unmodifiableMap(new LinkedHashMap<>(dev));
        }
    }

    /**
     * Reads the results of a fine-tuning that has ended.
     *
     * @param file {@link norma.trainer.run.RunFiles#results}
     * @throws norma.datasets.base.InvalidInputException naming file and key of what is missing or of another type
     */
    public static FinetuningResults read(Path file) {
        JsonObject json = JsonFile.read(file, "the results of a fine-tuning");
        Map<String, Map<String, Spread>> best = new LinkedHashMap<>();
        json.object("best_epoch").objectsByKey().forEach((split, scores) -> best.put(split, spreads(scores)));
        return new FinetuningResults(
                json.text("task"),
                json.text("checkpoint"),
                json.texts("headline"),
                scoresBySplit(json.object("majority_baseline")),
                best,
                json.objects("seeds").stream().map(FinetuningResults::seed).toList());
    }

    private static Map<String, Spread> spreads(JsonObject scores) {
        Map<String, Spread> spreads = new LinkedHashMap<>();
        for (String key : scores.keys()) {
            if (scores.node().has(key + DEVIATION)) {
                spreads.put(key, new Spread(scores.writtenNumber(key), scores.writtenNumber(key + DEVIATION)));
            }
        }
        return spreads;
    }

    private static Seed seed(JsonObject json) {
        List<Epoch> epochs = new ArrayList<>();
        for (JsonObject epoch : json.objects("epochs")) {
            epochs.add(new Epoch(
                    epoch.count("epoch", 1),
                    epoch.wholeNumber("step", 1),
                    epoch.writtenNumber("training_loss"),
                    scoresBySplit(epoch.object("dev"))));
        }
        return new Seed(
                json.wholeNumber("seed", Long.MIN_VALUE), json.count("best_epoch", 1), json.text("model"), epochs);
    }

    private static Map<String, Map<String, Double>> scoresBySplit(JsonObject json) {
        Map<String, Map<String, Double>> splits = new LinkedHashMap<>();
        json.objectsByKey().forEach((split, scores) -> {
            Map<String, Double> ofSplit = new LinkedHashMap<>();
            scores.keys().forEach(key -> ofSplit.put(key, scores.writtenNumber(key)));
            splits.put(split, Collections.unmodifiableMap(ofSplit));
        });
        return splits;
    }
}
