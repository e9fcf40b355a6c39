package norma.probes.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.tokenizer.Tokenizer;
import norma.probes.ablation.AblationContrast;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.dimensions.StackChoice;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.pretrained.TokenProbability;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference BERT with a tokenizer that spells words letter by letter; last, the published BERT-base-uncased. */
@Tag("engine")
class BlankFillingTest {
    private static final Path ROOT = Path.of(System.getProperty("norma.root", "."));

    @TempDir
    private Path folder;

    private Tokenizer tokenizer;
    private PretrainedModel bert;
    private int vocabularySize;
    private int hidden;
    private int high;
    private DimensionChoice two;

    @BeforeEach
    void open() throws IOException {
        tokenizer = LetterTokenizer.in(folder);
        bert = PretrainedModel.open(GoldenFixture.of("bert").folder(), Device.cpu());
        vocabularySize = bert.config().vocabSize();
        hidden = bert.config().hiddenSize();
        high = hidden / 2 + 1;
        two = listed(3, high);
    }

    @AfterEach
    void close() {
        if (bert != null) {
            bert.close();
            tokenizer.close();
        }
    }

    @Test
    void eachVariant_fillsEveryBlank_andTheWeightsAreAsBefore() {
        float[] before = bert.layerNorms();
        FilledText filled = filling(two, vocabularySize, false).fill("a [MASK] sea [MASK].");
        assertThat(filled.tokens()).containsExactly("[CLS]", "a", "[MASK]", "s", "##e", "##a", "[MASK]", ".", "[SEP]");
        for (Filling variant : List.of(filled.full(), filled.ablated(), filled.random())) {
            assertThat(variant.blanks()).hasSize(2);
            assertThat(variant.everyToken()).isNull();
            for (List<TokenProbability> blank : variant.blanks()) {
                assertThat(blank.stream()
                                .mapToDouble(TokenProbability::probability)
                                .sum())
                        .isCloseTo(1, within(1e-12));
            }
        }
        assertThat(filled.ablated()).isNotEqualTo(filled.full());
        assertThat(filled.random()).isNotEqualTo(filled.full()).isNotEqualTo(filled.ablated());
        assertThat(bert.layerNorms()).containsExactly(before);
        assertThat(filling(two, vocabularySize, false)
                        .fill("a [MASK] sea [MASK].")
                        .full())
                .isEqualTo(filled.full());
    }

    @Test
    void theAblatedVariant_isTheModelWhoseValuesAre0() {
        Filling ablated = filling(two, 5, false).fill("a [MASK].").ablated();
        bert.layerNormSites().stream().filter(site -> site.isLayerOutput()).forEach(site -> {
            for (String name : List.of(site.weight().parameter(), site.bias().parameter())) {
                float[] values = bert.parameter(name);
                values[3] = 0;
                values[high] = 0;
                bert.setParameter(name, values);
            }
        });
        BlankFilling edited = new BlankFilling(bert, tokenizer, AblationContrast.NONE, 5, false);
        assertThat(edited.fill("a [MASK].").full()).isEqualTo(ablated);
        assertThat(edited.fill("a [MASK].").ablated()).isNull();
    }

    @Test
    void aSeed_drawsTheSameDimensions_whichAreOthers() {
        AblationContrast first = AblationContrast.of(bert, two, () -> new double[0], 4, 7);
        assertThat(AblationContrast.of(bert, listed(high, 3), () -> new double[0], 4, 7))
                .isEqualTo(first);
        assertThat(AblationContrast.of(bert, two, () -> new double[0], 4, 8)).isNotEqualTo(first);
        assertThat(first.random())
                .hasSize(4)
                .allSatisfy(draw ->
                        assertThat(draw).hasSize(2).doesNotHaveDuplicates().doesNotContain(3, high));
    }

    @Test
    void everyToken_isTheLikeliestAtEachPosition_andWhatStaysIsCounted() {
        String text = "see a [MASK] sea";
        FilledText filled = filling(two, 1, true).fill(text);
        List<String> own = filled.tokens().subList(1, filled.tokens().size() - 1);
        for (Filling variant : List.of(filled.full(), filled.ablated(), filled.random())) {
            Reprediction every = variant.everyToken();
            assertThat(every.tokens()).hasSameSizeAs(own);
            assertThat(every.of()).isEqualTo(own.size() - 1);
            assertThat(every.tokens().get(own.indexOf("[MASK]")))
                    .isEqualTo(variant.blanks().get(0).get(0).token());
            int kept = 0;
            for (int i = 0; i < own.size(); i++) {
                if (!own.get(i).equals("[MASK]")
                        && own.get(i).equals(every.tokens().get(i))) {
                    kept++;
                }
            }
            assertThat(every.kept()).isEqualTo(kept);
        }
        assertThat(filling(two, 1, true).fill("no blank").full().blanks()).isEmpty();
    }

    @Test
    void whatCannotBeFilled_isRefused() {
        for (int top : new int[] {0, -3, vocabularySize + 1}) {
            assertThatThrownBy(() -> filling(listed(3), top, false))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("settings: top: found " + top + ", expected 1 to " + vocabularySize
                            + ", the vocabulary's size");
        }
        assertThatThrownBy(() -> filling(listed(hidden), 5, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        "settings: dimensions: found " + hidden + ", expected dimensions from 0 to " + (hidden - 1));
        assertThatThrownBy(() -> filling(listed(3), 5, false).fill("a ship"))
                .hasMessageContaining("found no blank, expected [MASK] where a word is missing");
    }

    @Test
    void theTableShowsTheVariantsSideBySide() {
        AblationContrast contrast = AblationContrast.of(bert, two, () -> new double[0], 1, 1);
        FilledText filled = new BlankFilling(bert, tokenizer, contrast, 2, false).fill("a [MASK] [MASK].");
        List<String> lines = FillText.of(contrast, List.of(filled)).lines().toList();
        assertThat(lines).hasSize(9);
        assertThat(lines.get(0)).isEqualTo("a [MASK] [MASK].");
        assertThat(lines.get(1)).isEqualTo("  blank 1");
        assertThat(lines.get(2)).matches("  full +without " + two.words() + " +random \\d+,\\d+");
        assertThat(lines.get(3)).matches("  \\S+ +[\\d.]+ % +\\S+ +[\\d.]+ % +\\S+ +[\\d.]+ %");
    }

    @Test
    void bertBase_knowsTheCapitalOfFrance_untilItsTwoOutliersAreOff() {
        Path model = ROOT.resolve(System.getProperty("norma.models", "models")).resolve("bert-base-uncased");
        String reason = "skipped: no " + model.normalize() + " (the README tells how to import bert-base-uncased)";
        boolean there = Files.exists(model.resolve("model.safetensors"));
        if (!there) {
            System.err.println(reason);
        }
        assumeTrue(there, reason);
        try (PretrainedModel base = PretrainedModel.open(model, Device.cpu());
                Tokenizer words = Tokenizer.load(model.resolve("tokenizer.json"))) {
            AblationContrast contrast = AblationContrast.of(
                    base, new DimensionChoice.Outliers(OutlierRule.PAPER, StackChoice.ALL), () -> new double[0], 1, 1);
            assertThat(contrast.ablated()).containsExactly(308, 381);
            FilledText filled =
                    new BlankFilling(base, words, contrast, 5, false).fill("The capital of France is [MASK].");
            TokenProbability best = filled.full().blanks().get(0).get(0);
            assertThat(best.token()).isEqualTo("paris");
            assertThat(best.probability()).isCloseTo(0.417, within(1e-3)); // as its model card on the hub prints
            assertThat(filled.random().blanks().get(0).get(0).token()).isEqualTo("paris");
            assertThat(filled.ablated().blanks().get(0))
                    .extracting(TokenProbability::token)
                    .doesNotContain("paris");
        }
    }

    private static DimensionChoice listed(Integer... dimensions) {
        return new DimensionChoice.Listed(List.of(dimensions));
    }

    private BlankFilling filling(DimensionChoice ablate, int top, boolean everyToken) {
        return new BlankFilling(
                bert, tokenizer, AblationContrast.of(bert, ablate, () -> new double[0], 1, 1), top, everyToken);
    }
}
