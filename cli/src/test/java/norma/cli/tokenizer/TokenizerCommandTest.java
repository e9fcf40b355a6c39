package norma.cli.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
        assertThat(run.out()).isEqualTo("schön\n3\n");
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
        assertThat(run.out()).isEqualTo("schon\n2\n");
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
    void encode_showsTokensAboveTheirIds_andBothInJson() throws IOException {
        Path vocabulary = Files.writeString(
                folder.resolve("vocab.txt"), "[PAD]\n[UNK]\nthe\nship\n##s\n" + "[unused]\n".repeat(7) + "sail\n");
        CommandLineRun run = CommandLineRun.of(
                "tokenizer", "encode", "--tokenizer", vocabulary, "the ships sail", "", "xyzzy the", "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).isEqualTo("""
                the  ship  ##s  sail
                2    3     4    12

                no token

                [UNK]  the
                1      2
                """);
        JsonNode json = CommandLineRun.of(
                        "tokenizer", "encode", "--tokenizer", vocabulary, "the ships sail", "--json", "--quiet")
                .json();
        assertThat(json.at("/0/tokens").toString()).isEqualTo("[\"the\",\"ship\",\"##s\",\"sail\"]");
        assertThat(json.at("/0/ids").toString()).isEqualTo("[2,3,4,12]");
        assertThat(json.at("/0/text").asText()).isEqualTo("the ships sail");
    }

    @Test
    void train_ofMoreTokensThanTheTextGives_endsItsProgressAtWhatThereIs() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "aa ab ab aa\n\naa b bb aa ab\n");
        CommandLineRun run = CommandLineRun.of(
                "tokenizer", "train", "--data", text, "--vocab-size", 5000, "--out", folder.resolve("tokenizer.json"));
        assertThat(run.code()).as(run.err()).isZero();
        Matcher size = Pattern.compile("Wrote (\\d+) tokens to").matcher(run.out());
        assertThat(size.find()).as(run.out()).isTrue();
        assertThat(run.err())
                .contains("training vocabulary: " + size.group(1) + " of " + size.group(1) + " tokens")
                .contains("the text gives " + size.group(1) + " tokens, not the 5,000 asked for")
                .doesNotContain("5,000 of 5,000");
    }

    @Test
    void train_namesTheOptionOfAPathThatIsNotThere_andOfASizeThatIsTooSmall() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "aa ab ab\n");
        Path none = folder.resolve("none.txt");
        Path out = folder.resolve("tokenizer.json");
        CommandLineRun.of("tokenizer", "train", "--data", none, "--out", out)
                .assertRefused("command line: --data: found " + none + ", expected an existing file, folder or glob");
        CommandLineRun.of("tokenizer", "train", "--data", folder + "/*.text", "--out", out)
                .assertRefused(
                        "command line: --data: found " + folder + "/*.text (no file), expected a folder or glob");
        CommandLineRun.of("tokenizer", "train", "--data", text, "--vocab-size", 5, "--out", out)
                .assertRefused("command line: --vocab-size: found 5, expected at least ");
        assertThat(out).doesNotExist();
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
                .assertRefused("command line: --limit-alphabet: found 500, expected none, because only type wordpiece"
                        + " has an alphabet");
        assertThat(folder.resolve("tokenizer.json")).doesNotExist();
    }
}
