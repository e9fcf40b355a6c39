package norma.trainer.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsWriter;

/** A model's folder as Hugging Face publishes it, without a tokenizer. */
public final class PublishedFolder {
    private PublishedFolder() {}

    /** With its tensors in one file, which replaces an earlier one. */
    public static void write(Path folder, JsonNode config, Map<String, HostTensor> weights) throws IOException {
        Files.writeString(folder.resolve("config.json"), config.toString());
        Path file = folder.resolve("model.safetensors");
        Files.deleteIfExists(file);
        SafetensorsWriter.write(file, weights, Map.of());
    }

    /** With its tensors in two files and an index. */
    public static void writeShards(Path folder, JsonNode config, Map<String, HostTensor> weights) throws IOException {
        Files.writeString(folder.resolve("config.json"), config.toString());
        ObjectNode index = new ObjectMapper().createObjectNode();
        for (int shard = 0; shard < 2; shard++) {
            String file = "model-0000" + (shard + 1) + "-of-00002.safetensors";
            Map<String, HostTensor> part = new LinkedHashMap<>();
            for (var tensor : weights.entrySet()) {
                if (tensor.getKey().hashCode() % 2 == 0 ^ shard == 0) {
                    part.put(tensor.getKey(), tensor.getValue());
                    index.withObject("/weight_map").put(tensor.getKey(), file);
                }
            }
            SafetensorsWriter.write(folder.resolve(file), part, Map.of());
        }
        Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
    }
}
