package norma.probes.fill;

import java.util.List;

/**
 * A text of which every token was predicted anew, none of them masked but the text's own blanks.
 *
 * @param tokens the likeliest token at each position between [CLS] and [SEP]
 * @param text the same, decoded; special tokens among them are left out
 * @param kept positions whose likeliest token is the text's own, blanks not counted
 * @param of positions that could be kept: those between [CLS] and [SEP] that are no blanks
 */
public record Reprediction(List<String> tokens, String text, int kept, int of) {
    public Reprediction {
        tokens = List.copyOf(tokens);
    }
}
