package norma.probes.ablation;

import java.util.List;

/**
 * Scores of other dimensions.
 *
 * @param name how they were chosen
 * @param size dimensions of a draw
 * @param draws each draw's scores
 */
public record BaselineResult(String name, int size, List<AblationResult> draws) {
    public BaselineResult {
        draws = List.copyOf(draws);
    }

    /** Mean of a score over the draws. */
    public double mean(String score) {
        return draws.stream()
                .mapToDouble(draw -> draw.scores().get(score))
                .average()
                .orElse(Double.NaN);
    }

    /** Population standard deviation of a score over the draws. */
    public double std(String score) {
        double mean = mean(score);
        double square = draws.stream()
                .mapToDouble(draw -> Math.pow(draw.scores().get(score) - mean, 2))
                .average()
                .orElse(Double.NaN);
        return Math.sqrt(square);
    }
}
