package norma.trainer.imports;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.trainer.bert.BertConfig;
import norma.trainer.safetensors.HostTensor;

/**
 * Which tensors a BERT of a given shape has, by Hugging Face name. An import is compared with it before anything is
 * written: a name or a shape that was mistaken on the way must not become a model that opens.
 */
final class BertLayout {
    private static final List<String> HEADS =
            List.of("bert.pooler.", "cls.predictions.", "cls.seq_relationship.", "classifier.");

    private final Map<String, long[]> shapes = new LinkedHashMap<>();

    /**
     * The layout.
     *
     * @param labels rows of the classifier
     */
    BertLayout(BertConfig config, long labels) {
        long hidden = config.hiddenSize();
        long wide = config.intermediateSize();
        shapes.put(BertShapes.WORDS, new long[] {config.vocabSize(), hidden});
        shapes.put("bert.embeddings.position_embeddings.weight", new long[] {config.maxPositionEmbeddings(), hidden});
        shapes.put("bert.embeddings.token_type_embeddings.weight", new long[] {config.typeVocabSize(), hidden});
        norm("bert.embeddings.LayerNorm", hidden);
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            String prefix = "bert.encoder.layer." + layer + ".";
            for (String projection : List.of("query", "key", "value")) {
                linear(prefix + "attention.self." + projection, hidden, hidden);
            }
            linear(prefix + "attention.output.dense", hidden, hidden);
            norm(prefix + "attention.output.LayerNorm", hidden);
            linear(prefix + "intermediate.dense", wide, hidden);
            linear(prefix + "output.dense", hidden, wide);
            norm(prefix + "output.LayerNorm", hidden);
        }
        linear("bert.pooler.dense", hidden, hidden);
        linear("cls.predictions.transform.dense", hidden, hidden);
        norm("cls.predictions.transform.LayerNorm", hidden);
        shapes.put("cls.predictions.bias", new long[] {config.vocabSize()});
        linear("cls.seq_relationship", 2, hidden);
        linear("classifier", labels, hidden);
    }

    /**
     * Compares weights with the layout of their configuration: the encoder is whole, each head is whole or absent, and
     * there is nothing else.
     *
     * @throws InvalidInputException naming the tensor
     */
    static void require(String source, BertConfig config, Map<String, HostTensor> weights) {
        if (config.vocabSize() == null) {
            throw InvalidInputException.of(source, "vocab_size", "none", "the number of word embeddings");
        }
        HostTensor classifier = weights.get("classifier.weight");
        long labels = classifier == null || classifier.shape().length == 0
                ? 1
                : classifier.shape()[0];
        new BertLayout(config, labels).require(source, weights);
    }

    private void require(String source, Map<String, HostTensor> weights) {
        weights.forEach((name, tensor) -> {
            long[] expected = shapes.get(name);
            String found = "shape " + Arrays.toString(tensor.shape());
            if (expected == null) {
                throw InvalidInputException.of(
                        source, "tensor " + name, found, "no tensor of that name in a BERT of this configuration");
            }
            if (!Arrays.equals(expected, tensor.shape())) {
                throw InvalidInputException.of(
                        source, "tensor " + name, found, Arrays.toString(expected) + " by the configuration");
            }
        });
        for (Map.Entry<String, long[]> tensor : shapes.entrySet()) {
            String head = headOf(tensor.getKey());
            boolean wanted = head == null || weights.keySet().stream().anyMatch(name -> name.startsWith(head));
            if (wanted && !weights.containsKey(tensor.getKey())) {
                throw InvalidInputException.of(
                        source,
                        "tensor " + tensor.getKey(),
                        "none",
                        "shape " + Arrays.toString(tensor.getValue()) + " by the configuration");
            }
        }
    }

    private static String headOf(String name) {
        return HEADS.stream().filter(name::startsWith).findFirst().orElse(null);
    }

    private void linear(String name, long out, long in) {
        shapes.put(name + ".weight", new long[] {out, in});
        shapes.put(name + ".bias", new long[] {out});
    }

    private void norm(String name, long width) {
        shapes.put(name + ".weight", new long[] {width});
        shapes.put(name + ".bias", new long[] {width});
    }
}
