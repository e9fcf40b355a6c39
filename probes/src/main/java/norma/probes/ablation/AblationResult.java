package norma.probes.ablation;

import java.util.List;
import norma.probes.evaluation.Scores;

/**
 * Scores of an ablated model.
 *
 * @param name how the dimensions were chosen
 * @param dimensions what was switched off, ascending; empty where a rule found none
 * @param scores the model's scores without them
 */
public record AblationResult(String name, List<Integer> dimensions, Scores scores) {
    public AblationResult {
        dimensions = List.copyOf(dimensions);
    }
}
