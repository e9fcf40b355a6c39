package norma.trainer.blocks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import norma.datasets.base.InvalidInputException;

/**
 * What an encoder of BERT's kind is without, as an intervention. A part that is left out is stored all the same, with
 * the constant 0, and no step changes it: so a checkpoint is computed by Hugging Face as it is here.
 *
 * @param outputBias whether the language-model head adds a bias to the logits; null: it does
 * @param positionEmbeddings whether the embeddings know the positions; null: they do. Without (Luo, Kulmizev and Mao
 *     2021, "Positional artefacts propagate through masked language model embeddings"), the encoder sees a set of
 *     tokens
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record EncoderVariant(Boolean outputBias, Boolean positionEmbeddings) {
    /** BERT as it is. */
    public static final EncoderVariant PLAIN = new EncoderVariant(null, null);

    /** The key in {@code config.json}, which Hugging Face does not know. */
    private static final String KEY = "norma_variant";

    private static final String OUTPUT_BIAS = "output_bias";
    private static final String POSITION_EMBEDDINGS = "position_embeddings";

    /** Whether the language-model head adds a bias to the logits. */
    boolean hasOutputBias() {
        return !Boolean.FALSE.equals(outputBias);
    }

    /** Whether the embeddings know the positions. */
    boolean hasPositionEmbeddings() {
        return !Boolean.FALSE.equals(positionEmbeddings);
    }

    /** The variant that a {@code config.json} names; null if it names none. */
    public static EncoderVariant of(ConfigJson config) {
        JsonNode group = config.json().get(KEY);
        if (group == null || group.isNull()) {
            return null;
        }
        if (!group.isObject()) {
            throw InvalidInputException.of(config.source(), KEY, group, "an object");
        }
        group.fieldNames().forEachRemaining(key -> {
            if (!key.equals(OUTPUT_BIAS) && !key.equals(POSITION_EMBEDDINGS)) {
                throw InvalidInputException.of(
                        config.source(), KEY + "." + key, group.get(key), OUTPUT_BIAS + " or " + POSITION_EMBEDDINGS);
            }
        });
        return new EncoderVariant(
                truth(group, OUTPUT_BIAS, config.source()), truth(group, POSITION_EMBEDDINGS, config.source()));
    }

    private static Boolean truth(JsonNode group, String key, String source) {
        JsonNode value = group.get(key);
        if (value == null) {
            return null;
        }
        if (!value.isBoolean()) {
            throw InvalidInputException.of(source, KEY + "." + key, value, "true or false");
        }
        return value.booleanValue();
    }

    /** Adds what differs from the plain model. */
    void putInto(ObjectNode config) {
        if (!hasOutputBias() || !hasPositionEmbeddings()) {
            ObjectNode group = config.putObject(KEY);
            if (!hasOutputBias()) {
                group.put(OUTPUT_BIAS, false);
            }
            if (!hasPositionEmbeddings()) {
                group.put(POSITION_EMBEDDINGS, false);
            }
        }
    }
}
