package norma.datasets.tokenizer;

import static norma.datasets.tokenizer.SequenceFormat.special;
import static norma.datasets.tokenizer.SequenceFormat.text;
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
class SequenceFormatTest {
    private static final Tokenizer BPE = TokenizerTrainingTest.train("bpe", 300, false); // <s> 0, </s> 2
    private static final Tokenizer WORD_PIECE = TokenizerTrainingTest.train("wordpiece", 400, true); // [CLS] 2, [SEP] 3
    private static final int UNTOUCHED = 99;

    /** As XLNet frames: the class token last, with a type of its own. */
    private static final SequenceFormat CLASS_LAST = new SequenceFormat(
            "XLNet",
            List.of(text(1, 0), special(SpecialToken.SEP, 0), special(SpecialToken.CLS, 2)),
            List.of(
                    text(1, 0),
                    special(SpecialToken.SEP, 0),
                    text(2, 1),
                    special(SpecialToken.SEP, 1),
                    special(SpecialToken.CLS, 2)),
            SpecialToken.SEP);

    @AfterAll
    static void close() {
        BPE.close();
        WORD_PIECE.close();
    }

    /** Ids, types and places of texts of 2 and 3 tokens, framed from index 1 of longer arrays. */
    private static List<Object> framed(SequenceFormat format, Tokenizer tokenizer, boolean pair) {
        int[] ids = new int[12];
        int[] types = new int[12];
        Arrays.fill(ids, UNTOUCHED);
        Arrays.fill(types, UNTOUCHED);
        SequenceFrame frame = format.with(tokenizer);
        SequenceFrame.Places places = pair ? frame.pair(2, 3, ids, types, 1) : frame.single(2, ids, types, 1);
        assertThat(types[0]).isEqualTo(UNTOUCHED);
        assertThat(Arrays.copyOfRange(types, places.end(), 12)).containsOnly(UNTOUCHED);
        assertThat(Arrays.copyOfRange(ids, places.end(), 12)).containsOnly(UNTOUCHED);
        return List.of(
                boxed(Arrays.copyOfRange(ids, 1, places.end())),
                boxed(Arrays.copyOfRange(types, 1, places.end())),
                pair ? List.of(places.first(), places.second()) : List.of(places.first()));
    }

    private static List<Integer> boxed(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    @Test
    void berts_isClsASep_andClsASepBSepWithType1FromB() {
        assertThat(framed(SequenceFormat.BERT, WORD_PIECE, false))
                .containsExactly(List.of(2, 99, 99, 3), List.of(0, 0, 0, 0), List.of(2));
        assertThat(framed(SequenceFormat.BERT, WORD_PIECE, true))
                .containsExactly(List.of(2, 99, 99, 3, 99, 99, 99, 3), List.of(0, 0, 0, 0, 1, 1, 1, 1), List.of(2, 5));
        assertThat(SequenceFormat.BERT.specialTokens(false)).isEqualTo(2);
        assertThat(SequenceFormat.BERT.specialTokens(true)).isEqualTo(3);
        assertThat(SequenceFormat.BERT.types()).isEqualTo(2);
    }

    @Test
    void robertas_hasTwoSeparatorsBetweenTexts_andType0Throughout() {
        assertThat(framed(SequenceFormat.ROBERTA, BPE, false))
                .containsExactly(List.of(0, 99, 99, 2), List.of(0, 0, 0, 0), List.of(2));
        assertThat(framed(SequenceFormat.ROBERTA, BPE, true))
                .containsExactly(
                        List.of(0, 99, 99, 2, 2, 99, 99, 99, 2), List.of(0, 0, 0, 0, 0, 0, 0, 0, 0), List.of(2, 6));
        assertThat(SequenceFormat.ROBERTA.specialTokens(true)).isEqualTo(4);
        assertThat(SequenceFormat.ROBERTA.types()).isEqualTo(1);
    }

    @Test
    void gpt2s_isTheTextAlone_orOneRightAfterTheOther() {
        try (Tokenizer gpt2 = Samples.gpt2Tokenizer()) {
            assertThat(framed(SequenceFormat.GPT2, gpt2, false))
                    .containsExactly(List.of(99, 99), List.of(0, 0), List.of(1));
            assertThat(SequenceFormat.GPT2.specialTokens(false)).isZero();
            assertThat(framed(SequenceFormat.GPT2, gpt2, true))
                    .containsExactly(List.of(99, 99, 99, 99, 99), List.of(0, 0, 0, 0, 0), List.of(1, 3));
            assertThat(SequenceFormat.GPT2.specialTokens(true)).isZero();
            assertThat(SequenceFormat.GPT2.types()).isEqualTo(1);
        }
    }

    @Test
    void aFormatOfSingleTexts_hasNoPairs() {
        SequenceFormat single = new SequenceFormat("Single", List.of(text(1, 0)), List.of(), SpecialToken.SEP);
        assertThat(single.takesPairs()).isFalse();
        assertThatThrownBy(() -> framed(single, BPE, true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Single takes no pairs");
    }

    @Test
    void aFormatWithItsClassTokenAtTheEnd_canBeSaid() {
        assertThat(framed(CLASS_LAST, BPE, true))
                .containsExactly(List.of(99, 99, 2, 99, 99, 99, 2, 0), List.of(0, 0, 0, 1, 1, 1, 1, 2), List.of(1, 4));
        assertThat(CLASS_LAST.types()).isEqualTo(3);
    }

    @Test
    void rowsAreFilledWithPadding_orWithTheEndOfATextWhereThereIsNone() {
        try (Tokenizer gpt2 = Samples.gpt2Tokenizer()) {
            assertThat(SequenceFormat.GPT2.with(gpt2).padId()).isEqualTo(20);
            assertThat(SequenceFormat.ROBERTA.with(BPE).padId()).isEqualTo(1);
            assertThat(SequenceFormat.GPT2.with(BPE).padId()).isEqualTo(1);
        }
    }

    @Test
    void aTokenizerWithoutATokenOfTheFormat_isNamed() {
        try (Tokenizer gpt2 = Samples.gpt2Tokenizer()) {
            assertThatThrownBy(() -> SequenceFormat.BERT.with(gpt2))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("gpt2/tokenizer.json: special tokens: found none called [CLS], expected [CLS] or <cls>"
                            + " or <s> to frame sequences as BERT does");
        }
    }

    @Test
    void aFormatThatLosesAText_isRefused() {
        List<SequenceFormat.Part> single = List.of(text(1, 0));
        for (List<SequenceFormat.Part> pair :
                List.of(single, List.of(text(2, 0), text(1, 0)), List.of(text(1, 0), text(2, 0), text(2, 0)))) {
            assertThatThrownBy(() -> new SequenceFormat("wrong", single, pair, SpecialToken.SEP))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new SequenceFormat("wrong", List.of(), List.of(), SpecialToken.SEP))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
