package norma.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.SafetensorsWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources that are damaged, or made to harm: each is refused in a sentence, and nothing is written. */
@Tag("unit")
class DamagedSourceTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path folder;

    private void refused(Path source, String... parts) {
        Path out = folder.resolve("out");
        assertThatThrownBy(() -> ModelImport.run(source, out, ImportOptions.NONE, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(source.toString())
                .hasMessageContainingAll(parts);
        assertThat(out).doesNotExist();
        assertThat(folder).isDirectoryNotContaining("glob:**/.*");
    }

    private static byte[] zip(String name, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return bytes.toByteArray();
    }

    @Test
    void zipsThreeThousandDeep_areRefused() throws IOException {
        byte[] nested = zip("vocab.txt", new byte[] {'a'});
        for (int depth = 1; depth < 3000; depth++) {
            nested = zip("z", nested);
        }
        refused(Files.write(folder.resolve("nest.zip"), nested), "archives more than 8 deep in each other");
    }

    @Test
    void aNameThatIsNoUtf8_isRefused() throws IOException {
        byte[] zip = zip("vocab.t??", new byte[] {'a'});
        for (int at = 0; at < zip.length; at++) {
            zip[at] = zip[at] == '?' ? (byte) 0xff : zip[at];
        }
        zip[7] |= 8; // general purpose bit 11: the name is in UTF-8
        refused(Files.write(folder.resolve("names.zip"), zip), "a name of other bytes, expected names in UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocab.txt", "anything"})
    void anArchiveThatExpandsToAThousandTimesItsSize_isRefused(String name) throws IOException {
        Path bomb = folder.resolve("bomb.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(bomb))) {
            zip.putNextEntry(new ZipEntry(name));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 500; i++) {
                zip.write(zeros);
            }
        }
        refused(bomb, "archive: found more than ", "expected at most 256 for each of its own");
    }

    @Test
    void aDevice_isNotWaitedFor() {
        refused(Path.of("/dev/zero"), "is a device, expected a model to import");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "../config.json", "/etc/passwd", "", "."})
    void aShardThatIsNoFileBesideTheIndex_isRefused(String shard) throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Files.copy(golden.folder().resolve("config.json"), folder.resolve("config.json"));
        ObjectNode index = MAPPER.createObjectNode();
        index.putObject("weight_map").put("bert.pooler.dense.bias", shard);
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.copy(golden.folder().resolve("config.json"), source.resolve("config.json"));
        Files.writeString(source.resolve("model.safetensors.index.json"), index.toString());

        refused(source, "weight_map.bert.pooler.dense.bias", "expected a file that lies beside the index");
    }

    @Test
    void aWeightMapOfAnotherType_isRefused() throws IOException {
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.copy(GoldenFixture.of("bert").folder().resolve("config.json"), source.resolve("config.json"));
        Path index = source.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"weight_map\": [1]}");
        refused(source, index + ": weight_map: found [1], expected an object");
        Files.writeString(index, "{\"weight_map\": {\"a\": 7}}");
        refused(source, index + ": weight_map.a: found 7, expected text");
    }

    @ParameterizedTest
    @CsvSource({
        "vocab_size, 2147483647, word_embeddings",
        "hidden_size, 2147483640, LayerNorm",
        "intermediate_size, 2147483647, intermediate",
        "num_hidden_layers, 2147483647, num_hidden_layers",
        "max_position_embeddings, 2147483647, position_embeddings"
    })
    void aSizeThatTheTensorsDoNotHave_isRefusedBeforeRoomIsMade(String key, int size, String named) throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path source = Files.createDirectory(folder.resolve("source"));
        SafetensorsWriter.write(source.resolve("model.safetensors"), golden.weights(), Map.of());
        ObjectNode config = golden.config().deepCopy();
        Files.writeString(
                source.resolve("config.json"),
                config.put(key, size).put("num_attention_heads", 1).toString());

        refused(source, named);
    }

    @Test
    void aTextThatIsNone_isNamedByFileAndKey() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path source = Files.createDirectory(folder.resolve("source"));
        SafetensorsWriter.write(source.resolve("model.safetensors"), golden.weights(), Map.of());
        ObjectNode config = golden.config().deepCopy();
        config.putArray("hidden_act").add("gelu");
        Files.writeString(source.resolve("config.json"), config.toString());

        refused(source, "config.json: hidden_act: found [\"gelu\"], expected text");
    }

    @Test
    void nodesOfAnOnnxGraphWithoutInputsOutputsOrAttributes_areNamed() throws IOException {
        refusedOnnx(node("MatMul", 1), "model.onnx: node m (MatMul): found 1 input, expected at least 2");
        refusedOnnx(node("MatMul", 0), "node m (MatMul): found 0 inputs");
        refusedOnnx(node("Gemm", 1), "node m (Gemm): found 1 input, expected");
        refusedOnnx(node("Add", 1), "node m (Add): found 1 input, expected");
    }

    @Test
    void aNodeWithoutName_isNamedByWhatItReads() throws IOException {
        OnnxMl.GraphProto.Builder graph = node("MatMul", 1);
        graph.getNodeBuilder(0).clearName();
        refusedOnnx(graph, "node that reads [x] (MatMul): found 1 input");
    }

    @Test
    void anOnnxTensorWhoseBytesAreNoFloats_orNoneOfItsShape_isNamed() throws IOException {
        refusedOnnx(tensor(new long[] {1}, 5), "tensor w: found 5 bytes, expected whole float32 numbers");
        refusedOnnx(tensor(new long[] {3}, 8), "tensor w: found 2 values, expected those of its shape, [3]");
        refusedOnnx(tensor(new long[] {-1, -2}, 8), "tensor w: found 2 values, expected those of its shape, [-1, -2]");
    }

    private void refusedOnnx(OnnxMl.GraphProto.Builder graph, String finding) throws IOException {
        Path file = folder.resolve("model.onnx");
        Files.write(file, OnnxMl.ModelProto.newBuilder().setGraph(graph).build().toByteArray());
        refused(file, finding);
    }

    private static OnnxMl.GraphProto.Builder node(String operator, int inputs) {
        String[] names = new String[inputs];
        Arrays.fill(names, "x");
        return OnnxMl.GraphProto.newBuilder()
                .addNode(OnnxMl.NodeProto.newBuilder()
                        .setName("m")
                        .setOpType(operator)
                        .addAllInput(Arrays.asList(names)));
    }

    private static OnnxMl.GraphProto.Builder tensor(long[] shape, int bytes) {
        OnnxMl.TensorProto.Builder tensor = OnnxMl.TensorProto.newBuilder()
                .setName("w")
                .setDataType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                .setRawData(com.google.protobuf.ByteString.copyFrom(new byte[bytes]));
        Arrays.stream(shape).forEach(tensor::addDims);
        return OnnxMl.GraphProto.newBuilder().addInitializer(tensor);
    }

    @Test
    void aTensorFlowConfigurationOfAnotherType_isNamedByFileAndKey() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.writeString(source.resolve("vocab.txt"), "[PAD]\n[UNK]\n");
        BundleFixture.of(golden.weights(), "", 1).write(source, "bert_model.ckpt");
        Path config = source.resolve("bert_config.json");
        Files.writeString(config, "{\"num_attention_heads\": \"4\"}");
        refused(source, "bert_config.json: num_attention_heads: found \"4\", expected a whole number");
        Files.write(config, "{\"num_attention_heads\": \u00ff}".getBytes(StandardCharsets.ISO_8859_1));
        refused(source, "bert_config.json: line 1: the byte 0xff, at offset 24, is not UTF-8");
    }
}
