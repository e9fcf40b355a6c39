package norma.probes.ablation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import norma.probes.ablation.CheckpointAblation.Named;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.dimensions.DimensionCosts;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Choices of dimensions with the names that results have them under.
 *
 * @param choices each an ablation of its own
 */
public record NamedChoices(List<DimensionChoice> choices) {
    /** What a checkpoint itself says, by its LayerNorms or by a scan. */
    public static final String OWN = "own";

    /** What a run's last checkpoint says. */
    public static final String FINAL = "final";

    public NamedChoices {
        choices = List.copyOf(choices);
    }

    /** Whose dimensions are meant by a name that a result has them under. */
    public static String words(String name) {
        String rest = name.substring(name.indexOf(' ') + 1);
        return switch (name.replaceFirst(" .*", "")) {
            case OWN -> "each checkpoint's own " + (name.equals(OWN) ? "dimensions" : rest);
            case FINAL -> "the last checkpoint's " + (name.equals(FINAL) ? "dimensions" : rest);
            default -> name;
        };
    }

    /**
     * The same with the dimensions, for a legend.
     *
     * @param chosen what was switched off under that name at each checkpoint; empty where a rule found nothing
     */
    public static String words(String name, Collection<List<Integer>> chosen) {
        Set<List<Integer>> different = new LinkedHashSet<>(chosen);
        different.remove(List.of());
        if (name.matches("[\\d,]+")) {
            return name; // a list tells them itself
        }
        return words(name) + (different.size() == 1 ? " " + different.iterator().next() : "");
    }

    /**
     * For a model, each under the name that it was said with.
     *
     * @param costs of the model's dimensions
     * @throws norma.datasets.base.InvalidInputException if the model lacks a dimension
     */
    public List<Named> asSaid(PretrainedModel bert, DimensionCosts costs) {
        List<Named> named = new ArrayList<>();
        choices.forEach(choice -> named.add(new Named(choice.words(), dimensions(choice, bert, costs))));
        return named;
    }

    /**
     * For a model of a run. What does not depend on the model has one name wherever it is measured.
     *
     * @param costs of the model's dimensions
     * @throws norma.datasets.base.InvalidInputException if the model lacks a dimension
     */
    public List<Named> of(PretrainedModel bert, DimensionCosts costs, String whose) {
        List<Named> named = new ArrayList<>();
        for (DimensionChoice choice : choices) {
            boolean fixed = choice instanceof DimensionChoice.Listed;
            String name = fixed ? choice.words() : choices.size() == 1 ? whose : whose + " " + choice.words();
            named.add(new Named(name, dimensions(choice, bert, costs)));
        }
        return named;
    }

    /** Some and others; of the others those whose names are new. */
    public static List<Named> joined(List<Named> some, List<Named> others) {
        List<Named> all = new ArrayList<>(some);
        for (Named one : others) {
            if (all.stream().noneMatch(known -> known.name().equals(one.name()))) {
                all.add(one);
            }
        }
        return List.copyOf(all);
    }

    private static List<Integer> dimensions(DimensionChoice choice, PretrainedModel bert, DimensionCosts costs) {
        List<Integer> dimensions = choice.of(bert.layerNorms(), new SnapshotLayout(bert.layerNormSites()), costs);
        new Ablation(dimensions, AblationPlace.PAPER).requireFits(bert.layerNormSites());
        return dimensions;
    }
}
