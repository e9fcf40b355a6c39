package norma.probes.fill;

import java.util.List;
import norma.trainer.pretrained.TokenProbability;

/**
 * What one variant of a model makes of one text.
 *
 * @param blanks for each blank the likeliest tokens, likeliest first
 * @param everyToken the whole text predicted anew, or null where that was not asked for
 */
public record Filling(List<List<TokenProbability>> blanks, Reprediction everyToken) {
    public Filling {
        blanks = blanks.stream().map(List::copyOf).toList();
    }
}
