package norma.trainer.model;

/**
 * What the LayerNorms have at a dimension.
 *
 * @param dimension counted from 0
 * @param weight scaling factor there
 * @param bias shift there
 */
public record DimensionValue(int dimension, double weight, double bias) {
    /** As a LayerNorm is initialised. */
    public static DimensionValue initial(int dimension) {
        return new DimensionValue(dimension, 1, 0);
    }
}
