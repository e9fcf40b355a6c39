package norma.probes.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.probes.dimensions.DimensionChoice;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.pretrained.TokenProbability;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference GPT-2 with a tokenizer that spells words letter by letter. */
@Tag("engine")
class TextContinuationTest {
    @TempDir
    private Path folder;

    private Tokenizer tokenizer;
    private PretrainedModel gpt2;

    @BeforeEach
    void open() throws IOException {
        tokenizer = LetterTokenizer.in(folder);
        gpt2 = PretrainedModel.open(GoldenFixture.of("gpt2").folder(), Device.cpu());
    }

    @AfterEach
    void close() {
        if (gpt2 != null) {
            gpt2.close();
            tokenizer.close();
        }
    }

    private TextContinuation of(AblationContrast contrast, int length, int topK, long seed) {
        return new TextContinuation(gpt2, tokenizer, contrast, 3, length, topK, seed);
    }

    private AblationContrast contrast() {
        DimensionChoice two = new DimensionChoice.Listed(List.of(3, 17));
        return AblationContrast.of(gpt2, two, () -> new double[0], 1, 1);
    }

    /** Logits after a text whose tokens are known, by the model itself in one pass over all of them. */
    private float[] logits(int[] ids) {
        int[] last = {ids.length - 1};
        Batch batch =
                new Batch(1, ids.length, ids, new int[ids.length], new int[] {ids.length}, last, new int[1], null);
        try (BatchState state = gpt2.advance(batch, 0)) {
            return gpt2.predictedLogits(state);
        }
    }

    private static double probability(float[] logits, int token) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp((double) logit - logits[token]);
        }
        return 1 / sum;
    }

    @Test
    void greedy_takesTheLikeliestToken_withItsProbabilityAfterThoseBeforeIt() {
        Continuation full =
                of(AblationContrast.NONE, 4, 1, 1).continued("a sea").full();
        int[] ids = tokenizer.encode(List.of("a sea")).get(0);
        assertThat(full.tokens()).hasSize(4);
        for (TokenProbability token : full.tokens()) {
            float[] logits = logits(ids);
            for (float other : logits) {
                assertThat(other).isLessThanOrEqualTo(logits[token.id()]);
            }
            assertThat(token.probability()).isCloseTo(probability(logits, token.id()), within(1e-6));
            ids = java.util.Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = token.id();
        }
        assertThat(full.next()).hasSize(3).startsWith(full.tokens().get(0));
    }

    @Test
    void draws_areAFunctionOfTheSeed_amongTheKLikeliest_asOftenAsTheirProbabilitiesSay() {
        List<Integer> first = new ArrayList<>();
        Set<List<TokenProbability>> texts = new HashSet<>();
        int seeds = 400;
        for (int seed = 0; seed < seeds; seed++) {
            Continuation drawn =
                    of(AblationContrast.NONE, 1, 3, seed).continued("a sea").full();
            first.add(drawn.tokens().get(0).id());
            texts.add(drawn.tokens());
        }
        assertThat(of(AblationContrast.NONE, 5, 3, 7).continued("a sea"))
                .isEqualTo(of(AblationContrast.NONE, 5, 3, 7).continued("a sea"));
        assertThat(texts).hasSize(3);
        List<TokenProbability> likeliest =
                of(AblationContrast.NONE, 1, 1, 1).continued("a sea").full().next();
        double all =
                likeliest.stream().mapToDouble(TokenProbability::probability).sum();
        for (TokenProbability token : likeliest) {
            double share = token.probability() / all;
            double seen = first.stream().filter(id -> id == token.id()).count() / (double) seeds;
            assertThat(seen).isCloseTo(share, within(4 * Math.sqrt(share * (1 - share) / seeds)));
        }
    }

    @Test
    void variants_areTheModelWithoutDimensions_andItsWeightsAreAsBefore() {
        float[] before = gpt2.layerNorms();
        ContinuedText both = of(contrast(), 3, 1, 1).continued("a sea");
        assertThat(both.ablated()).isNotEqualTo(both.full());
        assertThat(both.random()).isNotEqualTo(both.full());
        assertThat(gpt2.layerNorms()).containsExactly(before);
        assertThat(both.full())
                .isEqualTo(of(AblationContrast.NONE, 3, 1, 1).continued("a sea").full());
    }

    @Test
    void aText_endsWhereTheModelHasNoPositionLeft_orTheLengthIsReached() {
        int longest = gpt2.config().longestSequence();
        String text = "a ".repeat(longest - 2).strip();
        assertThat(of(AblationContrast.NONE, 9, 1, 1).continued(text).full().tokens())
                .hasSize(2);
        assertThatThrownBy(() -> of(AblationContrast.NONE, 9, 1, 1).continued("a ".repeat(longest)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(longest + " tokens")
                .hasMessageContaining("at most " + (longest - 1) + ", for one follows");
    }

    @Test
    void whatCannotBe_isRefused() {
        assertThatThrownBy(() -> of(AblationContrast.NONE, 0, 1, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("settings: length: found 0, expected a whole number of at least 1");
        assertThatThrownBy(() -> of(AblationContrast.NONE, 1, 0, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("settings: top_k: found 0");
        assertThatThrownBy(() -> of(AblationContrast.NONE, 1, 1, 1).continued("  "))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("text: found an empty one, expected words");
    }
}
