package norma.datasets.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import norma.datasets.Samples;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class MaskedTextTest {
    private static final List<String> VOCABULARY =
            List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "ship", "##s", "sail", ".");
    private static final Tokenizer TOKENIZER =
            Tokenizer.fromJson(TokenizerJson.wordPiece(VOCABULARY, true, SequenceFormat.BERT), "ten tokens");

    @AfterAll
    static void close() {
        TOKENIZER.close();
    }

    @Test
    void aText_standsBetweenClsAndSep_withItsBlanksWhereTheMaskTokensAre() {
        MaskedText text = MaskedText.withBlank(TOKENIZER, SequenceFormat.BERT, "A [MASK] sails [MASK].", 16);
        assertThat(spelled(text)).containsExactly("[CLS]", "a", "[MASK]", "sail", "##s", "[MASK]", ".", "[SEP]");
        assertThat(text.blanks()).containsExactly(2, 5);
        assertThat(text.text()).isEqualTo("A [MASK] sails [MASK].");
    }

    @Test
    void anotherTokenizersMask_isThisOnes() {
        assertThat(MaskedText.withBlank(TOKENIZER, SequenceFormat.BERT, "a <mask>", 16)
                        .ids())
                .containsExactly(MaskedText.withBlank(TOKENIZER, SequenceFormat.BERT, "a [MASK]", 16)
                        .ids());
        String json = TOKENIZER.json().replace("[MASK]", "<mask>");
        try (Tokenizer other = Tokenizer.fromJson(json, "with <mask>")) {
            MaskedText text = MaskedText.withBlank(other, SequenceFormat.BERT, "a [MASK] <mask>", 16);
            assertThat(text.blanks()).containsExactly(2, 3);
            assertThat(other.token(text.ids()[2])).isEqualTo("<mask>");
        }
    }

    @Test
    void aTextWithoutBlank_isRefusedOnlyWhereOneIsNeeded() {
        assertThat(MaskedText.of(TOKENIZER, SequenceFormat.BERT, "a ship", 16).blanks())
                .isEmpty();
        assertThatThrownBy(() -> MaskedText.withBlank(TOKENIZER, SequenceFormat.BERT, "a ship", 16))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("text: \"a ship\": found no blank, expected [MASK] where a word is missing");
    }

    @Test
    void atMostSoManyTokens_countsClsAndSep() {
        assertThat(MaskedText.of(TOKENIZER, SequenceFormat.BERT, "a ship sails", 6)
                        .ids())
                .hasSize(6);
        assertThatThrownBy(() -> MaskedText.of(TOKENIZER, SequenceFormat.BERT, "a ship sails", 5))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("text: \"a ship sails\": found 6 tokens with [CLS] and [SEP], expected at most"
                        + " 5, the model's longest sequence");
    }

    @Test
    void emptyText_isRefused() {
        for (String empty : List.of("", " \t\n", "\u0000")) {
            assertThatThrownBy(() -> MaskedText.of(TOKENIZER, SequenceFormat.BERT, empty, 16))
                    .as("text \"%s\"", empty)
                    .isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void aLongText_isQuotedInPart() {
        assertThatThrownBy(() -> MaskedText.withBlank(TOKENIZER, SequenceFormat.BERT, "ship ".repeat(20), 512))
                .hasMessageContaining("text: \"ship ship ship ship ship ship ship sh...\": found no blank");
    }

    @Test
    void aMaskThatTheTokenizerCutsUp_isRefused() {
        String json = TOKENIZER.json();
        int start = json.indexOf("\"added_tokens\"");
        int open = json.indexOf('[', start);
        int depth = 0;
        int end = open;
        boolean quoted = false;
        do { // brackets inside strings, "[PAD]" among them, do not count
            char c = json.charAt(end);
            if (c == '"') {
                quoted = !quoted;
            }
            if (!quoted) {
                depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            }
            end++;
        } while (depth > 0);
        try (Tokenizer bare = Tokenizer.fromJson(json.substring(0, open) + "[]" + json.substring(end), "bare")) {
            assertThatThrownBy(() -> MaskedText.withBlank(bare, SequenceFormat.BERT, "a [MASK]", 16))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("tokenizer: added_tokens: found 0 of 1 [MASK] in the text, expected [MASK] as an"
                            + " added token");
        }
    }

    @Test
    void typesAndPlacesOfTheText_areTheFormats() {
        MaskedText text = MaskedText.of(TOKENIZER, SequenceFormat.BERT, "a ship", 16);
        assertThat(text.types()).containsExactly(0, 0, 0, 0);
        assertThat(List.of(text.textStart(), text.textEnd())).containsExactly(1, 3);
        MaskedText alone = MaskedText.of(TOKENIZER, SequenceFormat.GPT2, "a ship", 16);
        assertThat(spelled(alone)).containsExactly("a", "ship");
        assertThat(List.of(alone.textStart(), alone.textEnd())).containsExactly(0, 2);
    }

    @Test
    void aTokenizerWithoutMaskToken_isRefusedOnlyForATextWithABlank() {
        try (Tokenizer gpt2 = Samples.gpt2Tokenizer()) {
            MaskedText text = MaskedText.of(gpt2, SequenceFormat.GPT2, "hello world", 16);
            assertThat(text.ids()).containsExactly(15, 18, 19);
            assertThat(text.blanks()).isEmpty();
            for (Runnable masked : List.<Runnable>of(
                    () -> MaskedText.of(gpt2, SequenceFormat.GPT2, "hello [MASK]", 16),
                    () -> MaskedText.withBlank(gpt2, SequenceFormat.GPT2, "hello", 16))) {
                assertThatThrownBy(masked::run)
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessage("gpt2/tokenizer.json: special tokens: found none called [MASK], expected [MASK] or"
                                + " <mask> to stand where the text has a blank");
            }
            assertThatThrownBy(() -> MaskedText.of(gpt2, SequenceFormat.GPT2, "hello world", 2))
                    .hasMessage(
                            "text: \"hello world\": found 3 tokens, expected at most 2, the model's longest sequence");
        }
    }

    private static List<String> spelled(MaskedText text) {
        return Arrays.stream(text.ids()).mapToObj(TOKENIZER::token).toList();
    }
}
