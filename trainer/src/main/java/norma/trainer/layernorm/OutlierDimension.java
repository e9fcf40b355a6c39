package norma.trainer.layernorm;

import java.util.List;
import norma.datasets.base.PublicApi;

/**
 * A dimension that satisfies an {@link OutlierRule}.
 *
 * @param dimension its index in [0, H)
 * @param sites names of the layer outputs where it lies beyond the threshold, in the model's order
 * @param weightZ of its weight's z over those sites, the one farthest from 0; null where none of them has a weight
 * @param biasZ the same of its bias
 */
@PublicApi
public record OutlierDimension(int dimension, List<String> sites, Double weightZ, Double biasZ) {
    public OutlierDimension {
        sites = List.copyOf(sites);
    }
}
