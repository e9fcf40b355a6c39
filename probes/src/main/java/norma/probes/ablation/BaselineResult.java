package norma.probes.ablation;

import java.util.List;
import norma.datasets.base.Counted;

/**
 * Scores of other dimensions.
 *
 * @param name how they were chosen
 * @param beside the ablation that they are matched to, by name; empty if they stand beside all of their size
 * @param size dimensions of a draw
 * @param draws each draw's scores
 */
public record BaselineResult(String name, String beside, int size, List<AblationResult> draws) {
    public BaselineResult {
        draws = List.copyOf(draws);
    }

    /** How the draws were made, in one word: {@code random} or {@code matched}. */
    public String kind() {
        return name.substring(0, name.indexOf(':'));
    }

    /** Whether it is to be compared with an ablation. */
    public boolean standsBeside(AblationResult ablation) {
        return ablation.dimensions().size() == size && (beside.isEmpty() || beside.equals(ablation.name()));
    }

    /**
     * What is switched off, in words that are the same at all checkpoints: {@code 2 others}, {@code others like own}.
     */
    public String others() {
        return beside.isEmpty() ? Counted.of(size, "other") : "others like " + beside;
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
