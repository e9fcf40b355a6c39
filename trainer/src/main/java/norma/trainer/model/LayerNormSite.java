package norma.trainer.model;

/**
 * One LayerNorm of a model, in the model's order.
 *
 * @param name {@code embeddings}, {@code layer.N.attention.output}, {@code layer.N.output} or {@code head}
 * @param weight Hugging Face name of the scaling factor (H)
 * @param bias Hugging Face name of the shift (H)
 */
public record LayerNormSite(String name, String weight, String bias) {
    /** Whether this is the output component of a layer, the one that the paper's rule and ablations look at. */
    public boolean isLayerOutput() {
        return name.matches("layer\\.\\d+\\.output");
    }
}
