package norma.trainer.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/**
 * What the matrix products of a training step are computed in. Weights, their gradients, AdamW's moments, LayerNorms
 * and the residual stream are float32 in every case.
 */
public enum Precision {
    /** IEEE 754 single precision. */
    @JsonProperty("float32")
    FLOAT32,
    /**
     * float32 whose products round their inputs to 10 bits of mantissa, on NVIDIA GPUs from Ampere on; elsewhere
     * float32. A switch of the whole process, so it holds for evaluation too.
     */
    @JsonProperty("tf32")
    TF32,
    /** bfloat16 inputs and results of linear layers, attention and activation function. */
    @JsonProperty("bf16")
    BF16,
    /** bf16 where the device has instructions for it, otherwise float32; replaced before anything is computed. */
    @JsonProperty("auto")
    AUTO;

    /** As configurations write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
