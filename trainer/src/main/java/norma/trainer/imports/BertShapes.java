package norma.trainer.imports;

import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.SettingMention;
import norma.trainer.bert.BertArchitecture;
import norma.trainer.bert.BertConfig;
import norma.trainer.blocks.ConfigJson;
import norma.trainer.safetensors.HostTensor;

/** What the shapes of a BERT's weights say about its configuration. */
final class BertShapes {
    static final String WORDS = BertArchitecture.WORD_EMBEDDINGS;
    private static final int USUAL_HEAD = 64;

    private final String source;
    private final Map<String, HostTensor> weights;
    private final ImportOptions options;
    private final List<String> assumptions;

    BertShapes(String source, Map<String, HostTensor> weights, ImportOptions options, List<String> assumptions) {
        this.source = source;
        this.weights = weights;
        this.options = options;
        this.assumptions = assumptions;
    }

    /**
     * The configuration.
     *
     * @param given the model's own configuration file, or null; shapes must not contradict it
     */
    BertConfig config(ConfigJson given) {
        int hidden = dimension(WORDS, 1);
        int layers = layers();
        Integer said = given == null ? null : given.integer("num_attention_heads");
        int heads = said != null ? said : options.heads() > 0 ? options.heads() : Math.max(1, hidden / USUAL_HEAD);
        if (said == null && options.heads() == 0) {
            assumptions.add("num_attention_heads " + heads + ", which the weights do not tell: hidden_size / "
                    + USUAL_HEAD + " (" + SettingMention.of("heads") + " sets another number)");
        }
        ConfigJson place = given == null ? new ConfigJson(NullNode.instance, source) : given;
        BertConfig config = place.read(() -> new BertConfig(
                dimension(WORDS, 0),
                hidden,
                layers,
                heads,
                dimension(BertArchitecture.layerPrefix(0) + "intermediate.dense.weight", 0),
                given == null ? null : given.activation("hidden_act"),
                number(given, "hidden_dropout_prob"),
                number(given, "attention_probs_dropout_prob"),
                dimension(BertArchitecture.POSITION_EMBEDDINGS, 0),
                dimension(BertArchitecture.TYPE_EMBEDDINGS, 0),
                number(given, "layer_norm_eps"),
                number(given, "initializer_range"),
                0,
                null));
        if (given != null) {
            requireAgreement(given, config.toJson());
        }
        return config;
    }

    private void requireAgreement(ConfigJson given, ObjectNode found) {
        for (String key : List.of(
                "vocab_size",
                "hidden_size",
                "num_hidden_layers",
                "intermediate_size",
                "max_position_embeddings",
                "type_vocab_size")) {
            Integer said = given.integer(key);
            if (said != null && said != found.get(key).asInt()) {
                throw InvalidInputException.of(given.source(), key, said, found.get(key) + ", as the weights are");
            }
        }
    }

    private static Double number(ConfigJson given, String key) {
        return given == null ? null : given.number(key);
    }

    private int layers() {
        int layers = 0;
        while (weights.containsKey(BertArchitecture.layerPrefix(layers) + "output.LayerNorm.weight")) {
            layers++;
        }
        return layers;
    }

    private int dimension(String name, int axis) {
        HostTensor tensor = weights.get(name);
        if (tensor == null || tensor.shape().length != 2 || tensor.values().length == 0) {
            throw InvalidInputException.of(
                    source,
                    "tensor " + name,
                    tensor == null ? "none" : "shape " + Arrays.toString(tensor.shape()),
                    "a matrix");
        }
        return (int) tensor.shape()[axis]; // no longer than the values, which are in an array of Java's
    }

    /** Rows of a matrix become columns. */
    static HostTensor transpose(HostTensor tensor) {
        int rows = (int) tensor.shape()[0];
        int columns = (int) tensor.shape()[1];
        float[] from = tensor.values();
        float[] to = new float[from.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                to[column * rows + row] = from[row * columns + column];
            }
        }
        return new HostTensor(new long[] {columns, rows}, to);
    }
}
