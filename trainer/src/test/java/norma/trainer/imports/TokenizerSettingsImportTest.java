package norma.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.Casing;
import norma.datasets.tokenizer.Tokenizer;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.SafetensorsWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An import with a tokenizer whose settings lie beside it, and with files that are not what their names say. */
@Tag("engine")
class TokenizerSettingsImportTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder;

    private Path source;
    private Path target;
    private int embeddings;

    @BeforeEach
    void source() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        embeddings = ImportFixtures.embeddings(golden);
        source = Files.createDirectory(folder.resolve("source"));
        target = folder.resolve("out");
        Files.copy(golden.folder().resolve("config.json"), source.resolve("config.json"));
        SafetensorsWriter.write(source.resolve("model.safetensors"), golden.weights(), Map.of());
    }

    /** An uncased tokenizer.json; its tokens are words with their ids in the name, and one in capitals. */
    private void writeTokenizerJson() throws IOException {
        Path made = Files.createDirectory(folder.resolve("made"));
        Files.writeString(made.resolve("vocab.txt"), ImportFixtures.vocabulary(embeddings - 3) + "WORD7\n");
        try (Tokenizer tokenizer = Tokenizer.load(made.resolve("vocab.txt"))) {
            tokenizer.save(source.resolve("tokenizer.json"));
        }
    }

    private int[] ids(String text) {
        try (Tokenizer tokenizer = Tokenizer.load(target.resolve("tokenizer.json"))) {
            return tokenizer.encode(List.of(text)).get(0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FROM_SOURCE, none,  false",
        "FROM_SOURCE, true,  false",
        "FROM_SOURCE, false, true",
        "CASED,       none,  true",
        "CASED,       true,  true",
        "UNCASED,     false, false"
    })
    void casingOfATokenizerJson_isTheChoices_orTheSettings(Casing choice, String lowercase, boolean cased)
            throws IOException {
        writeTokenizerJson();
        if (!lowercase.equals("none")) {
            Files.writeString(source.resolve("tokenizer_config.json"), "{\"do_lower_case\": " + lowercase + "}");
        }
        ObjectNode record = ModelImport.run(source, target, new ImportOptions(0, choice, false), false);
        assertThat(ids("WORD7")).containsExactly(cased ? embeddings - 3 : 7);
        assertThat(record.get("tokenizer").toString())
                .contains(
                        choice == Casing.FROM_SOURCE && lowercase.equals("none")
                                ? "as tokenizer.json says"
                                : cased ? "text is not lower-cased" : "text is lower-cased");
        assertThat(MAPPER.readTree(target.resolve("import.json").toFile()).get("tokenizer"))
                .isEqualTo(record.get("tokenizer"));
    }

    @Test
    void addedTokens_haveTheEmbeddingsBehindTheVocabulary() throws IOException {
        Files.writeString(source.resolve("vocab.txt"), ImportFixtures.vocabulary(embeddings - 2));
        Files.writeString(
                source.resolve("added_tokens.json"),
                "{\"[ENT]\": " + (embeddings - 2) + ", \"aspirin\": " + (embeddings - 1) + "}");
        ObjectNode record = ModelImport.run(source, target, ImportOptions.NONE, false);
        assertThat(ids("word5 [ENT] Aspirin")).containsExactly(5, embeddings - 2, embeddings - 1);
        assertThat(record.get("assumed").toString()).doesNotContain("embeddings are for no token");
        assertThat(record.get("tokenizer").toString()).contains("2 added tokens, by added_tokens.json: [ENT] aspirin");
    }

    @Test
    void addedTokenBeyondTheEmbeddings_isRefusedByItsName() throws IOException {
        Files.writeString(source.resolve("vocab.txt"), ImportFixtures.vocabulary(embeddings));
        Files.writeString(source.resolve("added_tokens.json"), "{\"[ENT]\": " + embeddings + "}");
        assertThatThrownBy(() -> ModelImport.run(source, target, ImportOptions.NONE, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("the last [ENT], expected at most the " + embeddings + " embeddings");
        assertThat(target).doesNotExist();
    }

    @Test
    void namesOfSpecialTokens_andTheLimit_staySaidInTheImport() throws IOException {
        Files.writeString(
                source.resolve("vocab.txt"),
                ImportFixtures.vocabulary(embeddings).replace("[MASK]", "[BLANK]"));
        Files.writeString(
                source.resolve("tokenizer_config.json"), "{\"mask_token\": \"[BLANK]\", \"model_max_length\": 9}");
        ModelImport.run(source, target, ImportOptions.NONE, false);
        try (Tokenizer tokenizer = Tokenizer.load(target.resolve("tokenizer.json"))) {
            assertThat(tokenizer.token(tokenizer.maskId())).isEqualTo("[BLANK]");
            assertThat(tokenizer.longestSequence()).hasValue(9);
        }
    }

    @Test
    void settingsOfAnotherTokenizer_areRefused_orSetAside() throws IOException {
        Files.writeString(source.resolve("vocab.txt"), ImportFixtures.vocabulary(embeddings));
        Files.writeString(
                source.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\": \"BertJapaneseTokenizer\", \"word_tokenizer_type\": \"mecab\"}");
        assertThatThrownBy(() -> ModelImport.run(source, target, ImportOptions.NONE, false))
                .hasMessageContaining("tokenizer_config.json: tokenizer_class: found BertJapaneseTokenizer")
                .hasMessageContaining("ignore_tokenizer_settings");
        ModelImport.run(source, target, new ImportOptions(0, Casing.FROM_SOURCE, true), false);
        assertThat(ids("word5")).containsExactly(5);
    }

    /** Names of ACT2FN in Hugging Face's transformers; the forms differ by 0.0005 at most, and are told apart here. */
    @ParameterizedTest
    @CsvSource({
        "gelu, gelu",
        "gelu_python, gelu",
        "GELU, gelu",
        "gelu_new, gelu_new",
        "gelu_fast, gelu_new",
        "gelu_pytorch_tanh, gelu_new",
        "gelu_accurate, gelu_new",
        "relu, relu"
    })
    void hiddenAct_isTakenForTheFunctionThatItNames(String said, String computed) throws IOException {
        setHiddenAct(said);
        ObjectNode record = ModelImport.run(source, target, ImportOptions.NONE, false);
        assertThat(MAPPER.readTree(target.resolve("config.json").toFile())
                        .get("hidden_act")
                        .asText())
                .isEqualTo(computed);
        assertThat(record.get("assumed").toString().contains("hidden_act")).isEqualTo(!said.equals(computed));
    }

    @ParameterizedTest
    @CsvSource({"silu", "swish", "quick_gelu", "gelu_10", "Gelu"})
    void anotherActivation_isRefused(String said) throws IOException {
        setHiddenAct(said);
        assertThatThrownBy(() -> ModelImport.run(source, target, ImportOptions.NONE, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("hidden_act: found " + said + ", expected gelu, gelu_new or relu");
    }

    private void setHiddenAct(String name) throws IOException {
        Path file = source.resolve("config.json");
        ObjectNode config = (ObjectNode) MAPPER.readTree(file.toFile());
        MAPPER.writeValue(file.toFile(), config.put("hidden_act", name));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "config.json                  | version https://git-lfs.github.com/spec/v1 | is a Git LFS pointer",
                "tokenizer.json               | version https://git-lfs.github.com/spec/v1 | is a Git LFS pointer",
                "model.safetensors            | version https://git-lfs.github.com/spec/v1 | is a Git LFS pointer",
                "config.json                  | <!doctype html><title>Sign in</title>      | is an HTML page",
                "tokenizer_config.json        | <html><body>Not found                      | is an HTML page",
                "special_tokens_map.json      | Entry not found                            | is a server's answer",
                "model.safetensors            | <!DOCTYPE html><title>Sign in</title>      | is an HTML page",
                "model.safetensors            | {\"error\": \"Repository not found\"}      | is JSON",
                "model.safetensors            | Entry not found                            | is a server's answer"
            })
    void filesThatAreNotWhatTheirNamesSay_areNamedForWhatTheyAre(String file, String content, String message)
            throws IOException {
        writeTokenizerJson();
        Files.writeString(source.resolve(file), content + "\n");
        assertThatThrownBy(() -> ModelImport.run(source, target, ImportOptions.NONE, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(file + ": " + message);
    }

    @ParameterizedTest
    @CsvSource({"bert.zip", "bert.jar", "bert_model.ckpt.index", "bert_model.ckpt.data-00000-of-00001", "model.onnx"})
    void sourceThatIsAPointerOrAPage_isNamedForWhatItIs(String name) throws IOException {
        Path alone = Files.createDirectory(folder.resolve("alone"));
        Path file = Files.writeString(
                alone.resolve(name), "version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 9\n");
        assertThatThrownBy(() -> ModelImport.run(file, target, ImportOptions.NONE, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(name + ": is a Git LFS pointer");
    }
}
