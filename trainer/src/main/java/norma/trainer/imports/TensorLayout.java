package norma.trainer.imports;

import ai.djl.nn.Parameter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.trainer.architectures.Architectures;
import norma.trainer.model.Architecture;
import norma.trainer.model.Head;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Network;
import norma.trainer.model.TensorNames;
import norma.trainer.safetensors.HostTensor;

/**
 * Which tensors a model of a given shape has, by Hugging Face name. An import is compared with it before anything is
 * written: a name or a shape that was mistaken on the way must not become a model that opens.
 */
final class TensorLayout {
    private final TensorNames names;
    private final Map<String, long[]> shapes = new LinkedHashMap<>();
    private final Set<String> optional = new HashSet<>();

    private TensorLayout(ModelConfig config, int outputs) {
        Architecture architecture = Architectures.of(config);
        names = architecture.names();
        add(architecture.network(config));
        add(architecture.classifier(config, outputs, 0));
    }

    private void add(Network network) {
        network.parameters().forEach(this::add);
        network.optional().forEach(parameter -> optional.add(parameter.getName()));
    }

    private void add(Parameter parameter) {
        shapes.put(parameter.getName(), parameter.getShape().getShape());
    }

    /**
     * Compares weights with the layout of their configuration: what lies below the heads is whole, each head is whole
     * or absent, and there is nothing else.
     *
     * @throws InvalidInputException naming the tensor
     */
    static void require(String source, ModelConfig config, Map<String, HostTensor> weights) {
        if (config.vocabSize() == null) {
            throw InvalidInputException.of(source, "vocab_size", "none", "the number of word embeddings");
        }
        Architectures.requireLayers(config, weights.size(), source);
        new TensorLayout(config, outputs(Architectures.of(config).names(), weights)).require(source, weights);
    }

    /** Outputs of the classifier, 1 if there is none. */
    private static int outputs(TensorNames names, Map<String, HostTensor> weights) {
        return weights.entrySet().stream()
                .filter(tensor -> names.headOf(tensor.getKey()).equals(Optional.of(Head.CLASSIFIER)))
                .filter(tensor -> tensor.getKey().endsWith(names.classifierOutput()))
                .filter(tensor -> tensor.getValue().shape().length > 0)
                .map(tensor -> (int) Math.min(
                        Integer.MAX_VALUE, Math.max(1, tensor.getValue().shape()[0])))
                .findFirst()
                .orElse(1);
    }

    private void require(String source, Map<String, HostTensor> weights) {
        weights.forEach((name, tensor) -> {
            long[] expected = shapes.get(name);
            String found = "shape " + Arrays.toString(tensor.shape());
            if (expected == null) {
                throw InvalidInputException.of(
                        source, "tensor " + name, found, "no tensor of that name in a model of this configuration");
            }
            if (!Arrays.equals(expected, tensor.shape())) {
                throw InvalidInputException.of(
                        source, "tensor " + name, found, Arrays.toString(expected) + " by the configuration");
            }
        });
        for (Map.Entry<String, long[]> tensor : shapes.entrySet()) {
            Optional<Head> head = names.headOf(tensor.getKey());
            boolean wanted = head.isEmpty()
                    || weights.keySet().stream().map(names::headOf).anyMatch(head::equals);
            if (wanted && !optional.contains(tensor.getKey()) && !weights.containsKey(tensor.getKey())) {
                throw InvalidInputException.of(
                        source,
                        "tensor " + tensor.getKey(),
                        "none",
                        "shape " + Arrays.toString(tensor.getValue()) + " by the configuration");
            }
        }
    }
}
