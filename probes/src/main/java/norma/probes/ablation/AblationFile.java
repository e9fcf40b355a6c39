package norma.probes.ablation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.probes.evaluation.LanguageModelEvaluation;

/**
 * What {@code norma ablate} kept, as {@link AblationJson} wrote it: of the checkpoints of a run, or of one. A score
 * that was undefined is NaN; keys that files of earlier commits lack may be missing.
 *
 * @param command that makes it; empty where it was not noted
 * @param kind of the evaluation, such as {@code masked language model} or {@code task}; empty where it was not noted
 * @param rows sequences that were evaluated; empty for a task
 * @param checkpoints in the file's order
 */
public record AblationFile(
        Optional<String> command, Optional<String> kind, Optional<Long> rows, List<Checkpoint> checkpoints) {
    public AblationFile {
        checkpoints = List.copyOf(checkpoints);
    }

    /**
     * A checkpoint.
     *
     * @param model its folder; empty where it was not noted
     * @param step empty for a model of no run
     * @param full scores of the whole model
     * @param ablations what was switched off, and what the model then is
     * @param baselines the same number of other dimensions
     */
    public record Checkpoint(
            Optional<String> model,
            Optional<Long> step,
            Map<String, Double> full,
            List<Ablation> ablations,
            List<Others> baselines) {
        public Checkpoint {
            full = Map.copyOf(full);
            ablations = List.copyOf(ablations);
            baselines = List.copyOf(baselines);
        }

        /** A score of the whole model; NaN if there is none. */
        public double full(String score) {
            return full.getOrDefault(score, Double.NaN);
        }

        /** The ablation of a name. */
        public Optional<Ablation> ablation(String name) {
            return ablations.stream().filter(one -> one.name().equals(name)).findFirst();
        }

        /** Random draws of as many dimensions as an ablation switches off; empty if none were made. */
        public Optional<Others> random(Ablation ablation) {
            return baselines.stream()
                    .filter(others -> others.areRandom(ablation.dimensions().size()))
                    .findFirst();
        }

        /** What an ablation costs, as the rise of the loss, beside random draws of as many dimensions. */
        public Cost cost(Ablation ablation) {
            double whole = full(LanguageModelEvaluation.LOSS);
            Optional<Others> random = random(ablation);
            return new Cost(
                    ablation.score(LanguageModelEvaluation.LOSS) - whole,
                    random.map(others -> others.mean(LanguageModelEvaluation.LOSS) - whole)
                            .orElse(Double.NaN),
                    random.map(others -> Cost.error(others.std(LanguageModelEvaluation.LOSS), others.draws()))
                            .orElse(Double.NaN));
        }
    }

    /**
     * An ablation.
     *
     * @param name such as {@code own} or {@code 308,381}
     * @param dimensions that were switched off; empty where a rule found none
     * @param place where, for people and for comparison with another ablation's
     * @param scores of the model without them
     * @param cost rise of the loss, or fall of a task's first score; NaN where it was not noted
     */
    public record Ablation(
            String name, List<Integer> dimensions, String place, Map<String, Double> scores, double cost) {
        public Ablation {
            dimensions = List.copyOf(dimensions);
            scores = Map.copyOf(scores);
        }

        /** A score; NaN if there is none. */
        public double score(String score) {
            return scores.getOrDefault(score, Double.NaN);
        }
    }

    /**
     * Draws of other dimensions.
     *
     * @param name such as {@code random:20}; empty where it was not noted
     * @param others what they are, for people; empty where it was not noted
     * @param size dimensions of each draw; 0 where it was not noted
     * @param draws how many
     * @param figures mean and standard deviation of each score over the draws, such as {@code loss_mean}
     */
    public record Others(String name, String others, int size, int draws, Map<String, Double> figures) {
        public Others {
            figures = Map.copyOf(figures);
        }

        /** Mean of a score over the draws; NaN if there is none. */
        public double mean(String score) {
            return figures.getOrDefault(score + "_mean", Double.NaN);
        }

        /** Standard deviation of a score over the draws; NaN if there is none. */
        public double std(String score) {
            return figures.getOrDefault(score + "_std", Double.NaN);
        }

        /** Whether they are the random draws that an ablation of as many dimensions is compared with. */
        private boolean areRandom(int dimensions) {
            return name.startsWith("random") && size == dimensions;
        }
    }

    static AblationFile read(Path file) {
        JsonObject json = JsonFile.read(file, "what norma ablate keeps");
        Optional<JsonObject> evaluation =
                json.has("evaluation") ? Optional.of(json.object("evaluation")) : Optional.empty();
        return new AblationFile(
                json.textIfAny("command"),
                evaluation.map(one -> one.text("kind")),
                evaluation.flatMap(one -> one.wholeNumberIfAny("rows", 0)),
                json.node().has("full")
                        ? List.of(checkpoint(json))
                        : json.objects("checkpoints").stream()
                                .map(AblationFile::checkpoint)
                                .toList());
    }

    private static Checkpoint checkpoint(JsonObject json) {
        Map<String, Double> full = figures(json.object("full"));
        json.object("full").number("loss");
        List<Others> baselines = new ArrayList<>();
        if (json.has("baselines")) { // one alone stands in a field of its own
            json.objects("baselines").forEach(one -> baselines.add(others(one)));
        } else if (json.has("baseline")) {
            baselines.add(others(json.object("baseline")));
        }
        return new Checkpoint(
                json.textIfAny("model"),
                json.wholeNumberIfAny("step", 0),
                full,
                json.objects("ablations").stream().map(AblationFile::ablation).toList(),
                baselines);
    }

    private static Ablation ablation(JsonObject json) {
        String place = String.join(
                "; ",
                "sites " + json.node().path("sites").asText(),
                "layers " + json.node().path("layers"),
                "parts " + json.node().path("parts"),
                "value " + json.node().path("value").asText());
        json.number("loss");
        return new Ablation(json.text("name"), json.counts("dimensions"), place, figures(json), json.number("cost"));
    }

    private static Others others(JsonObject json) {
        json.number("loss_mean");
        json.number("loss_std");
        return new Others(
                json.textIfAny("name").orElse(""),
                json.textIfAny("others").orElse(""),
                json.has("dimensions_per_draw") ? json.count("dimensions_per_draw", 0) : 0,
                json.objectsIfAny("draws").size(),
                figures(json));
    }

    /** The numbers that an object holds by their keys. */
    private static Map<String, Double> figures(JsonObject json) {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (String key : json.keys()) {
            if (json.node().path(key).isNumber()) {
                figures.put(key, json.number(key));
            }
        }
        return figures;
    }
}
