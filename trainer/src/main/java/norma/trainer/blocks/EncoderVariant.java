package norma.trainer.blocks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import norma.datasets.base.InvalidInputException;

/**
 * What an encoder of BERT's kind is without, or does otherwise, as an intervention. A part that is left out is stored
 * all the same, with the constant 0, and no step changes it: so a checkpoint is computed by Hugging Face as it is here.
 * Another attention is not, nor are some norms, so their {@code config.json} has a {@code model_type} that Hugging Face
 * does not know.
 *
 * @param outputBias whether the language-model head adds a bias to the logits; null: it does
 * @param positionEmbeddings whether the embeddings know the positions; null: they do. Without (Luo, Kulmizev and Mao
 *     2021, "Positional artefacts propagate through masked language model embeddings"), the encoder sees a set of
 *     tokens
 * @param attention how a head attends; null: by the softmax
 * @param norm which norm the hidden states have; null: LayerNorm
 * @param normPosition where the norms of a layer stand; null: after attention and feed-forward
 * @param padVocabToMultipleOf rows of the word embeddings and of the output bias are filled up to a multiple of this,
 *     for matrix products on a GPU; null: they are not. A row that fills has the embedding 0 and the bias
 *     {@link VocabularyPadding#BIAS}, so that its probability is 0 and no gradient reaches it, in Hugging Face too
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record EncoderVariant(
        Boolean outputBias,
        Boolean positionEmbeddings,
        AttentionVariant attention,
        NormVariant norm,
        NormPosition normPosition,
        Integer padVocabToMultipleOf) {
    /** BERT as it is. */
    public static final EncoderVariant PLAIN = new EncoderVariant(null, null, null, null, null, null);

    /** The key in {@code config.json}, which Hugging Face does not know. */
    private static final String KEY = "norma_variant";

    private static final String OUTPUT_BIAS = "output_bias";
    private static final String POSITION_EMBEDDINGS = "position_embeddings";
    private static final String ATTENTION = "attention";
    private static final String NORM = "norm";
    private static final String NORM_POSITION = "norm_position";
    private static final String PAD_VOCAB = "pad_vocab_to_multiple_of";
    private static final String UNPADDED = "unpadded_vocab_size";
    private static final List<String> KEYS =
            List.of(OUTPUT_BIAS, POSITION_EMBEDDINGS, ATTENTION, NORM, NORM_POSITION, PAD_VOCAB, UNPADDED);

    /** Before a {@code model_type} whose name alone would promise another computation. */
    private static final String OTHERWISE = "norma-";

    public EncoderVariant {
        ConfigRules.positive("variant." + PAD_VOCAB, padVocabToMultipleOf);
        ConfigRules.require(
                padVocabToMultipleOf == null || !Boolean.FALSE.equals(outputBias),
                "variant." + OUTPUT_BIAS,
                outputBias,
                "true, for variant." + PAD_VOCAB + " keeps rows from being predicted by their bias");
    }

    /** Whether the language-model head adds a bias to the logits. */
    boolean hasOutputBias() {
        return !Boolean.FALSE.equals(outputBias);
    }

    /** Whether the embeddings know the positions. */
    boolean hasPositionEmbeddings() {
        return !Boolean.FALSE.equals(positionEmbeddings);
    }

    /** How a head attends. */
    AttentionVariant howItAttends() {
        return attention == null ? AttentionVariant.SOFTMAX_ATTENTION : attention;
    }

    /** Which norm the hidden states have. */
    NormVariant whichNorm() {
        return norm == null ? NormVariant.LAYER_NORM : norm;
    }

    /** Where the norms of a layer stand. */
    NormPosition whereNormsStand() {
        return normPosition == null ? NormPosition.POST : normPosition;
    }

    /** Rows of the word embeddings of so many tokens; null if that is null. */
    Integer vocabularyRows(Integer tokens) {
        return tokens == null || padVocabToMultipleOf == null
                ? tokens
                : Integer.valueOf(Math.toIntExact((tokens + padVocabToMultipleOf - 1L) / padVocabToMultipleOf)
                        * padVocabToMultipleOf);
    }

    /** The same with the length of the training's sequences, where it needs one and has none. */
    public EncoderVariant forSequences(int length) {
        return attention == null
                ? this
                : new EncoderVariant(
                        outputBias,
                        positionEmbeddings,
                        attention.forSequences(length),
                        norm,
                        normPosition,
                        padVocabToMultipleOf);
    }

    /** {@code model_type} of the {@code config.json}: with a prefix where Hugging Face would compute something else. */
    String storedType(String modelType) {
        boolean plain = howItAttends().isPlain()
                && whichNorm().isLayerNormByItsWeights()
                && whereNormsStand() == NormPosition.POST;
        return plain ? modelType : OTHERWISE + modelType;
    }

    /** Whether a {@code config.json} of a model type, or of a variant of it, has this {@code model_type}. */
    public static boolean isStoredType(String stored, String modelType) {
        return stored.equals(modelType) || stored.equals(OTHERWISE + modelType);
    }

    /** The variant that a {@code config.json} names; null if it names none. */
    public static EncoderVariant of(ConfigJson config) {
        JsonNode group = config.json().get(KEY);
        if (group == null || group.isNull()) {
            return null;
        }
        requireKeys(config, KEY, group, KEYS);
        return fromJson(config, group);
    }

    private static EncoderVariant fromJson(ConfigJson config, JsonNode group) {
        return new EncoderVariant(
                truth(group, OUTPUT_BIAS, config.source()),
                truth(group, POSITION_EMBEDDINGS, config.source()),
                attention(config, group.get(ATTENTION)),
                named(NormVariant.values(), config, group, NORM),
                named(NormPosition.values(), config, group, NORM_POSITION),
                whole(config, group, PAD_VOCAB));
    }

    /**
     * V by a {@code config.json}, whose {@code vocab_size} counts the rows; null without the key.
     *
     * @throws InvalidInputException if the rows are not those of so many tokens
     */
    public static Integer vocabSize(ConfigJson config) {
        Integer rows = config.integer("vocab_size");
        JsonNode group = config.json().path(KEY);
        if (!group.has(PAD_VOCAB) && !group.has(UNPADDED)) {
            return rows;
        }
        Integer tokens = whole(config, group, UNPADDED);
        Integer multiple = whole(config, group, PAD_VOCAB);
        if (tokens == null
                || multiple == null
                || rows == null
                || !rows.equals(fromJson(config, group).vocabularyRows(tokens))) {
            throw InvalidInputException.of(
                    config.source(),
                    KEY + "." + UNPADDED,
                    group.path(UNPADDED),
                    "a number of tokens that " + KEY + "." + PAD_VOCAB + " (" + group.path(PAD_VOCAB)
                            + ") fills up to vocab_size (" + rows + ")");
        }
        return tokens;
    }

    private static Integer whole(ConfigJson config, JsonNode group, String key) {
        JsonNode value = group.get(key);
        if (value != null && (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1)) {
            throw InvalidInputException.of(config.source(), KEY + "." + key, value, "a whole number of at least 1");
        }
        return value == null ? null : Integer.valueOf(value.intValue());
    }

    /** The constant that a key names; null without the key. */
    private static <E extends Enum<E>> E named(E[] values, ConfigJson config, JsonNode group, String key) {
        JsonNode name = group.get(key);
        if (name == null) {
            return null;
        }
        return Arrays.stream(values)
                .filter(one -> one.toString().equals(name.asText()))
                .findFirst()
                .orElseThrow(() -> InvalidInputException.of(
                        config.source(),
                        KEY + "." + key,
                        name,
                        "one of " + Arrays.stream(values).map(Enum::toString).collect(Collectors.joining(", "))));
    }

    private static AttentionVariant attention(ConfigJson config, JsonNode group) {
        if (group == null) {
            return null;
        }
        String place = KEY + "." + ATTENTION;
        requireKeys(config, place, group, AttentionVariant.keys());
        try {
            return AttentionVariant.of(new ConfigJson(group, config.source()));
        } catch (InvalidInputException e) {
            throw e.at(config.source(), place + "." + e.key());
        }
    }

    private static void requireKeys(ConfigJson config, String place, JsonNode group, List<String> keys) {
        if (!group.isObject()) {
            throw InvalidInputException.of(config.source(), place, group, "an object");
        }
        group.fieldNames().forEachRemaining(key -> {
            if (!keys.contains(key)) {
                throw InvalidInputException.of(
                        config.source(), place + "." + key, group.get(key), "one of " + String.join(", ", keys));
            }
        });
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

    /**
     * Adds what differs from the plain model.
     *
     * @param tokens V
     */
    void putInto(ObjectNode config, Integer tokens) {
        ObjectNode group = JsonNodeFactory.instance.objectNode();
        if (!hasOutputBias()) {
            group.put(OUTPUT_BIAS, false);
        }
        if (!hasPositionEmbeddings()) {
            group.put(POSITION_EMBEDDINGS, false);
        }
        if (!howItAttends().isPlain()) {
            attention.putInto(group.putObject(ATTENTION));
        }
        if (whichNorm() != NormVariant.LAYER_NORM) {
            group.put(NORM, norm.toString());
        }
        if (whereNormsStand() != NormPosition.POST) {
            group.put(NORM_POSITION, normPosition.toString());
        }
        if (padVocabToMultipleOf != null) {
            group.put(PAD_VOCAB, padVocabToMultipleOf);
            group.put(UNPADDED, tokens);
        }
        if (!group.isEmpty()) {
            config.set(KEY, group);
        }
    }
}
