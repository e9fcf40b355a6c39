package norma.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.base.Hashes;
import norma.datasets.tokenizer.Casing;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.Head;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
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

        ImportFixtures.requireSame(SafetensorsFile.readAll(target.resolve("model.safetensors")), golden.weights());
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
        Path source = ImportFixtures.source(folder, golden, weights);
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
        ImportFixtures.requireSame(SafetensorsFile.readAll(folder.resolve("out/model.safetensors")), encoder);
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
        ImportFixtures.shards(source, old);
        ModelImport.run(source, folder.resolve("out"), ImportOptions.NONE, false);

        Map<String, HostTensor> imported = SafetensorsFile.readAll(folder.resolve("out/model.safetensors"));
        assertThat(imported.keySet()).containsExactlyInAnyOrderElementsOf(weights.keySet());
        List<String> names = List.copyOf(weights.keySet());
        for (String name : names) {
            float[] exact = weights.get(name).values();
            float[] found = imported.get(name).values();
            int at = names.indexOf(name);
            for (int i = 0; i < exact.length; i++) {
                assertThat(Float.floatToRawIntBits(found[i])).as(name).isEqualTo(ImportFixtures.kept(exact[i], at % 2));
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
        Path source = ImportFixtures.source(folder, golden, encoder);
        ObjectNode record = ModelImport.run(source, folder.resolve("out"), ImportOptions.NONE, false);
        assertThat(record.get("heads")).isEmpty();
        assertThat(MAPPER.readTree(folder.resolve("out/config.json").toFile())
                        .at("/architectures/0")
                        .asText())
                .isEqualTo("BertModel");
        Map<String, HostTensor> expected = new LinkedHashMap<>();
        encoder.forEach((name, tensor) -> expected.put("bert." + name, tensor));
        ImportFixtures.requireSame(SafetensorsFile.readAll(folder.resolve("out/model.safetensors")), expected);
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
        Path source = Files.move(ImportFixtures.source(folder, golden, golden.weights()), folder.resolve(name));
        Files.writeString(source.resolve("vocab.txt"), ImportFixtures.vocabulary(ImportFixtures.embeddings(golden)));
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
        Path source = ImportFixtures.source(folder, golden, golden.weights());
        int paris = ImportFixtures.embeddings(golden) - 1;
        Files.writeString(source.resolve("vocab.txt"), ImportFixtures.vocabulary(paris) + "Paris\n");
        ModelImport.run(source, folder.resolve("out"), ImportOptions.NONE, false);
        try (Tokenizer tokenizer = Tokenizer.load(folder.resolve("out/tokenizer.json"))) {
            assertThat(tokenizer.encode(List.of("Paris paris")).get(0)).containsExactly(paris, tokenizer.unkId());
        }
    }
}
