package norma.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.Casing;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.Head;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.safetensors.SafetensorsWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders that Hugging Face's transformers wrote, and the forms that other releases of it write. */
@Tag("unit")
class HuggingFaceImportTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String WORDS = "bert.embeddings.word_embeddings.weight";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bert", "bert-classification/classification", "bert-classification/regression"})
    void referenceFolder_keepsEveryTensorsBytesAndEveryConfigKey(String fixture) throws IOException {
        ReferenceFolder golden = GoldenFixture.of(fixture);
        Path target = folder.resolve("imported");
        ObjectNode record = ModelImport.run(golden.folder(), target, ImportOptions.NONE, false);

        requireSame(tensors(target.resolve("model.safetensors")), golden.weights());
        assertThat(MAPPER.readTree(target.resolve("config.json").toFile())).isEqualTo(golden.config());
        assertThat(record.at("/source_files/model.safetensors").asText())
                .isEqualTo(Hashes.sha256(golden.folder().resolve("model.safetensors")));
        assertThat(MAPPER.readTree(target.resolve("import.json").toFile()))
                .isEqualTo(MAPPER.readTree(record.toString()));
    }

    @Test
    void headsThatAreThere_areNamed() {
        ObjectNode record =
                ModelImport.run(GoldenFixture.of("bert").folder(), folder.resolve("a"), ImportOptions.NONE, false);
        assertThat(record.get("heads"))
                .extracting(JsonNode::asText)
                .containsExactly("pooler", "language_model", "next_sentence");
        record = ModelImport.run(
                GoldenFixture.of("bert-classification/regression").folder(),
                folder.resolve("b"),
                ImportOptions.NONE,
                false);
        assertThat(record.get("heads")).extracting(JsonNode::asText).containsExactly("pooler", "classifier");
    }

    @ParameterizedTest
    @CsvSource({
        "BertForTokenClassification, classifier, false",
        "BertForTokenClassification, classifier, true",
        "BertForMultipleChoice, classifier, true",
        "BertForQuestionAnswering, qa_outputs, false",
        "BertForSequenceClassification, classifier, false"
    })
    void aHeadThatIsNoSequenceClassifiers_isLeftOutWithAWord_andTheEncoderImported(
            String name, String head, boolean pooler) throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Map<String, HostTensor> encoder = new LinkedHashMap<>();
        golden.weights().forEach((tensor, values) -> {
            if (tensor.startsWith("bert.") && (pooler || !tensor.startsWith("bert.pooler."))) {
                encoder.put(tensor, values);
            }
        });
        Map<String, HostTensor> weights = new LinkedHashMap<>(encoder);
        int hidden = golden.config().get("hidden_size").asInt();
        weights.put(head + ".weight", new HostTensor(new long[] {2, hidden}, new float[2 * hidden]));
        weights.put(head + ".bias", new HostTensor(new long[] {2}, new float[2]));
        Path source = source(golden, weights);
        ObjectNode config = (ObjectNode) golden.config().deepCopy();
        config.putArray("architectures").add(name);
        config.putObject("id2label").put("0", "O").put("1", "B");
        Files.writeString(source.resolve("config.json"), config.toString());

        ObjectNode record = ModelImport.run(source, folder.resolve("out"), ImportOptions.NONE, false);
        assertThat(record.get("heads")).extracting(JsonNode::asText).isEqualTo(pooler ? List.of("pooler") : List.of());
        assertThat(record.get("left_out")).hasSize(1);
        assertThat(record.at("/left_out/0").asText())
                .contains("(" + head + ".bias, " + head + ".weight) is left out: ");
        assertThat(record.get("architecture").asText()).isEqualTo("BertModel");
        requireSame(tensors(folder.resolve("out/model.safetensors")), encoder);
        JsonNode written = MAPPER.readTree(folder.resolve("out/config.json").toFile());
        assertThat(written.at("/architectures/0").asText()).isEqualTo("BertModel");
        assertThat(written.has("id2label")).isFalse();
        try (PretrainedModel opened = PretrainedModel.open(source, Device.cpu())) { // as it is, without an import
            assertThat(opened.heads()).isEqualTo(pooler ? Set.of(Head.POOLER) : Set.of());
            assertThat(opened.leftOut())
                    .containsExactly(record.at("/left_out/0").asText());
        }
    }

    @Test
    void shardsOfHalfPrecisionUnderOldNames_keepTheirValues() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Map<String, HostTensor> weights = golden.weights();
        Map<String, HostTensor> old = new LinkedHashMap<>();
        weights.forEach((name, tensor) -> old.put(
                name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"),
                tensor));
        old.put("cls.predictions.decoder.weight", weights.get(WORDS));
        old.put("cls.predictions.decoder.bias", weights.get("cls.predictions.bias"));
        old.put("bert.embeddings.position_ids", new HostTensor(new long[] {1, 2}, new float[] {0, 1}));
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.copy(golden.folder().resolve("config.json"), source.resolve("config.json"));
        shards(source, old);
        ModelImport.run(source, folder.resolve("out"), ImportOptions.NONE, false);

        Map<String, HostTensor> imported = tensors(folder.resolve("out/model.safetensors"));
        assertThat(imported.keySet()).containsExactlyInAnyOrderElementsOf(weights.keySet());
        List<String> names = List.copyOf(weights.keySet());
        for (String name : names) {
            float[] exact = weights.get(name).values();
            float[] found = imported.get(name).values();
            int at = names.indexOf(name);
            for (int i = 0; i < exact.length; i++) {
                assertThat(Float.floatToRawIntBits(found[i])).as(name).isEqualTo(kept(exact[i], at % 2));
            }
        }
        assertThat(Arrays.equals(
                        imported.get(WORDS).values(), weights.get(WORDS).values()))
                .isFalse();
    }

    @Test
    void encoderAlone_withoutThePrefix_isABertModel() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Map<String, HostTensor> encoder = new LinkedHashMap<>();
        golden.weights().forEach((name, tensor) -> {
            if (name.startsWith("bert.") && !name.startsWith("bert.pooler.")) {
                encoder.put(name.substring("bert.".length()), tensor);
            }
        });
        Path source = source(golden, encoder);
        ObjectNode record = ModelImport.run(source, folder.resolve("out"), ImportOptions.NONE, false);
        assertThat(record.get("heads")).isEmpty();
        assertThat(MAPPER.readTree(folder.resolve("out/config.json").toFile())
                        .at("/architectures/0")
                        .asText())
                .isEqualTo("BertModel");
        Map<String, HostTensor> expected = new LinkedHashMap<>();
        encoder.forEach((name, tensor) -> expected.put("bert." + name, tensor));
        requireSame(tensors(folder.resolve("out/model.safetensors")), expected);
    }

    @Test
    void decoderThatIsNotTied_isRefused() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Map<String, HostTensor> weights = golden.weights();
        float[] other = weights.get(WORDS).values().clone();
        other[5] += 1;
        weights.put(
                "cls.predictions.decoder.weight",
                new HostTensor(weights.get(WORDS).shape(), other));
        refused(source(golden, weights), "cls.predictions.decoder.weight", "those of " + WORDS);
    }

    @Test
    void shapeThatContradictsTheConfig_isRefusedByName() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Map<String, HostTensor> weights = golden.weights();
        String name = "bert.encoder.layer.0.intermediate.dense.weight";
        HostTensor whole = weights.get(name);
        long[] flat = {whole.values().length};
        weights.put(name, new HostTensor(flat, whole.values()));
        refused(source(golden, weights), name, "shape " + Arrays.toString(flat), Arrays.toString(whole.shape()));
    }

    @Test
    void tensorThatIsMissing_andOneTooMany_areRefusedByName() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Map<String, HostTensor> weights = golden.weights();
        HostTensor bias = weights.remove("bert.encoder.layer.0.output.dense.bias");
        refused(source(golden, weights), "bert.encoder.layer.0.output.dense.bias", "none");

        weights.put("bert.encoder.layer.0.output.dense.bias", bias);
        weights.put("crf.transitions", bias);
        Files.delete(folder.resolve("source/model.safetensors"));
        SafetensorsWriter.write(folder.resolve("source/model.safetensors"), weights, Map.of());
        refused(folder.resolve("source"), "crf.transitions", "no tensor of that name");
    }

    @Test
    void shardThatLacksATensorOfTheIndex_isRefused() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.copy(golden.folder().resolve("config.json"), source.resolve("config.json"));
        shards(source, golden.weights());
        ObjectNode index = (ObjectNode)
                MAPPER.readTree(source.resolve("model.safetensors.index.json").toFile());
        index.withObject("/weight_map").put("bert.pooler.dense.bias", "model-00003-of-00003.safetensors");
        MAPPER.writeValue(source.resolve("model.safetensors.index.json").toFile(), index);
        refused(source, "index.json", "bert.pooler.dense.bias", "model-00003-of-00003.safetensors");
        index.withObject("/weight_map").remove("bert.pooler.dense.bias");
        index.withObject("/weight_map").put("cls.more", "model-00001-of-00002.safetensors");
        MAPPER.writeValue(source.resolve("model.safetensors.index.json").toFile(), index);
        refused(source, "model-00001-of-00002.safetensors", "cls.more", "none");
    }

    @Test
    void anArchitectureThatIsNotThere_isNamedWithThoseThatAre() {
        refused(GoldenFixture.of("gpt2").folder(), "model_type", "gpt2", "expected one of bert");
    }

    @ParameterizedTest
    @CsvSource({
        "FROM_SOURCE, none,    plain,             false",
        "FROM_SOURCE, none,    tiny-bert-cased,   true",
        "FROM_SOURCE, none,    tiny-bert-uncased, false",
        "FROM_SOURCE, '{}',    tiny-bert-cased,   true",
        "FROM_SOURCE, 'true',  tiny-bert-cased,   false",
        "FROM_SOURCE, 'false', plain,             true",
        "CASED,       none,    plain,             true",
        "CASED,       'true',  tiny-bert-uncased, true",
        "UNCASED,     'false', tiny-bert-cased,   false"
    })
    void casingOfAVocabTxt_isTheOptions_orTheSettings_orSuggestedByTheName(
            Casing option, String lowercase, String name, boolean cased) throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path source = Files.move(source(golden, golden.weights()), folder.resolve(name));
        Files.writeString(source.resolve("vocab.txt"), vocabulary(embeddings(golden)));
        if (!lowercase.equals("none")) {
            Files.writeString(
                    source.resolve("tokenizer_config.json"),
                    lowercase.equals("{}") ? "{}" : "{\"do_lower_case\": " + lowercase + "}");
        }
        ObjectNode record = ModelImport.run(source, folder.resolve("out"), new ImportOptions(0, option, false), false);
        try (Tokenizer tokenizer = Tokenizer.load(folder.resolve("out/tokenizer.json"))) {
            assertThat(tokenizer.encode(List.of("WORD7")).get(0)).containsExactly(cased ? tokenizer.unkId() : 7);
        }
        boolean told = option != Casing.FROM_SOURCE || lowercase.matches("true|false");
        assertThat(record.get("assumed").toString().contains("setting `casing="))
                .isEqualTo(!told);
    }

    @Test
    void vocabularyOfWordsWithCapitals_isCased() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path source = source(golden, golden.weights());
        int paris = embeddings(golden) - 1;
        Files.writeString(source.resolve("vocab.txt"), vocabulary(paris) + "Paris\n");
        ModelImport.run(source, folder.resolve("out"), ImportOptions.NONE, false);
        try (Tokenizer tokenizer = Tokenizer.load(folder.resolve("out/tokenizer.json"))) {
            assertThat(tokenizer.encode(List.of("Paris paris")).get(0)).containsExactly(paris, tokenizer.unkId());
        }
    }

    @Test
    void vocabularyLargerThanTheEmbeddings_isRefused() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path source = source(golden, golden.weights());
        int embeddings = embeddings(golden);
        Files.writeString(source.resolve("vocab.txt"), vocabulary(embeddings + 1));
        refused(source, "vocabulary", (embeddings + 1) + " tokens", "at most the " + embeddings + " embeddings");
    }

    @Test
    void folderWithoutAModel_andNoFolderAtAll_areRefused() throws IOException {
        refused(Files.createDirectory(folder.resolve("empty")), "empty", "found none", "config.json");
        refused(folder.resolve("nothing"), "nothing: no such file or folder");
    }

    @Test
    void existingTarget_isReplacedOnlyWithForce_andOnlyIfAnImportMadeIt() throws IOException {
        Path source = GoldenFixture.of("bert").folder();
        Path target = folder.resolve("out");
        ModelImport.run(source, target, ImportOptions.NONE, false);
        refused(source, "exists", "expected a new folder");
        Files.writeString(target.resolve("note.txt"), "old");
        ModelImport.run(source, target, ImportOptions.NONE, true);
        assertThat(target.resolve("note.txt")).doesNotExist();
        assertThat(folder).isDirectoryContaining("glob:**/out").isDirectoryNotContaining("glob:**/.*");

        Path precious = Files.createDirectory(folder.resolve("precious"));
        Files.writeString(precious.resolve("thesis.tex"), "everything");
        assertThatThrownBy(() -> ModelImport.run(source, precious, ImportOptions.NONE, true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no import made");
        assertThat(precious.resolve("thesis.tex")).hasContent("everything");
    }

    @Test
    void failedImport_leavesNothingBehind_andTheOldOneInPlace() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Path target = folder.resolve("out");
        ModelImport.run(golden.folder(), target, ImportOptions.NONE, false);
        byte[] before = Files.readAllBytes(target.resolve("model.safetensors"));
        Map<String, HostTensor> weights = golden.weights();
        weights.remove(WORDS);
        Path broken = source(golden, weights);
        assertThatThrownBy(() -> ModelImport.run(broken, target, ImportOptions.NONE, true))
                .isInstanceOf(InvalidInputException.class);
        assertThat(Files.readAllBytes(target.resolve("model.safetensors"))).isEqualTo(before);
        assertThat(folder).isDirectoryNotContaining("glob:**/.*");
    }

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

    private Path source(ReferenceFolder golden, Map<String, HostTensor> weights) throws IOException {
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.copy(golden.folder().resolve("config.json"), source.resolve("config.json"));
        SafetensorsWriter.write(source.resolve("model.safetensors"), weights, Map.of());
        return source;
    }

    private void refused(Path source, String... parts) {
        Path target = folder.resolve("out");
        assertThatThrownBy(() -> ModelImport.run(source, target, ImportOptions.NONE, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll(parts);
    }

    /** A shard of BF16, one of F16 and an index, laid out by hand. */
    private static void shards(Path source, Map<String, HostTensor> weights) throws IOException {
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
    private static int kept(float value, int shard) {
        int bits = Float.floatToRawIntBits(value);
        if (shard == 0) {
            return bits & 0xffff0000;
        }
        return Math.abs(value) < 0x1p-14f ? bits & 0x80000000 : bits & 0xffffe000;
    }

    private static short float16(int kept) {
        int sign = (kept >>> 16) & 0x8000;
        int magnitude = kept & 0x7fffffff;
        return (short) (magnitude == 0 ? sign : sign | ((magnitude - (112 << 23)) >>> 13));
    }

    static Map<String, HostTensor> tensors(Path file) throws IOException {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        try (SafetensorsFile in = SafetensorsFile.open(file)) {
            for (String name : in.names()) {
                assertThat(in.dtype(name)).isEqualTo("F32");
                tensors.put(name, in.read(name));
            }
        }
        return tensors;
    }

    static void requireSame(Map<String, HostTensor> found, Map<String, HostTensor> expected) {
        assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
        expected.forEach((name, tensor) -> {
            assertThat(found.get(name).shape()).as(name).isEqualTo(tensor.shape());
            assertThat(bits(found.get(name))).as(name).isEqualTo(bits(tensor));
        });
    }

    private static int[] bits(HostTensor tensor) {
        int[] bits = new int[tensor.values().length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(tensor.values()[i]);
        }
        return bits;
    }
}
