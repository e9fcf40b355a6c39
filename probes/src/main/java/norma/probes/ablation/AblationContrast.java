package norma.probes.ablation;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.dimensions.DimensionCosts;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Which dimensions a side-by-side view switches off: none, the chosen ones, as many others.
 *
 * @param ablated the chosen ones, ascending; empty where nothing was chosen, or a rule finds none
 * @param random the draws of others, each as many and ascending; empty where none is ablated
 */
public record AblationContrast(List<Integer> ablated, List<List<Integer>> random) {
    /** Nothing switched off. */
    public static final AblationContrast NONE = new AblationContrast(List.of(), List.of());

    public AblationContrast {
        ablated = List.copyOf(ablated);
        random = random.stream().map(List::copyOf).toList();
    }

    /**
     * Chooses for a model.
     *
     * @param choice of dimensions
     * @param costs of the model's dimensions
     * @param draws how many random draws
     * @param seed of the draws
     * @throws norma.datasets.base.InvalidInputException if the model lacks one of the dimensions, or has too few others
     */
    public static AblationContrast of(
            PretrainedModel bert, DimensionChoice choice, DimensionCosts costs, int draws, long seed) {
        SnapshotLayout layout = new SnapshotLayout(bert.layerNormSites());
        List<Integer> chosen = choice.of(bert.layerNorms(), layout, costs);
        if (chosen.isEmpty()) {
            return NONE;
        }
        Ablation ablation = new Ablation(chosen, AblationPlace.PAPER);
        ablation.requireFits(layout.sites());
        return new AblationContrast(
                ablation.dimensions(), new Baseline.Random(draws, seed).draw(bert, ablation, Set.of()));
    }

    /** What a model gives while weight and bias of these dimensions are 0 in every layer's output LayerNorm. */
    public static <T> T without(PretrainedModel bert, List<Integer> dimensions, Supplier<T> work) {
        AblationScope scope = AblationScope.open(bert, new Ablation(dimensions, AblationPlace.PAPER));
        try {
            return work.get();
        } finally {
            scope.close();
        }
    }
}
