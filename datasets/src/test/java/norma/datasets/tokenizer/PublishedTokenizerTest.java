package norma.datasets.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ids that Hugging Face's AutoTokenizer (transformers 4.57.6, tokenizers 0.23.2) gives with the same files, once it has
 * been written and read again; where this reading departs from it, the test says so.
 */
@Tag("engine")
class PublishedTokenizerTest {
    private static final List<String> TOKENS = List.of(
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "hello", "Hello", "müller", "muller", "Müller",
            "Muller", "中", "##国", "国", "doctor", "doctors", "ent", "[", "]", "apple");
    private static final String VOCAB_TXT = String.join("\n", TOKENS) + "\n";
    private static final String GREETING = "Hello Müller 中国";
    private static final String ENTITY = "the [ENT] doctor doctors the[ENT]doctor ApPle";

    @TempDir
    private Path folder;

    /** 'x' is a setting that is left out. */
    @ParameterizedTest
    @CsvSource({
        "true,  x,     x,     6  9 12 14",
        "true,  true,  x,     6  9 12 14",
        "true,  false, x,     6  8 12 14",
        "true,  null,  false, 6  9 12 13",
        "false, x,     x,     7 10 12 14",
        "false, null,  x,     7 10 12 14",
        "false, true,  x,     7 11 12 14",
        "false, true,  false, 7 11 12 13",
        "false, false, false, 7 10 12 13",
        "x,     x,     x,     6  9 12 14",
        "x,     false, x,     6  8 12 14",
        "x,     true,  false, 6  9 12 13"
    })
    void tokenizerConfig_decides_besideAVocabTxt_andAgainstATokenizerJson(
            String lowercase, String accents, String chinese, String ids) {
        String config =
                config(Map.of("do_lower_case", lowercase, "strip_accents", accents, "tokenize_chinese_chars", chinese));
        write("tokenizer_config.json", config);
        write("vocab.txt", VOCAB_TXT);
        assertThat(ids("vocab.txt", GREETING)).isEqualTo(parsed(ids));
        write("tokenizer.json", tokenizerJson(true, "null"));
        assertThat(ids("tokenizer.json", GREETING)).as("uncased").isEqualTo(parsed(ids));
        write("tokenizer.json", tokenizerJson(false, "true"));
        assertThat(ids("tokenizer.json", GREETING)).as("cased, stripped").isEqualTo(parsed(ids));
    }

    @Test
    void tokenizerJsonAlone_isTakenAtItsWord() {
        // AutoTokenizer lower-cases even here; without tokenizer_config.json nothing contradicts the file.
        write("tokenizer.json", tokenizerJson(false, "null"));
        assertThat(ids("tokenizer.json", GREETING)).isEqualTo(parsed("7 10 12 14"));
    }

    @Test
    void classThatLeavesAllToTokenizerJson_ignoresDoLowerCase() {
        write("tokenizer.json", tokenizerJson(true, "null"));
        write("tokenizer_config.json", "{\"tokenizer_class\": \"PreTrainedTokenizerFast\", \"do_lower_case\": false}");
        assertThat(ids("tokenizer.json", GREETING)).isEqualTo(parsed("6 9 12 14"));
        assertThat(read("tokenizer.json", TokenizerChoices.NONE).decisions())
                .containsExactly("as tokenizer.json says, whatever do_lower_case says: its class ignores it");
    }

    @ParameterizedTest
    @CsvSource({"CASED, 7 10 12 14", "UNCASED, 6 9 12 14"})
    void choice_isAboveEveryFile(Casing casing, String ids) {
        TokenizerChoices choices = new TokenizerChoices(casing, Casing.FROM_SOURCE, "", false);
        write("tokenizer.json", tokenizerJson(casing == Casing.CASED, "null"));
        assertThat(ids(read("tokenizer.json", choices), GREETING))
                .as("json alone")
                .isEqualTo(parsed(ids));
        write("tokenizer_config.json", "{\"do_lower_case\": " + (casing == Casing.CASED) + "}");
        assertThat(ids(read("tokenizer.json", choices), GREETING))
                .as("settings")
                .isEqualTo(parsed(ids));
        write("vocab.txt", VOCAB_TXT);
        assertThat(ids(read("vocab.txt", choices), GREETING)).as("vocab.txt").isEqualTo(parsed(ids));
    }

    @Test
    void choiceThatATokenizerCannotFollow_isRefused() {
        write("tokenizer.json", tokenizerJson(true, "null").replace("BertNormalizer", "Lowercase"));
        assertThatThrownBy(
                        () -> read("tokenizer.json", new TokenizerChoices(Casing.CASED, Casing.FROM_SOURCE, "", false)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("normalizer: found")
                .hasMessageContaining("expected BertNormalizer, for setting `casing=cased` changes what that does");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "decoder: {'21': {'content': '[ENT]'}}                                                 | 5 21 15 16 5 21 15 20",
                "decoder: {'21': {'content': '[ENT]', 'lstrip': true, 'rstrip': true, 'special': true}} | 5 21 15 16 5 21 15 20",
                "decoder: {'21': {'content': '[ENT]', 'normalized': false}, '15': {'content': 'doctor', 'normalized': true,"
                        + "'single_word': true}}                                                        | 5 21 15 16 5 21 15 20",
                "decoder: {'21': {'content': '[ENT]', 'normalized': false}, '15': {'content': 'doctor', 'normalized': true}}"
                        + "                                                                           | 5 21 15 15 1 5 21 15 20",
                "decoder: {'21': {'content': 'ApPle', 'normalized': false}}        | 5 18 17 19 15 16 5 18 17 19 15 21",
                "added:   {'[ENT]': 21, 'ApPle': 22}                               | 5 21 15 16 5 21 15 22",
                "config:  {'additional_special_tokens': ['[ENT]', 'apple']}        | 5 21 15 16 5 21 15 20",
                "config:  {'additional_special_tokens': [{'content': '[ENT]', 'lstrip': true}]} | 5 21 15 16 5 21 15 20",
                "map:     {'additional_special_tokens': ['[ENT]']}                 | 5 21 15 16 5 21 15 20"
            })
    void addedTokens_areFoundWhole_besideBothKindsOfVocabulary(String setting, String ids) {
        String json = setting.substring(setting.indexOf('{')).replace('\'', '"');
        switch (setting.substring(0, setting.indexOf(':'))) {
            case "decoder" -> write("tokenizer_config.json", "{\"added_tokens_decoder\": " + json + "}");
            case "added" -> write("added_tokens.json", json);
            case "map" -> write("special_tokens_map.json", json);
            default -> write("tokenizer_config.json", json);
        }
        write("vocab.txt", VOCAB_TXT);
        assertThat(ids("vocab.txt", ENTITY)).isEqualTo(parsed(ids));
        write("tokenizer.json", tokenizerJson(true, "null"));
        assertThat(ids("tokenizer.json", ENTITY)).isEqualTo(parsed(ids));
    }

    @Test
    void addedTokenThatIsSpecial_isFoundAsItIsSpelled_another_inAnyCase() {
        write("vocab.txt", VOCAB_TXT);
        write("added_tokens.json", "{\"ApPle\": 21, \"rEd\": 22}");
        write("special_tokens_map.json", "{\"additional_special_tokens\": [\"ApPle\"]}");
        assertThat(ids("vocab.txt", "apple ApPle red")).isEqualTo(parsed("20 21 22"));
        try (Tokenizer tokenizer = read("vocab.txt", TokenizerChoices.NONE).tokenizer()) {
            assertThat(tokenizer.isSpecial(21)).isTrue();
            assertThat(tokenizer.isSpecial(22)).isFalse();
        }
    }

    @Test
    void tokenizerConfigWithADecoder_replacesTheOlderFiles() {
        write("vocab.txt", VOCAB_TXT);
        write("added_tokens.json", "{\"[X]\": 21}");
        write("tokenizer_config.json", "{\"added_tokens_decoder\": {\"21\": {\"content\": \"[ENT]\"}}}");
        assertThat(ids("vocab.txt", "the [ENT]")).isEqualTo(parsed("5 21"));
    }

    @Test
    void rulesOfAnAddedToken_areWrittenIntoTheTokenizerJson() {
        write("tokenizer.json", tokenizerJson(true, "null"));
        write(
                "tokenizer_config.json",
                "{\"added_tokens_decoder\": {\"4\": {\"content\": \"[MASK]\", \"lstrip\": true, \"special\": true}}}");
        try (Tokenizer tokenizer = read("tokenizer.json", TokenizerChoices.NONE).tokenizer()) {
            assertThat(tokenizer.json().replaceAll("\\s", ""))
                    .contains("{\"id\":4,\"content\":\"[MASK]\",\"single_word\":false,\"lstrip\":true,");
        }
    }

    @Test
    void ruleThatASpecialTokenLeavesOut_hasTheDefaultOfItsFile() {
        write("tokenizer_config.json", "{\"mask_token\": {\"content\": \"[MASK]\", \"lstrip\": true}}");
        write("vocab.txt", VOCAB_TXT);
        assertThat(ids("vocab.txt", "[MASK] [mask]")).isEqualTo(parsed("4 4"));
        write("tokenizer.json", tokenizerJson(true, "null"));
        assertThat(ids("tokenizer.json", "[MASK] [mask]")).isEqualTo(parsed("4 18 1 19"));
        write("special_tokens_map.json", "{\"mask_token\": {\"content\": \"[MASK]\", \"lstrip\": true}}");
        assertThat(ids("vocab.txt", "[MASK] [mask]")).isEqualTo(parsed("4 18 1 19"));
    }

    @Test
    void specialTokensUnderOtherNames_keepTheirParts() {
        write(
                "vocab.txt",
                VOCAB_TXT
                        .replace("[MASK]", "[BLANK]")
                        .replace("[CLS]", "<first>")
                        .replace("[UNK]", "<?>"));
        write("tokenizer_config.json", "{\"mask_token\": \"[BLANK]\", \"cls_token\": {\"content\": \"<first>\"}}");
        write("special_tokens_map.json", "{\"unk_token\": \"<?>\"}");
        try (Tokenizer tokenizer = read("vocab.txt", TokenizerChoices.NONE).tokenizer()) {
            assertThat(List.of(tokenizer.maskId(), tokenizer.clsId(), tokenizer.unkId(), tokenizer.sepId()))
                    .containsExactly(4, 2, 1, 3);
            assertThat(tokenizer.encode(List.of("hello [BLANK] xyzzy")).get(0)).containsExactly(6, 4, 1);
        }
    }

    @Test
    void specialTokensThatATokenizerJsonDoesNotList_areFoundInTexts() {
        String bare =
                tokenizerJson(true, "null").replaceFirst("(?s)\"added_tokens\" : \\[.*?} ]", "\"added_tokens\" : []");
        assertThat(bare).contains("\"added_tokens\" : []");
        write("tokenizer.json", bare);
        write("tokenizer_config.json", "{\"do_lower_case\": true}");
        assertThat(ids("tokenizer.json", "hello [MASK]")).isEqualTo(parsed("6 4"));
    }

    /** Hugging Face gives such a token another id in silence, and the model another embedding. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"[ENT]\": 30} | the id of [ENT]: found 30, expected 21, the next free one",
                "{\"apple\": 21} | the id of apple: found 21, expected 20, its id in the vocabulary",
                "{\"[A]\": 21, \"[B]\": 21} | expected an id of its own",
                "{\"[A]\": \"21\"} | [A]: found \"21\", expected a whole number"
            })
    void idsThatContradictTheVocabulary_areRefused(String added, String message) {
        write("vocab.txt", VOCAB_TXT);
        write("added_tokens.json", added);
        assertThatThrownBy(() -> ids("vocab.txt", "the"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("added_tokens.json")
                .hasMessageContaining(message);
    }

    @Test
    void aTokenizerJsonWhoseAddedIdsHaveAGap_isRefused() {
        write("tokenizer.json", tokenizerJson(true, "null").replace("\"id\" : 4,", "\"id\" : 44,"));
        assertThatThrownBy(() -> ids("tokenizer.json", "the"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("the id of [MASK]: found 44, expected 4, its id in the vocabulary");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"tokenizer_class\": \"BertJapaneseTokenizer\"}",
                "{\"tokenizer_class\": \"KoBertTokenizer\"}",
                "{\"tokenizer_class\": \"RobertaTokenizer\"}",
                "{\"word_tokenizer_type\": \"mecab\"}",
                "{\"word_tokenizer_type\": \"sudachi\"}",
                "{\"word_tokenizer_type\": \"basic\", \"subword_tokenizer_type\": \"character\"}",
                "{\"split_special_tokens\": true}"
            })
    void settingsThatAskForAnotherTokenizer_areRefused_withAWayOn(String config) {
        write("vocab.txt", VOCAB_TXT);
        write("tokenizer_config.json", config);
        assertThatThrownBy(() -> ids("vocab.txt", GREETING))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("tokenizer_config.json: ")
                .hasMessageContaining("ignore_tokenizer_settings");
        PublishedTokenizer all = read("vocab.txt", new TokenizerChoices(Casing.FROM_SOURCE, Casing.UNCASED, "", true));
        assertThat(ids(all, GREETING)).isEqualTo(parsed("6 9 12 14"));
    }

    @Test
    void classInConfigJson_countsToo() {
        write("vocab.txt", VOCAB_TXT);
        write("config.json", "{\"model_type\": \"bert\", \"tokenizer_class\": \"BertJapaneseTokenizer\"}");
        assertThatThrownBy(() -> ids("vocab.txt", GREETING))
                .hasMessageContaining("config.json: tokenizer_class: found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"do_lower_case\": \"false\"}",
                "{\"strip_accents\": 1}",
                "{\"tokenize_chinese_chars\": []}",
                "{\"tokenizer_class\": 3}",
                "{\"mask_token\": 4}",
                "{\"additional_special_tokens\": \"[ENT]\"}",
                "{\"added_tokens_decoder\": {\"x\": {\"content\": \"a\"}}}",
                "{\"added_tokens_decoder\": {\"21\": \"a\"}}",
                "{\"model_max_length\": \"long\"}",
                "{\"model_max_length\": 0}",
                "[]",
                "{"
            })
    void valuesOfAnotherType_areRefusedWithTheirFile(String config) {
        write("vocab.txt", VOCAB_TXT);
        write("tokenizer_config.json", config);
        assertThatThrownBy(() -> ids("vocab.txt", GREETING))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("tokenizer_config.json");
    }

    @Test
    void decisions_nameFilesAndWhatTheyDecided() {
        write("tokenizer.json", tokenizerJson(true, "null"));
        write("tokenizer_config.json", """
                {"do_lower_case": false, "model_max_length": 64, "mask_token": "[MASK]",
                 "added_tokens_decoder": {"21": {"content": "[ENT]"}}}""");
        assertThat(read("tokenizer.json", TokenizerChoices.NONE).decisions())
                .containsExactly(
                        "text is not lower-cased, accents kept, by tokenizer_config.json against tokenizer.json"
                                + " (lower-cased, accents stripped)",
                        "1 added tokens, by tokenizer_config.json: [ENT]",
                        "at most 64 tokens, by model_max_length");
    }

    @Test
    void silentConfigBesideACasedTokenizerJson_isSaid() {
        write("tokenizer.json", tokenizerJson(false, "null"));
        write("tokenizer_config.json", "{\"model_max_length\": 1000000000000000019884624838656}");
        PublishedTokenizer read = read("tokenizer.json", TokenizerChoices.NONE);
        assertThat(read.decisions()).hasSize(1);
        assertThat(read.decisions().get(0))
                .contains("BertTokenizerFast lower-cases (setting `casing=cased` keeps case)");
        assertThat(read.tokenizer().longestSequence()).isEmpty();
        read.tokenizer().close();
    }

    @Test
    void fileOfAnotherName_isReadWithoutWhatLiesBesideIt() {
        write("my-vocab.txt", VOCAB_TXT);
        write("tokenizer_config.json", "{\"do_lower_case\": false}");
        assertThat(ids("my-vocab.txt", GREETING)).isEqualTo(parsed("6 9 12 14"));
    }

    private String tokenizerJson(boolean lowercase, String stripAccents) {
        return TokenizerJson.wordPiece(TOKENS, lowercase, SequenceFormat.BERT)
                .replace("\"strip_accents\" : null", "\"strip_accents\" : " + stripAccents);
    }

    private static String config(Map<String, String> settings) {
        StringBuilder json = new StringBuilder("{\"tokenizer_class\": \"BertTokenizer\"");
        settings.forEach((key, value) -> {
            if (!value.equals("x")) {
                json.append(", \"").append(key).append("\": ").append(value);
            }
        });
        return json.append('}').toString();
    }

    private void write(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private PublishedTokenizer read(String name, TokenizerChoices choices) {
        return PublishedTokenizer.read(TokenizerFiles.of(folder.resolve(name)), choices);
    }

    private int[] ids(String name, String text) {
        return ids(read(name, TokenizerChoices.NONE), text);
    }

    private static int[] ids(PublishedTokenizer read, String text) {
        try (Tokenizer tokenizer = read.tokenizer()) {
            return tokenizer.encode(List.of(text)).get(0);
        }
    }

    private static int[] parsed(String ids) {
        return java.util.Arrays.stream(ids.strip().split("\\s+"))
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
