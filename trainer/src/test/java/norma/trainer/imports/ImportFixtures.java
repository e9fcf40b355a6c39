package norma.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsWriter;

/** What tests of imports write and compare. */
final class ImportFixtures {
    private ImportFixtures() {}

    private static final ObjectMapper MAPPER = new ObjectMapper();

    static int embeddings(ReferenceFolder golden) {
        return golden.config().get("vocab_size").asInt();
    }

    static String vocabulary(int tokens) {
        StringBuilder text = new StringBuilder("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
        for (int i = 5; i < tokens; i++) {
            text.append("word").append(i).append('\n');
        }
        return text.toString();
    }

    /** A shard of BF16, one of F16 and an index, laid out by hand. */
    static void shards(Path source, Map<String, HostTensor> weights) throws IOException {
        ObjectNode index = MAPPER.createObjectNode();
        for (int shard = 0; shard < 2; shard++) {
            String file = "model-0000" + (shard + 1) + "-of-00002.safetensors";
            ObjectNode header = MAPPER.createObjectNode();
            int bytes = 0;
            int at = 0;
            for (var tensor : weights.entrySet()) {
                if (at++ % 2 == shard) {
                    int end = bytes + 2 * tensor.getValue().values().length;
                    ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", shard == 0 ? "BF16" : "F16");
                    Arrays.stream(tensor.getValue().shape()).forEach(entry.withArray("shape")::add);
                    entry.putArray("data_offsets").add(bytes).add(end);
                    index.withObject("/weight_map").put(tensor.getKey(), file);
                    bytes = end;
                }
            }
            byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
            ByteBuffer all = ByteBuffer.allocate(8 + json.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
            all.putLong(json.length).put(json);
            at = 0;
            for (HostTensor tensor : weights.values()) {
                if (at++ % 2 == shard) {
                    for (float value : tensor.values()) {
                        int kept = kept(value, shard);
                        all.putShort(shard == 0 ? (short) (kept >>> 16) : float16(kept));
                    }
                }
            }
            Files.write(source.resolve(file), all.array());
        }
        MAPPER.writeValue(source.resolve("model.safetensors.index.json").toFile(), index);
    }

    /** Bits of the float32 that a value becomes when it is cut, not rounded, to BF16 (shard 0) or normal F16 (1). */
    static int kept(float value, int shard) {
        int bits = Float.floatToRawIntBits(value);
        if (shard == 0) {
            return bits & 0xffff0000;
        }
        return Math.abs(value) < 0x1p-14f ? bits & 0x80000000 : bits & 0xffffe000;
    }

    static short float16(int kept) {
        int sign = (kept >>> 16) & 0x8000;
        int magnitude = kept & 0x7fffffff;
        return (short) (magnitude == 0 ? sign : sign | ((magnitude - (112 << 23)) >>> 13));
    }

    static void requireSame(Map<String, HostTensor> found, Map<String, HostTensor> expected) {
        assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
        expected.forEach((name, tensor) -> {
            assertThat(found.get(name).shape()).as(name).isEqualTo(tensor.shape());
            assertThat(bits(found.get(name))).as(name).isEqualTo(bits(tensor));
        });
    }

    static int[] bits(HostTensor tensor) {
        int[] bits = new int[tensor.values().length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(tensor.values()[i]);
        }
        return bits;
    }

    /** A model's folder as Hugging Face lays it out, with other weights. */
    static Path source(Path folder, ReferenceFolder golden, Map<String, HostTensor> weights) throws IOException {
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.copy(golden.folder().resolve("config.json"), source.resolve("config.json"));
        SafetensorsWriter.write(source.resolve("model.safetensors"), weights, Map.of());
        return source;
    }
}
