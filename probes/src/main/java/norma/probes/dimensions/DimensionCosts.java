package norma.probes.dimensions;

/** What a model loses without each of its dimensions, one at a time. */
@FunctionalInterface
public interface DimensionCosts {
    /**
     * The costs by position: rise of a loss in nats, or fall of a score, from the whole model's. Measured when first
     * asked for, which takes a forward pass for each dimension.
     */
    double[] byDimension();
}
