package norma.probes.ablation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import norma.probes.evaluation.Evaluation;
import norma.probes.evaluation.Scores;
import norma.trainer.model.LayerNormSite;
import norma.trainer.run.MetricsLog;

/** Ablations as JSON. */
public final class AblationJson {
    private final Evaluation evaluation;
    private final AblationPlace place;
    private final List<LayerNormSite> sites;

    /** For what was measured in one place on one evaluation. */
    public AblationJson(Evaluation evaluation, AblationPlace place, List<LayerNormSite> sites) {
        this.evaluation = evaluation;
        this.place = place;
        this.sites = List.copyOf(sites);
    }

    /**
     * {@code model}, {@code step}, {@code full}, {@code ablations}, {@code baseline}. An ablation's {@code cost} is the
     * rise of the loss, or the fall of a task's first score; {@code times_random} is that over the mean of the random
     * draws, null where there is no {@link Cost#ratio}.
     */
    public ObjectNode of(CheckpointAblation checkpoint) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("model", checkpoint.folder());
        if (checkpoint.step().isPresent()) {
            json.put("step", checkpoint.step().getAsLong());
        } else {
            json.putNull("step");
        }
        scores(json.putObject("full"), checkpoint.full());
        ArrayNode ablations = json.putArray("ablations");
        for (AblationResult result : checkpoint.ablations()) {
            ablations.add(of(checkpoint, result));
        }
        if (!checkpoint.baselines().isEmpty()) {
            List<BaselineResult> baselines = checkpoint.baselines();
            // The one beside the last ablation is "the" baseline; if there are several, all are listed.
            json.set("baseline", of(checkpoint, besideLast(checkpoint)));
            if (baselines.size() > 1) {
                ArrayNode all = json.putArray("baselines");
                baselines.forEach(baseline -> all.add(of(checkpoint, baseline)));
            }
        }
        return json;
    }

    /**
     * Reads again what was kept: {@code ablation.json}, {@code ablation-last.json} or {@code ablation-each.json}.
     *
     * @throws norma.datasets.base.InvalidInputException naming file and key of what is missing or of another type
     */
    public static AblationFile read(Path file) {
        return AblationFile.read(file);
    }

    private static BaselineResult besideLast(CheckpointAblation checkpoint) {
        AblationResult last = checkpoint.ablations().stream()
                .filter(ablation -> !ablation.dimensions().isEmpty())
                .reduce((first, second) -> second)
                .orElseThrow();
        return checkpoint.beside(last).orElseThrow();
    }

    private ObjectNode of(CheckpointAblation checkpoint, AblationResult result) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", result.name());
        result.dimensions().forEach(json.putArray("dimensions")::add);
        place.describe(json, sites);
        scores(json, result.scores());
        MetricsLog.put(json, "cost", checkpoint.cost(result, evaluation));
        checkpoint
                .beside(result)
                .ifPresent(baseline -> MetricsLog.put(
                        json,
                        "times_" + baseline.kind(),
                        checkpoint.cost(result, baseline, evaluation).ratio()));
        return json;
    }

    private ObjectNode of(CheckpointAblation checkpoint, BaselineResult baseline) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", baseline.name());
        json.put("others", baseline.others());
        json.put("dimensions_per_draw", baseline.size());
        ArrayNode draws = json.putArray("draws");
        for (AblationResult draw : baseline.draws()) {
            ObjectNode one = draws.addObject();
            draw.dimensions().forEach(one.putArray("dimensions")::add);
            scores(one, draw.scores());
        }
        for (String score : evaluation.summarized()) {
            MetricsLog.put(json, score + "_mean", baseline.mean(score));
            MetricsLog.put(json, score + "_std", baseline.std(score));
        }
        MetricsLog.put(json, "cost_mean", checkpoint.cost(baseline, evaluation));
        return json;
    }

    private static void scores(ObjectNode json, Scores scores) {
        for (Map.Entry<String, Double> score : scores.values().entrySet()) {
            double value = score.getValue();
            if (value == Math.rint(value)
                    && Math.abs(value) < 1e15
                    && score.getKey().equals("predictions")) {
                json.put(score.getKey(), (long) value);
            } else {
                MetricsLog.put(json, score.getKey(), value);
            }
        }
    }
}
