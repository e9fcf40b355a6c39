package norma.probes.outliers;

import java.util.List;

/**
 * What a definition says of a model.
 *
 * @param definition which
 * @param dimensions those that it finds, ascending. A definition of a whole vector (kurtosis, infinity norm) finds the
 *     dimension that is the farthest out in more than half of the layers (kurtosis per token: for more than half of the
 *     tokens of more than half of the layers)
 * @param perLayer its value for each layer; empty for the paper's rule and LLM.int8's, which have none
 * @param leading for each layer the dimension that is the farthest out; empty where there is no such thing
 */
public record Finding(Definition definition, List<Integer> dimensions, List<Double> perLayer, List<Integer> leading) {
    public Finding {
        dimensions = List.copyOf(dimensions);
        perLayer = List.copyOf(perLayer);
        leading = List.copyOf(leading);
    }
}
