package norma.probes.ablation;

/** What an ablated value becomes. */
public enum Replacement {
    /** 0, as in the paper. */
    ZERO,
    /** The mean over the dimensions that are not ablated: of a vector's other values, of a matrix's in the same row. */
    MEAN;

    /** Edits the values of the marked positions. */
    void apply(AxisValues positions, float[] values, boolean[] marked) {
        switch (this) {
            case ZERO -> positions.zero(values, marked);
            case MEAN -> positions.mean(values, marked);
        }
    }
}
