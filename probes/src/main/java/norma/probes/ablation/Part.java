package norma.probes.ablation;

import norma.datasets.base.InvalidInputException;
import norma.trainer.model.LayerNormSite;

/** Which vector of a LayerNorm an ablation edits. */
public enum Part {
    WEIGHT,
    BIAS;

    String parameter(LayerNormSite site) {
        return (this == WEIGHT ? site.weight() : site.bias()).parameter();
    }

    static Part of(String word) {
        return switch (word) {
            case "weight" -> WEIGHT;
            case "bias" -> BIAS;
            default -> throw InvalidInputException.of("command line", "--parts", word, "weight, bias or weight,bias");
        };
    }
}
