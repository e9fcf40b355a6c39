package norma.trainer.layernorm;

import java.util.Locale;
import norma.datasets.base.PublicApi;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;

/** One of the two vectors of a LayerNorm site. */
@PublicApi(opaque = true)
public enum Part {
    /** The scaling factors; of a site whose weight is a matrix, the L2 norm of what belongs to each position. */
    WEIGHT,
    /** The shifts. */
    BIAS;

    /** Where a site keeps it; null where the site has none. */
    public Slice of(LayerNormSite site) {
        return this == WEIGHT ? site.weight() : site.bias();
    }

    /** As people and files have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
