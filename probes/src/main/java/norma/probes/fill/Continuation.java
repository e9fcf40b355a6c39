package norma.probes.fill;

import java.util.List;
import norma.trainer.pretrained.TokenProbability;

/**
 * What one variant of a model writes after one text.
 *
 * @param tokens one after the other, each with its probability after those before it
 * @param text the same, decoded; special tokens among them are left out
 * @param next the likeliest tokens right after the text, likeliest first
 */
public record Continuation(List<TokenProbability> tokens, String text, List<TokenProbability> next) {
    public Continuation {
        tokens = List.copyOf(tokens);
        next = List.copyOf(next);
    }
}
