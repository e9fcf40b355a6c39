package norma.probes.ablation;

import norma.trainer.layernorm.Part;

/** What an ablated value becomes. */
public enum Replacement {
    /** 0, as in the paper. */
    ZERO,
    /** The mean over the dimensions that are not ablated: of a vector's other values, of a matrix's in the same row. */
    MEAN,
    /**
     * What every LayerNorm begins with: a weight of 1, a bias of 0. A matrix begins with random values and has none.
     */
    INITIAL;

    /** Edits the values of the marked positions. */
    void apply(AxisValues positions, Part part, float[] values, boolean[] marked) {
        switch (this) {
            case ZERO -> positions.fill(values, marked, 0);
            case MEAN -> positions.mean(values, marked);
            case INITIAL -> positions.fill(values, marked, part == Part.WEIGHT ? 1 : 0);
        }
    }
}
