package norma.probes.ablation;

import java.util.List;
import java.util.TreeSet;
import norma.datasets.base.InvalidInputException;
import norma.trainer.model.LayerNormSite;

/**
 * Dimensions that are switched off.
 *
 * @param dimensions positions of the hidden vector, ascending
 * @param place which values of them
 */
public record Ablation(List<Integer> dimensions, AblationPlace place) {
    public Ablation {
        dimensions = List.copyOf(new TreeSet<>(dimensions));
    }

    /** Which positions of a site of this width are switched off. */
    boolean[] marked(int width) {
        boolean[] off = new boolean[width];
        for (int dimension : dimensions) {
            if (dimension < width) {
                off[dimension] = true;
            }
        }
        return off;
    }

    /** Refuses dimensions that none of the sites has which it edits in a model with these sites. */
    void requireFits(List<LayerNormSite> model) {
        int hiddenSize = place.width(model);
        for (int dimension : dimensions) {
            if (dimension < 0 || dimension >= hiddenSize) {
                throw InvalidInputException.setting(
                        "dimensions", dimension, "dimensions from 0 to " + (hiddenSize - 1));
            }
        }
    }
}
