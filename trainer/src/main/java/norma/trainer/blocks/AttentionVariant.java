package norma.trainer.blocks;

import static norma.trainer.blocks.ConfigRules.orElse;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.trainer.model.SoftmaxStretch;

/**
 * How a head attends, as an intervention of Bondarenko, Nagel and Blankevoort 2023 ("Quantizable Transformers: Removing
 * Outliers by Helping Attention Heads Do Nothing", NeurIPS), who trace outliers to heads that must push scores far
 * apart to do nothing. A component that is null takes its default; one that the type does not have stays null.
 *
 * @param type {@code softmax}; {@code clipped-softmax}: clip((zeta - gamma) softmax + gamma, 0, 1); or "gated": each
 *     head's output times sigmoid(G(x)), for each token
 * @param gamma gamma of the clipped softmax, at most 0; null: -0.025, as the authors' script for BERT has it, unless
 *     {@code alpha} is given
 * @param zeta zeta of the clipped softmax, at least 1; null: 1
 * @param alpha alpha of a clipped softmax whose gamma is -alpha / T, so that it means the same at every length T
 * @param sequenceLength T; null: that of the training's sequences
 * @param gate what G is: {@code linear}, from a head's own positions of x to a number; {@code mlp}, the same with a
 *     layer of ReLUs between, as the authors' script for BERT has it, and the default; {@code all-heads-linear}, from
 *     all of x
 * @param gateHiddenSize width of the layer of an {@code mlp}; null: a quarter of a head's, at least 1, as the authors'
 *     code has it
 * @param gateInit what a gate lets through at first, about: its bias is the number whose sigmoid this is; null: 0.5
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record AttentionVariant(
        String type,
        Double gamma,
        Double zeta,
        Double alpha,
        Integer sequenceLength,
        String gate,
        Integer gateHiddenSize,
        Double gateInit) {
    /** As BERT has it. */
    static final AttentionVariant SOFTMAX_ATTENTION =
            new AttentionVariant(null, null, null, null, null, null, null, null);

    /** A gate from a head's own positions. */
    static final String LINEAR = "linear";

    /** A gate from all positions. */
    static final String ALL_HEADS_LINEAR = "all-heads-linear";

    private static final String SOFTMAX = "softmax";
    private static final String CLIPPED_SOFTMAX = "clipped-softmax";
    private static final String GATED = "gated";
    private static final String MLP = "mlp";
    private static final double USUAL_GAMMA = -0.025;
    private static final double FARTHEST = 100;

    private static final String TYPE = "type";
    private static final String GAMMA = "gamma";
    private static final String ZETA = "zeta";
    private static final String ALPHA = "alpha";
    private static final String LENGTH = "sequence_length";
    private static final String GATE = "gate";
    private static final String GATE_SIZE = "gate_hidden_size";
    private static final String GATE_INIT = "gate_init";
    private static final List<String> OF_CLIPPED = List.of(GAMMA, ZETA, ALPHA, LENGTH);
    private static final List<String> OF_GATED = List.of(GATE, GATE_SIZE, GATE_INIT);

    public AttentionVariant {
        type = orElse(type, SOFTMAX);
        require(
                List.of(SOFTMAX, CLIPPED_SOFTMAX, GATED).contains(type),
                TYPE,
                type,
                "softmax, clipped-softmax or gated");
        if (type.equals(CLIPPED_SOFTMAX)) {
            zeta = orElse(zeta, 1.0);
            gamma = alpha == null ? orElse(gamma, USUAL_GAMMA) : gamma;
            requireClipped(gamma, zeta, alpha, sequenceLength);
        } else {
            requireAbsent(GAMMA, gamma, type);
            requireAbsent(ZETA, zeta, type);
            requireAbsent(ALPHA, alpha, type);
            requireAbsent(LENGTH, sequenceLength, type);
        }
        if (type.equals(GATED)) {
            gate = orElse(gate, MLP);
            gateInit = orElse(gateInit, 0.5);
            requireGate(gate, gateHiddenSize, gateInit);
        } else {
            requireAbsent(GATE, gate, type);
            requireAbsent(GATE_SIZE, gateHiddenSize, type);
            requireAbsent(GATE_INIT, gateInit, type);
        }
    }

    private static void requireClipped(Double gamma, Double zeta, Double alpha, Integer length) {
        require(zeta >= 1 && zeta <= FARTHEST, ZETA, zeta, "a number from 1 to 100");
        if (alpha == null) {
            require(gamma <= 0 && gamma >= -FARTHEST, GAMMA, gamma, "a number from -100 to 0");
            require(length == null, LENGTH, length, "no such key without alpha");
        } else {
            require(gamma == null, ALPHA, alpha, "no such key beside gamma, which it decides");
            require(alpha >= 0 && alpha <= FARTHEST, ALPHA, alpha, "a number from 0 to 100");
            ConfigRules.positive(LENGTH, length);
        }
    }

    private static void requireGate(String gate, Integer hiddenSize, Double init) {
        require(List.of(LINEAR, MLP, ALL_HEADS_LINEAR).contains(gate), GATE, gate, "linear, mlp or all-heads-linear");
        require(hiddenSize == null || gate.equals(MLP), GATE_SIZE, hiddenSize, "no such key, for the gate is " + gate);
        ConfigRules.positive(GATE_SIZE, hiddenSize);
        require(init > 0 && init < 1, GATE_INIT, init, "a number between 0 and 1");
    }

    private static void requireAbsent(String key, Object value, String type) {
        require(value == null, key, value, "no such key, for the attention's type is " + type);
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        ConfigRules.require(holds, key, value, expected);
    }

    /** Whether a key belongs to some types of attention, and this is none of them. */
    public static boolean isOfOthers(String key, String type) {
        return (OF_CLIPPED.contains(key) && !type.equals(CLIPPED_SOFTMAX))
                || (OF_GATED.contains(key) && !type.equals(GATED));
    }

    /** Whether this is the softmax as it is. */
    boolean isPlain() {
        return type.equals(SOFTMAX);
    }

    /** Whether each head has a gate. */
    boolean isGated() {
        return type.equals(GATED);
    }

    /** The bias of a gate at first. */
    double gateBias() {
        return Math.log(gateInit / (1 - gateInit));
    }

    /** Width of the layer of an {@code mlp}. */
    int gateSize(int headSize) {
        return orElse(gateHiddenSize, Math.max(1, headSize / 4));
    }

    /** What becomes of probabilities. */
    SoftmaxStretch stretch() {
        if (!type.equals(CLIPPED_SOFTMAX)) {
            return SoftmaxStretch.NONE;
        }
        return new SoftmaxStretch(alpha == null ? gamma : -alpha / sequenceLength, zeta);
    }

    /** The same with T, where it needs one and has none. */
    AttentionVariant forSequences(int length) {
        return alpha == null || sequenceLength != null
                ? this
                : new AttentionVariant(type, gamma, zeta, alpha, length, null, null, null);
    }

    /** As {@link #putInto} wrote it. */
    static AttentionVariant of(ConfigJson group) {
        AttentionVariant variant = new AttentionVariant(
                group.text(TYPE),
                group.number(GAMMA),
                group.number(ZETA),
                group.number(ALPHA),
                group.integer(LENGTH),
                group.text(GATE),
                group.integer(GATE_SIZE),
                group.number(GATE_INIT));
        require(variant.alpha == null || variant.sequenceLength != null, LENGTH, "nothing", "T, which divides alpha");
        return variant;
    }

    /** Its keys. */
    static List<String> keys() {
        return List.of(TYPE, GAMMA, ZETA, ALPHA, LENGTH, GATE, GATE_SIZE, GATE_INIT);
    }

    /** Writes what is not null. */
    void putInto(ObjectNode group) {
        group.put(TYPE, type);
        put(group, GAMMA, gamma);
        put(group, ZETA, zeta);
        put(group, ALPHA, alpha);
        put(group, LENGTH, sequenceLength);
        if (isGated()) {
            group.put(GATE, gate);
        }
        put(group, GATE_SIZE, gateHiddenSize);
        put(group, GATE_INIT, gateInit);
    }

    private static void put(ObjectNode group, String key, Double value) {
        if (value != null) {
            group.put(key, value);
        }
    }

    private static void put(ObjectNode group, String key, Integer value) {
        if (value != null) {
            group.put(key, value);
        }
    }
}
