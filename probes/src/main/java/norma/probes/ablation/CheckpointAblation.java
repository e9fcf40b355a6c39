package norma.probes.ablation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import norma.datasets.base.Progress;
import norma.probes.evaluation.Evaluation;
import norma.probes.evaluation.Scores;

/**
 * All measurements of one checkpoint.
 *
 * @param folder of the checkpoint
 * @param step of its run, empty for a model from elsewhere
 * @param full scores of the whole model
 * @param ablations scores without some dimensions
 * @param baselines scores without others: one for each number of dimensions ablated, or for each ablation, see
 *     {@link Baseline#beside}
 */
public record CheckpointAblation(
        String folder, OptionalLong step, Scores full, List<AblationResult> ablations, List<BaselineResult> baselines) {
    public CheckpointAblation {
        ablations = List.copyOf(ablations);
        baselines = List.copyOf(baselines);
    }

    /** What an ablation costs: see {@link Evaluation#cost}. */
    public double cost(AblationResult ablation, Evaluation evaluation) {
        return evaluation.cost(full, ablation.scores());
    }

    /** Mean cost of draws. */
    public double cost(BaselineResult baseline, Evaluation evaluation) {
        return baseline.draws().stream()
                .mapToDouble(draw -> cost(draw, evaluation))
                .average()
                .orElse(Double.NaN);
    }

    /**
     * The draws that an ablation is compared with.
     *
     * @return empty where nothing was drawn, or nothing was switched off
     */
    public Optional<BaselineResult> beside(AblationResult ablation) {
        return baselines.stream()
                .filter(baseline -> baseline.standsBeside(ablation))
                .findFirst();
    }

    /** What an ablation costs, and what the draws beside it cost. */
    public Cost cost(AblationResult ablation, BaselineResult beside, Evaluation evaluation) {
        double mean = cost(beside, evaluation);
        double variance = beside.draws().stream()
                .mapToDouble(draw -> Math.pow(cost(draw, evaluation) - mean, 2))
                .average()
                .orElse(Double.NaN);
        return new Cost(
                cost(ablation, evaluation),
                mean,
                Cost.error(Math.sqrt(variance), beside.draws().size()));
    }

    /** Dimensions to switch off, under a name. */
    public record Named(String name, List<Integer> dimensions) {
        public Named {
            dimensions = List.copyOf(dimensions);
        }
    }

    /**
     * Measures one checkpoint.
     *
     * @param step of its run
     * @param ablations what to switch off, each on its own
     * @param baseline what to compare with, or null
     */
    public static CheckpointAblation measure(
            AblationStudy study, OptionalLong step, List<Named> ablations, Baseline baseline, Progress progress) {
        progress.update("ablations", 0, ablations.size() + 1L, "measurements");
        Scores full = study.full();
        progress.update("ablations", 1, ablations.size() + 1L, "measurements");
        List<AblationResult> results = new ArrayList<>();
        for (Named named : ablations) {
            results.add(new AblationResult(named.name(), named.dimensions(), study.ablated(named.dimensions())));
            progress.update("ablations", results.size() + 1L, ablations.size() + 1L, "measurements");
        }
        List<BaselineResult> baselines = new ArrayList<>();
        if (baseline != null) {
            Set<Integer> ablated = new TreeSet<>();
            ablations.forEach(named -> ablated.addAll(named.dimensions()));
            Set<String> known = new HashSet<>();
            for (Named named : ablations) {
                int size = named.dimensions().size();
                if (size > 0 && known.add(size + " " + baseline.beside(named.name()))) {
                    baselines.add(study.baseline(baseline, named, ablated, progress));
                }
            }
        }
        return new CheckpointAblation(study.bert().folder().toString(), step, full, results, baselines);
    }
}
