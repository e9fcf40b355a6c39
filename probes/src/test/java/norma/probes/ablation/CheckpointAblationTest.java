package norma.probes.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import norma.datasets.batches.Batch;
import norma.datasets.json.JsonFile;
import norma.datasets.objectives.MaskedLm;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.probes.evaluation.Scores;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Costs and multiples of them, by hand. */
@Tag("unit")
class CheckpointAblationTest {
    private static final LanguageModelEvaluation EVALUATION = new LanguageModelEvaluation(
            "two tokens",
            MaskedLm.STANDARD,
            List.of(new Batch(1, 2, new int[2], new int[2], new int[] {2}, new int[] {1}, new int[] {0}, null)));

    @TempDir
    Path folder;

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
        CheckpointAblation measured = measured(2.1, 2.09, 2.11); // mean rise 0.1
        AblationResult own = measured.ablations().get(0);
        assertThat(measured.cost(own, EVALUATION)).isCloseTo(2.4, within(1e-12));
        BaselineResult beside = measured.beside(own).orElseThrow();
        Cost cost = measured.cost(own, beside, EVALUATION);
        assertThat(cost.ratio()).isCloseTo(24, within(1e-9));
        assertThat(cost.error()).as("sample deviation 0.01 over √3").isCloseTo(0.01 / Math.sqrt(3), within(1e-9));
        assertThat(measured.beside(measured.ablations().get(1)))
                .as("nothing was switched off")
                .isEmpty();
    }

    /** Of one checkpoint, and in a run's list; what is null is NaN again. */
    @Test
    void whatIsRead_isWhatWasWritten() throws IOException {
        CheckpointAblation measured = measured(2.1, 1.9, 2.3);
        ObjectNode one = new AblationJson(EVALUATION, AblationPlace.PAPER, TestSites.ofBert(2, 8)).of(measured);
        ObjectNode run = JsonNodeFactory.instance.objectNode();
        run.set("evaluation", EVALUATION.describe());
        run.putArray("checkpoints").add(one.deepCopy());
        JsonFile.write(folder.resolve("ablation-last.json"), one);
        JsonFile.write(folder.resolve("ablation.json"), run);
        AblationFile ofRun = AblationJson.read(folder.resolve("ablation.json"));
        assertThat(ofRun.kind()).hasValue("masked language model");
        assertThat(ofRun.rows()).hasValue(1L);
        AblationFile.Checkpoint read = ofRun.checkpoints().get(0);
        assertThat(AblationJson.read(folder.resolve("ablation-last.json")).checkpoints())
                .containsExactly(read);
        assertThat(read.model()).hasValue("a");
        assertThat(read.step()).hasValue(7L);
        assertThat(read.full()).isEqualTo(measured.full().values());
        for (AblationResult result : measured.ablations()) {
            AblationFile.Ablation again = read.ablation(result.name()).orElseThrow();
            assertThat(again.dimensions()).isEqualTo(result.dimensions());
            result.scores().values().forEach((score, value) -> assertThat(again.score(score))
                    .isEqualTo(value));
            assertThat(again.cost()).isEqualTo(measured.cost(result, EVALUATION));
        }
        BaselineResult baseline = measured.baselines().get(0);
        assertThat(read.baselines()).singleElement().satisfies(others -> {
            assertThat(others.name()).isEqualTo("random:3");
            assertThat(others.size()).isEqualTo(2);
            assertThat(others.draws()).isEqualTo(3);
            assertThat(others.mean("loss")).isEqualTo(baseline.mean("loss"));
            assertThat(others.std("loss")).isEqualTo(baseline.std("loss"));
            assertThat(others.mean("f1")).isNaN();
        });
        Cost cost = read.cost(read.ablation("own").orElseThrow());
        Cost before = measured.cost(measured.ablations().get(0), baseline, EVALUATION);
        assertThat(cost.nats()).isEqualTo(before.nats());
        assertThat(cost.random()).isCloseTo(before.random(), within(1e-12));
        assertThat(cost.error()).isCloseTo(before.error(), within(1e-12));
    }

    @Test
    void whereTheDrawsCostNothing_orNoMoreThanChanceMay_thereIsNoRatio() {
        for (CheckpointAblation measured :
                List.of(measured(2, 2), measured(1.9, 1.8), measured(2.1, 1.9, 2.3), measured(2.1))) {
            AblationResult own = measured.ablations().get(0);
            assertThat(measured.cost(own, measured.beside(own).orElseThrow(), EVALUATION)
                            .ratio())
                    .isNaN();
            var json = new AblationJson(EVALUATION, AblationPlace.PAPER, TestSites.ofBert(2, 8)).of(measured);
            assertThat(json.at("/ablations/0/times_random").isNull()).isTrue();
            assertThat(json.at("/ablations/0/cost").asDouble()).isCloseTo(2.4, within(1e-12));
            assertThat(json.at("/ablations/1").has("times_random")).isFalse();
        }
    }
}
