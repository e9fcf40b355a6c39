package norma.trainer.blocks;

import java.util.List;
import norma.datasets.base.InvalidInputException;

/** Rules that the values of a {@code model:} group and of a {@code config.json} must satisfy. */
public final class ConfigRules {
    private static final int MOST_LAYERS = 10_000;

    private ConfigRules() {}

    /** The value, or its default. */
    public static <T> T orElse(T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    /** A count; null is left alone. */
    public static void positive(String key, Integer value) {
        require(value == null || value >= 1, key, value, "a whole number of at least 1");
    }

    /** Layers of a stack; the deepest transformers that anybody trained have a thousand. */
    public static void layers(String key, int value) {
        require(value >= 1 && value <= MOST_LAYERS, key, value, "a whole number from 1 to " + MOST_LAYERS);
    }

    /** A probability of dropout. */
    public static void probability(String key, double value) {
        require(value >= 0 && value < 1, key, value, "a probability of at least 0 and below 1");
    }

    /** A LayerNorm's epsilon. */
    public static void epsilon(String key, double value) {
        require(value > 0 && value < 1, key, value, "a number between 0 and 1");
    }

    /** Of the initialisation. */
    public static void standardDeviation(String key, double value) {
        require(value > 0 && value < 10, key, value, "a positive standard deviation below 10");
    }

    /** A token's id. */
    public static void tokenId(String key, Integer value) {
        require(value == null || value >= 0, key, value, "a token id of at least 0");
    }

    /** Heads of equal width. */
    public static void heads(int hiddenSize, int heads) {
        require(
                hiddenSize % heads == 0,
                "hidden_size",
                hiddenSize,
                "a multiple of num_attention_heads (" + heads + ")");
    }

    /** An activation function that {@link norma.trainer.model.Kernels#activation} knows. */
    public static void activation(String key, String value) {
        require(List.of("gelu", "gelu_new", "relu").contains(value), key, value, "gelu, gelu_new or relu");
    }

    /** Any rule. */
    public static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw InvalidInputException.of("model", key, value, expected);
        }
    }
}
