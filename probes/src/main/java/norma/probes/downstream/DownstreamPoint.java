package norma.probes.downstream;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import norma.probes.ablation.AblationResult;
import norma.probes.ablation.BaselineResult;
import norma.probes.ablation.CheckpointAblation;
import norma.trainer.finetuning.FinetuningSummary;
import norma.trainer.finetuning.FinetuningSummary.Spread;
import norma.trainer.model.LayerNormSite;

/**
 * One checkpoint of a run, fine-tuned with several seeds; each seed's model measured whole and without the same
 * dimensions.
 *
 * @param step of pre-training
 * @param summary of the fine-tuning
 * @param sites LayerNorm sites of the fine-tuned models
 * @param seeds what the model of each seed scores
 */
public record DownstreamPoint(
        long step, FinetuningSummary summary, List<LayerNormSite> sites, List<CheckpointAblation> seeds) {
    public DownstreamPoint {
        sites = List.copyOf(sites);
        seeds = List.copyOf(seeds);
    }

    /** Names of the ablations, in their order. */
    public List<String> names() {
        Set<String> names = new LinkedHashSet<>();
        seeds.forEach(seed -> seed.ablations().forEach(ablation -> names.add(ablation.name())));
        return List.copyOf(names);
    }

    /** What an ablation switches off, the same for every seed; empty where a rule found nothing. */
    public List<Integer> dimensions(String name) {
        return results(name).stream()
                .map(AblationResult::dimensions)
                .findFirst()
                .orElse(List.of());
    }

    /** Of the whole models, over the seeds. */
    public Spread full(String score) {
        return Spread.of(
                seeds.stream().mapToDouble(seed -> seed.full().get(score)).toArray());
    }

    /** Of the models without the dimensions of an ablation, over the seeds; empty where it switches off nothing. */
    public Optional<Spread> ablated(String name, String score) {
        return dimensions(name).isEmpty()
                ? Optional.empty()
                : Optional.of(spread(results(name), result -> result.scores().get(score)));
    }

    /** What the baselines switch off, see {@link BaselineResult#others}, by the number of dimensions. */
    public Set<String> baselines() {
        Set<String> others = new LinkedHashSet<>();
        seeds.stream()
                .flatMap(seed -> seed.baselines().stream())
                .sorted(Comparator.comparingInt(BaselineResult::size))
                .forEach(baseline -> others.add(baseline.others()));
        return others;
    }

    /** Of the models without other dimensions, over all draws of all seeds; empty where there were none. */
    public Optional<Spread> baseline(String others, String score) {
        List<AblationResult> draws = new ArrayList<>();
        for (CheckpointAblation seed : seeds) {
            for (BaselineResult baseline : seed.baselines()) {
                if (baseline.others().equals(others)) {
                    draws.addAll(baseline.draws());
                }
            }
        }
        return draws.isEmpty()
                ? Optional.empty()
                : Optional.of(spread(draws, draw -> draw.scores().get(score)));
    }

    private List<AblationResult> results(String name) {
        return seeds.stream()
                .flatMap(seed -> seed.ablations().stream())
                .filter(ablation -> ablation.name().equals(name))
                .toList();
    }

    private static Spread spread(List<AblationResult> results, ToDoubleFunction<AblationResult> score) {
        return Spread.of(results.stream().mapToDouble(score).toArray());
    }
}
