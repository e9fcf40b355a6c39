package norma.trainer.blocks;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** Where the norms of a layer stand, as an intervention (Xiong et al. 2020, "On layer normalization", figure 1). */
public enum NormPosition {
    /** After attention and feed-forward, on the sum with the residual, as BERT has them. */
    @JsonProperty("post")
    POST,
    /** Before attention and feed-forward, whose sums with the residual are not normalised, and once after the last. */
    @JsonProperty("pre")
    PRE;

    /** As configurations write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
