package norma.probes.ablation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.base.Progress;
import norma.datasets.base.PublicApi;
import norma.probes.ablation.CheckpointAblation.Named;
import norma.probes.evaluation.Evaluation;
import norma.probes.evaluation.Scores;
import norma.trainer.pretrained.PretrainedModel;

/**
 * A model measured whole and ablated. What lies below the first edited site is computed once, for all of them.
 *
 * <p>Measurements are remembered: the same dimensions are scored once.
 */
public final class AblationStudy implements AutoCloseable {
    private static final long MOST_BYTES = 1L << 30;

    private final PretrainedModel bert;
    private final Evaluation evaluation;
    private final AblationPlace place;
    private final ReadBatches states;
    private final Map<List<Integer>, Scores> measured = new LinkedHashMap<>();

    private AblationStudy(PretrainedModel bert, Evaluation evaluation, AblationPlace place, ReadBatches states) {
        this.bert = bert;
        this.evaluation = evaluation;
        this.place = place;
        this.states = states;
    }

    /**
     * Takes every example up to the first stage that reads what the place edits, or as many as {@value #MOST_BYTES}
     * bytes of hidden states hold; the others are read anew by every measurement.
     *
     * @param progress told of the batches
     * @throws norma.datasets.base.InvalidInputException if the model cannot be scored so, or lacks the place's layers
     */
    @PublicApi
    public static AblationStudy open(
            PretrainedModel bert, Evaluation evaluation, AblationPlace place, Progress progress) {
        return open(bert, evaluation, place, MOST_BYTES, progress);
    }

    static AblationStudy open(
            PretrainedModel bert, Evaluation evaluation, AblationPlace place, long mostBytes, Progress progress) {
        evaluation.requireFits(bert);
        place.requireReplaceable(bert);
        int first = bert.firstStage(place.parameters(bert.layerNormSites()));
        return new AblationStudy(
                bert, evaluation, place, ReadBatches.of(bert, evaluation.batches(), first, mostBytes, progress));
    }

    /** The model's scores with nothing switched off. */
    @PublicApi
    public Scores full() {
        return ablated(List.of());
    }

    /**
     * The model's scores without some dimensions; the weights are as before when this returns.
     *
     * @throws norma.datasets.base.InvalidInputException if the model has no such dimension
     */
    @PublicApi
    public Scores ablated(List<Integer> dimensions) {
        Ablation ablation = new Ablation(dimensions, place);
        Scores known = measured.get(ablation.dimensions());
        if (known != null) {
            return known;
        }
        try (AblationScope scope = AblationScope.open(bert, ablation)) {
            Scores scores = scope.score(evaluation, states);
            measured.put(ablation.dimensions(), scores);
            return scores;
        }
    }

    /**
     * Scores of other dimensions in the same place.
     *
     * @param ablation what is compared with
     * @param apart dimensions that other ablations switch off
     * @param progress told of the draws
     */
    public BaselineResult baseline(Baseline baseline, Named ablation, Set<Integer> apart, Progress progress) {
        List<List<Integer>> draws = baseline.draw(bert, new Ablation(ablation.dimensions(), place), apart);
        List<AblationResult> results = new ArrayList<>();
        for (List<Integer> draw : draws) {
            results.add(new AblationResult(baseline.words(), draw, ablated(draw)));
            progress.update("baseline", results.size(), draws.size(), "draws");
        }
        return new BaselineResult(
                baseline.words(),
                baseline.beside(ablation.name()),
                ablation.dimensions().size(),
                results);
    }

    /** The model. */
    public PretrainedModel bert() {
        return bert;
    }

    /** How it is scored. */
    public Evaluation evaluation() {
        return evaluation;
    }

    /** Where it is ablated. */
    public AblationPlace place() {
        return place;
    }

    @PublicApi
    @Override
    public void close() {
        states.close();
    }
}
