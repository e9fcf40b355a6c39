package norma.datasets.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import norma.datasets.Samples;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class SpecialTokenTest {
    private static final String XLNET = """
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[%s],"normalizer":null,
             "pre_tokenizer":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true},
             "post_processor":null,"decoder":null,
             "model":{"type":"Unigram","unk_id":0,"byte_fallback":false,"vocab":[["<unk>",0.0],["<s>",0.0],["</s>",0.0],
             ["<cls>",0.0],["<sep>",0.0],["<pad>",0.0],["<mask>",0.0],["\u2581run",-1.0]]}}
            """;

    private static Map<SpecialToken, Integer> ids(Tokenizer tokenizer) {
        Map<SpecialToken, Integer> ids = new EnumMap<>(SpecialToken.class);
        for (SpecialToken token : SpecialToken.values()) {
            tokenizer.id(token).ifPresent(id -> ids.put(token, id));
        }
        return ids;
    }

    @Test
    void gpt2sTokenizer_opensAndEncodesAsItsMergesSay() {
        try (Tokenizer gpt2 = Samples.gpt2Tokenizer()) {
            // he, ll, hell, hello are merges 1 to 4; Ġw, or, Ġwor, ld are 5 to 8
            assertThat(gpt2.encode(List.of("hello world", "held", "the world.\n", "a<|endoftext|>a")))
                    .containsExactly(
                            new int[] {15, 18, 19},
                            new int[] {12, 19}, // h e l d, he l d, he ld
                            new int[] {6, 12, 18, 19, 10, 11}, // t he, Ġwor ld, ., line feed
                            new int[] {0, 20, 0});
            assertThat(gpt2.decode(new int[] {6, 12, 18, 19, 20})).isEqualTo("the world");
        }
    }

    @Test
    void gpt2sOnlySpecialToken_beginsAndEndsTexts() {
        try (Tokenizer gpt2 = Samples.gpt2Tokenizer()) {
            assertThat(ids(gpt2))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(SpecialToken.BOS, 20, SpecialToken.EOS, 20));
            assertThat(gpt2.isSpecial(20)).isTrue();
            assertThat(gpt2.isSpecial(19)).isFalse();
            assertThat(gpt2.require("to end texts", SpecialToken.SEP, SpecialToken.EOS))
                    .isEqualTo(20);
        }
    }

    @Test
    void whoNeedsATokenThatIsAbsent_readsWhichFileLacksItAndWhatFor() {
        try (Tokenizer gpt2 = Samples.gpt2Tokenizer()) {
            assertThatThrownBy(gpt2::maskId)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("gpt2/tokenizer.json: special tokens: found none called [MASK], expected [MASK] or"
                            + " <mask> to stand where a token is hidden");
            assertThatThrownBy(() -> gpt2.require("to end texts", SpecialToken.SEP, SpecialToken.UNK))
                    .hasMessage(
                            "gpt2/tokenizer.json: special tokens: found none called [SEP], expected [SEP] or <sep> or"
                                    + " </s> or [UNK] or <unk> to end texts");
            for (Runnable shorthand : List.<Runnable>of(gpt2::padId, gpt2::unkId, gpt2::clsId, gpt2::sepId)) {
                assertThatThrownBy(shorthand::run).isInstanceOf(InvalidInputException.class);
            }
        }
    }

    @Test
    void robertasOuterTokens_areAlsoThoseOfTexts() {
        try (Tokenizer roberta = TokenizerTrainingTest.train("bpe", 300, false)) {
            assertThat(ids(roberta))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            SpecialToken.CLS, 0,
                            SpecialToken.BOS, 0,
                            SpecialToken.PAD, 1,
                            SpecialToken.SEP, 2,
                            SpecialToken.EOS, 2,
                            SpecialToken.UNK, 3,
                            SpecialToken.MASK, 4));
        }
    }

    @Test
    void xlnetsTokensOfTexts_areOthersThanThoseOfSequences() {
        String declared =
                "{\"id\":1,\"content\":\"<s>\",\"special\":true},{\"id\":2,\"content\":\"</s>\",\"special\":true}"
                        .replace(
                                "\"special\"",
                                "\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\"");
        try (Tokenizer xlnet = Tokenizer.fromJson(XLNET.formatted(declared), "xlnet.json")) {
            assertThat(ids(xlnet))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            SpecialToken.UNK, 0,
                            SpecialToken.BOS, 1,
                            SpecialToken.EOS, 2,
                            SpecialToken.CLS, 3,
                            SpecialToken.SEP, 4,
                            SpecialToken.PAD, 5,
                            SpecialToken.MASK, 6));
        }
    }

    @Test
    void aWordSpelledLikeAnotherModelsToken_staysAWord(@TempDir Path folder) {
        List<String> vocabulary = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<s>", "</s>", "a");
        try (Tokenizer bert =
                Tokenizer.load(Samples.write(folder.resolve("vocab.txt"), String.join("\n", vocabulary)))) {
            assertThat(ids(bert).keySet())
                    .containsExactly(
                            SpecialToken.PAD, SpecialToken.UNK, SpecialToken.CLS, SpecialToken.SEP, SpecialToken.MASK);
            assertThat(bert.isSpecial(5)).isFalse();
            assertThat(bert.isSpecial(6)).isFalse();
        }
    }

    @Test
    void aVocabularyOfWordsAlone_encodes(@TempDir Path folder) {
        try (Tokenizer words = Tokenizer.load(Samples.write(folder.resolve("vocab.txt"), "[UNK]\na\nship"))) {
            assertThat(words.encode(List.of("a ship sails")).get(0)).containsExactly(1, 2, 0);
            assertThat(words.id(SpecialToken.CLS)).isEmpty();
        }
    }

    @Test
    void noSpelling_isOfTwoUsesWithinASequence() {
        List<String> spellings = Arrays.stream(SpecialToken.values())
                .filter(token -> token != SpecialToken.BOS && token != SpecialToken.EOS)
                .flatMap(token -> token.spellings().stream())
                .toList();
        assertThat(spellings).doesNotHaveDuplicates();
    }
}
