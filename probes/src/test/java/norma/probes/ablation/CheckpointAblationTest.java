package norma.probes.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.MaskedLm;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.probes.evaluation.Scores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Costs and multiples of them, by hand. */
@Tag("unit")
class CheckpointAblationTest {
    private static final LanguageModelEvaluation EVALUATION = new LanguageModelEvaluation(
            "two tokens",
            MaskedLm.STANDARD,
            List.of(new Batch(1, 2, new int[2], new int[2], new int[] {2}, new int[] {1}, new int[] {0}, null)));

    private static Scores loss(double loss) {
        return new Scores(Map.of("loss", loss, "perplexity", Math.exp(loss), "accuracy", 0.5));
    }

    private static AblationResult result(String name, List<Integer> dimensions, double loss) {
        return new AblationResult(name, dimensions, loss(loss));
    }

    private static CheckpointAblation measured(double... draws) {
        List<AblationResult> others = java.util.stream.DoubleStream.of(draws)
                .mapToObj(draw -> result("random:" + draws.length, List.of(5, 6), draw))
                .toList();
        return new CheckpointAblation(
                "a",
                OptionalLong.of(7),
                loss(2),
                List.of(result("own", List.of(1, 2), 4.4), result("final", List.of(), 2)),
                List.of(new BaselineResult("random:" + draws.length, "", 2, others)));
    }

    @Test
    void theRatio_isOwnCostOverTheMeanCostOfTheDraws() {
        CheckpointAblation measured = measured(2.1, 1.9, 2.3); // mean rise 0.1
        AblationResult own = measured.ablations().get(0);
        assertThat(measured.cost(own, EVALUATION)).isCloseTo(2.4, within(1e-12));
        BaselineResult beside = measured.beside(own).orElseThrow();
        assertThat(measured.ratio(own, beside, EVALUATION)).isCloseTo(24, within(1e-9));
        assertThat(measured.beside(measured.ablations().get(1)))
                .as("nothing was switched off")
                .isEmpty();
    }

    @Test
    void whereTheDrawsCostNothing_thereIsNoRatio() {
        for (CheckpointAblation measured : List.of(measured(2, 2), measured(1.9, 1.8))) {
            AblationResult own = measured.ablations().get(0);
            assertThat(measured.ratio(own, measured.beside(own).orElseThrow(), EVALUATION))
                    .isNaN();
            var json = new AblationJson(EVALUATION, AblationPlace.PAPER, norma.trainer.model.TestSites.ofBert(2, 8))
                    .of(measured);
            assertThat(json.at("/ablations/0/times_random").isNull()).isTrue();
            assertThat(json.at("/ablations/0/cost").asDouble()).isCloseTo(2.4, within(1e-12));
            assertThat(json.at("/ablations/1").has("times_random")).isFalse();
        }
    }
}
