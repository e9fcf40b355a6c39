package norma.trainer.imports;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.InnerPath;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.datasets.tokenizer.PublishedTokenizer;
import norma.datasets.tokenizer.TokenizerFiles;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.EncoderConfig;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.checkpoint.Manifest;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.StoredHeads;
import norma.trainer.model.TensorNames;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;

/**
 * A folder of Hugging Face's: {@code config.json} and {@code model.safetensors}, whole or in shards under an index, of
 * F32, F16, BF16 or F64; with {@code tokenizer.json} or {@code vocab.txt}.
 */
final class HuggingFaceFolder {
    private static final String INDEX = CheckpointFiles.WEIGHTS + ".index.json";
    private static final List<String> LABELS =
            List.of("num_labels", "id2label", "label2id", "problem_type", "classifier_dropout");

    private final Path folder;
    private final ImportOptions options;

    HuggingFaceFolder(Path folder, ImportOptions options) {
        this.folder = folder;
        this.options = options;
    }

    ImportedModel read() throws IOException {
        Manifest.requireWhole(folder); // one of ours may be imported too
        Path configFile = new CheckpointFiles(folder).config();
        JsonNode json = JsonFile.read(configFile, "a model's config.json").node();
        ModelConfig config = Architectures.config(json, configFile.toString());
        TensorNames names = Architectures.of(config).names();
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        for (Map.Entry<String, Set<String>> shard : shards().entrySet()) {
            Path path = folder.resolve(shard.getKey());
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                for (String promised : shard.getValue()) {
                    if (!file.contains(promised)) {
                        throw InvalidInputException.of(
                                path.toString(), "tensor " + promised, "none", "it, by " + INDEX);
                    }
                }
                for (String name : file.names()) {
                    String ours = names.canonical().apply(name);
                    if (!names.isBuffer(ours) && weights.put(ours, file.read(name)) != null) {
                        throw InvalidInputException.of(
                                path.toString(), "tensor " + name, "a second one", "each name once");
                    }
                }
            }
        }
        requireTied(names, weights);
        List<String> assumptions = new ArrayList<>();
        String activation = json.path("hidden_act").asText();
        if (config instanceof EncoderConfig encoder
                && !List.of("", encoder.hiddenAct()).contains(activation)) {
            assumptions.add("hidden_act " + activation + " is " + encoder.hiddenAct() + " here");
        }
        return new ImportedModel(
                "Hugging Face folder",
                config,
                StoredHeads.classes(json, configFile.toString()),
                labels(json),
                weights,
                tokenizer(assumptions),
                List.copyOf(assumptions));
    }

    private static Map<String, JsonNode> labels(JsonNode config) {
        Map<String, JsonNode> labels = new LinkedHashMap<>();
        for (String key : LABELS) {
            if (config.has(key)) {
                labels.put(key, config.get(key));
            }
        }
        return labels;
    }

    /** The files that hold weights, and which tensors the index says are in each. */
    private Map<String, Set<String>> shards() throws IOException {
        if (Files.isRegularFile(new CheckpointFiles(folder).weights())) {
            return Map.of(CheckpointFiles.WEIGHTS, Set.of());
        }
        Path index = folder.resolve(INDEX);
        if (!Files.isRegularFile(index)) {
            throw new InvalidInputException(folder + ": has neither " + CheckpointFiles.WEIGHTS + " nor " + INDEX
                    + ", expected safetensors (pickled weights are not read)");
        }
        Map<String, Set<String>> shards = new LinkedHashMap<>();
        JsonObject map = JsonFile.read(index).object("weight_map");
        for (String tensor : map.keys()) {
            String shard = map.text(tensor);
            boolean beside = !shard.contains("/")
                    && InnerPath.resolve(folder, shard)
                            .filter(Files::isRegularFile)
                            .isPresent();
            if (!beside) {
                throw map.wrong(tensor, shard, "a file that lies beside the index");
            }
            shards.computeIfAbsent(shard, file -> new LinkedHashSet<>()).add(tensor);
        }
        if (shards.isEmpty()) {
            throw InvalidInputException.of(index.toString(), "weight_map", "none", "a shard for each tensor");
        }
        return shards;
    }

    private void requireTied(TensorNames names, Map<String, HostTensor> weights) {
        for (Map.Entry<String, String> tie : names.ties().entrySet()) {
            HostTensor copy = weights.remove(tie.getKey());
            HostTensor original = weights.get(tie.getValue());
            if (copy != null && original == null) {
                weights.put(tie.getValue(), copy);
            } else if (copy != null && !Arrays.equals(copy.values(), original.values())) {
                throw InvalidInputException.of(
                        folder.toString(), "tensor " + tie.getKey(), "other values", "those of " + tie.getValue());
            }
        }
    }

    private PublishedTokenizer tokenizer(List<String> assumptions) {
        Optional<TokenizerFiles> files = TokenizerFiles.in(folder);
        if (files.isEmpty()) {
            assumptions.add("no tokenizer: the folder has neither tokenizer.json nor vocab.txt");
            return null;
        }
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        PublishedTokenizer tokenizer = PublishedTokenizer.read(files.get(), options.tokenizer(name));
        assumptions.addAll(tokenizer.assumptions());
        return tokenizer;
    }
}
