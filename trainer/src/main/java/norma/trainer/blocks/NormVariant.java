package norma.trainer.blocks;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/**
 * Which norm the hidden states have, as an intervention; y is x normalised, without scale or shift. The norm inside a
 * head, whose dimensions are others, is a LayerNorm in every case.
 */
public enum NormVariant {
    /** weight · y + bias, with y by mean and variance (Ba, Kiros and Hinton 2016). */
    @JsonProperty("layer-norm")
    LAYER_NORM,
    /** y + bias: the weight is the constant 1, and stored so. */
    @JsonProperty("no-scale")
    NO_SCALE,
    /** scale · y + bias, with one number for the whole vector. */
    @JsonProperty("one-scale")
    ONE_SCALE,
    /** weight · y, with y by the root of the mean square (Zhang and Sennrich 2019). */
    @JsonProperty("rms-norm")
    RMS_NORM;

    /** Whether Hugging Face's LayerNorm computes it, with the weights that are stored. */
    boolean isLayerNormByItsWeights() {
        return this == LAYER_NORM || this == NO_SCALE;
    }

    /** As configurations write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
