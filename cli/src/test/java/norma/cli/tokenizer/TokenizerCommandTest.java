package norma.cli.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.cli.CommandLineRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokenizers trained and tried on the command line. */
@Tag("engine")
class TokenizerCommandTest {
    @TempDir
    private Path folder;

    @Test
    void encode_readsTheSettingsBesideTheVocabulary_andSaysSo() throws IOException {
        Path vocabulary = Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n[UNK]\nschon\nschön\nSchön\n");
        Files.writeString(
                folder.resolve("tokenizer_config.json"), "{\"do_lower_case\": true, \"strip_accents\": false}");
        CommandLineRun run = CommandLineRun.of("tokenizer", "encode", "--tokenizer", vocabulary, "Schön");
        assertThat(run.out()).isEqualTo("3\n");
        assertThat(run.err()).isEqualTo("Tokenizer: text is lower-cased, accents kept, by tokenizer_config.json\n");
    }

    @Test
    void encode_ofAVocabularyForATokenizerThatIsNotHere_isRefused_unlessAskedAllTheSame() throws IOException {
        Path vocabulary = Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n[UNK]\nschon\n");
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\": \"BertJapaneseTokenizer\", \"word_tokenizer_type\": \"mecab\"}");
        CommandLineRun.of("tokenizer", "encode", "--tokenizer", vocabulary, "schon")
                .assertRefused("(--ignore-tokenizer-settings reads the vocabulary as BERT's all the same)");
        CommandLineRun run = CommandLineRun.of(
                "tokenizer", "encode", "--ignore-tokenizer-settings", "--tokenizer", vocabulary, "schon");
        assertThat(run.out()).isEqualTo("2\n");
    }

    @Test
    void tokensOfAForeignVocabulary_reachNoTerminalAsCommands() throws IOException {
        String hostile = "\u001b]0;x\u0007\u009b31m\u202e";
        Path vocabulary = Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n" + hostile + "\n");
        Files.writeString(
                folder.resolve("special_tokens_map.json"), "{\"unk_token\": \"\\u001b]0;x\\u0007\u009b31m\u202e\"}");
        CommandLineRun run =
                CommandLineRun.of("tokenizer", "encode", "--tokenizer", vocabulary, "--json", "unknown words");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out() + run.err()).doesNotContain("\u001b", "\u0007", "\u009b", "\u202e");
        assertThat(new ObjectMapper()
                        .readTree(run.out())
                        .get(0)
                        .get("tokens")
                        .get(0)
                        .asText())
                .isEqualTo(hostile);
    }

    @Test
    void train_saysWhatTheAlphabetLeavesOut() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "aa ab ab ax\n\naa b bb y aa ab\n");
        CommandLineRun run = CommandLineRun.of(
                "tokenizer",
                "train",
                "--data",
                text,
                "--limit-alphabet",
                2,
                "--vocab-size",
                12,
                "--json",
                "--out",
                folder.resolve("tokenizer.json"));
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode alphabet = new ObjectMapper().readTree(run.out()).get("alphabet");
        assertThat(alphabet.toString())
                .isEqualTo("{\"characters\":4,\"kept\":2,\"running_words\":10,\"unknown_words\":2,"
                        + "\"unknown_share\":0.2}");
        assertThat(run.err())
                .contains("warning: 2 of 4 different characters are in the alphabet, which makes 20.0 % of the running"
                        + " words [UNK] (2 of 10; limit_alphabet sets how many are kept)");
    }

    @Test
    void train_ofByteLevelBpe_hasNoAlphabet() {
        CommandLineRun.of(
                        "tokenizer",
                        "train",
                        "--type",
                        "bpe",
                        "--limit-alphabet",
                        500,
                        "--out",
                        folder.resolve("tokenizer.json"))
                .assertRefused("limit_alphabet: found 500, expected none, because only type wordpiece has an alphabet");
        assertThat(folder.resolve("tokenizer.json")).doesNotExist();
    }
}
