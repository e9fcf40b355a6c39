package norma.probes.damage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonFile;
import norma.probes.ablation.Cost;
import norma.probes.damage.DamageCurve.Point;
import norma.probes.damage.Onset.Crossing;
import norma.trainer.figure.FigureWidth;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Curves as files hold them, and what becomes of several, by hand. */
@Tag("unit")
class DamageOverRunsTest {
    private static final String PLACE =
            "\"sites\":\"output\",\"layers\":[0,1],\"parts\":[\"weight\",\"bias\"],\"value\":\"zero\"";

    @TempDir
    Path folder;

    private Path kept(String name, String json) throws IOException {
        Path run = folder.resolve(name);
        Files.createDirectories(run.resolve("probes"));
        Files.writeString(run.resolve("probes/ablation.json"), json);
        return run;
    }

    private static String checkpoint(long step, double full, String own, double last, double random) {
        return """
                {"step":%d,"full":{"loss":%s},"ablations":[{"name":"own","dimensions":%s,%s,"loss":9},\
                {"name":"final","dimensions":[3,5],%s,"loss":%s}],"baselines":[\
                {"name":"random:2","dimensions_per_draw":1,"draws":[{},{}],"loss_mean":77},\
                {"name":"random:2","dimensions_per_draw":2,"draws":[{},{}],"loss_mean":%s}]}\
                """.formatted(step, full, own, PLACE, PLACE, last, random);
    }

    private static String file(String... checkpoints) {
        return "{\"evaluation\":{\"kind\":\"masked language model\",\"rows\":64},\"checkpoints\":["
                + String.join(",", checkpoints) + "]}";
    }

    @Test
    void aCurve_isOfTheLastCheckpointsDimensions_besideTheDrawsOfAsMany() throws IOException {
        Path run = kept("a", file(checkpoint(0, 8, "[]", 8, 8.25), checkpoint(100, 4, "[3]", 6.5, 4.5)));
        DamageCurve curve = DamageCurve.read(run).orElseThrow();
        assertThat(curve.dimensions()).containsExactly(3, 5);
        assertThat(curve.draws()).isEqualTo(2);
        assertThat(curve.points()).containsExactly(point(0, 8, 0, 0.25), point(100, 4, 2.5, 0.5));
    }

    @Test
    void withoutSuchAFile_orOfATask_thereIsNoCurve_andADamagedOneIsNamed() throws IOException {
        assertThat(DamageCurve.read(folder)).isEmpty();
        assertThat(DamageCurve.read(kept(
                        "task",
                        "{\"evaluation\":{\"kind\":\"task\"},\"checkpoints\":[" + checkpoint(0, 8, "[]", 8, 8) + "]}")))
                .isEmpty();
        Path broken = kept("broken", "{\"evaluation\"");
        assertThatThrownBy(() -> DamageCurve.read(broken))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("ablation.json: ends in the middle");
    }

    /** Of draws whose spread is not known. */
    private static Point point(long step, double whole, double cost, double random) {
        return new Point(step, whole, new Cost(cost, random, Double.NaN));
    }

    private static DamageCurve curve(Point... points) {
        return new DamageCurve(List.of(3, 5), 2, "alike", List.of(points));
    }

    private static Onset onset(Long rule, double cost, double t10) {
        return new Onset(
                List.of(3, 5),
                rule,
                rule,
                1,
                new Cost(cost, 0.1, 0.02),
                new Crossing(t10, 0L, 100),
                new Crossing(90, 0L, 100));
    }

    private static DamageOverRuns three() {
        return new DamageOverRuns(
                List.of("a", "b", "c"),
                List.of(
                        curve(point(0, 8, 0, 0), point(50, 7, 9, 9), point(100, 4, 1, 0.1)),
                        curve(point(0, 8, 0, 0), point(100, 5, 2, 0.2)),
                        curve(point(0, 8, 0, 0), point(100, 6, 3, Double.NaN))),
                List.of(onset(10L, 1, 20), onset(30L, 2, 30), onset(null, 3, 40)));
    }

    @Test
    void anOnsetBesideAnEmergence_isReadAsItWasWritten() throws IOException {
        Path file = folder.resolve("emergence.json");
        ObjectNode emergence = JsonNodeFactory.instance.objectNode();
        JsonFile.write(file, emergence);
        assertThat(Onset.read(file)).isEmpty();
        for (Onset onset : List.of(
                onset(10L, 1, 20),
                new Onset(List.of(3), null, null, 5, new Cost(-0.5, Double.NaN, Double.NaN), null, null),
                new Onset(
                        List.of(3),
                        0L,
                        5L,
                        5,
                        new Cost(0.5, 0, 0),
                        new Crossing(5, null, 5),
                        new Crossing(7, 5L, 10)))) {
            emergence.set(Onset.KEY, onset.json());
            JsonFile.write(file, emergence);
            assertThat(Onset.read(file)).hasValue(onset);
        }
        emergence.withObject("/onset").put("recorded_every", 0);
        JsonFile.write(file, emergence);
        assertThatThrownBy(() -> Onset.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": onset.recorded_every: found 0, expected a whole number from 1 to 2147483647");
    }

    @Test
    void meanAndSampleDeviation_areOverTheRuns_atTheStepsThatAllHave() {
        ObjectNode json = three().json();
        assertThat(json.get("points")).hasSize(2);
        assertThat(json.at("/points/1/step").asLong()).isEqualTo(100);
        assertThat(json.at("/points/1/cost").toString())
                .isEqualTo("{\"never\":0,\"mean\":2.0,\"std\":1.0,\"min\":1.0,\"max\":3.0}");
        assertThat(json.at("/points/1/random_cost/mean").asDouble()).isCloseTo(0.15, within(1e-12));
        assertThat(json.at("/points/1/random_cost/never").asInt()).isEqualTo(1);
        assertThat(json.get("rule_step").toString())
                .isEqualTo("{\"never\":1,\"mean\":20.0,\"std\":" + Math.sqrt(200) + ",\"min\":10,\"max\":30}");
        assertThat(json.at("/t10/mean").asDouble()).isEqualTo(30);
        assertThat(json.at("/steps_from_rule_to_t10/mean").asDouble())
                .as("of 10 and 0")
                .isEqualTo(5);
        assertThat(json.get("catastrophic_runs").asInt()).isEqualTo(3);
        assertThat(three().text())
                .contains("by the rule to the end, from step  20 ± 14 (never in 1)")
                .contains("final cost                         2.0000 ± 1.0000 nats");
    }

    @Test
    void theTable_hasEveryCheckpointOfEveryRun_andNothingWhereNothingWasDrawn() {
        assertThat(three().csv()).isEqualTo("""
                run,step,whole_loss,cost,random_cost
                "a",0,8.0,0.0,0.0
                "a",50,7.0,9.0,9.0
                "a",100,4.0,1.0,0.1
                "b",0,8.0,0.0,0.0
                "b",100,5.0,2.0,0.2
                "c",0,8.0,0.0,0.0
                "c",100,6.0,3.0,
                """);
    }

    @Test
    void theFigure_hasABandOverTheRuns_andSaysWhatItIs() {
        assertThat(three().figure().svg(FigureWidth.TWO_COLUMNS).replaceAll("<[^>]+>", " "))
                .contains("Damage along pre-training, 3 runs")
                .contains("band: one sample standard deviation")
                .contains("without each run's own dimensions", "without as many at random");
    }

    @Test
    void runsThatWereAblatedOtherwise_orShareNoSteps_areNotCompared() {
        DamageCurve other = new DamageCurve(
                List.of(1), 2, "different", three().curves().get(1).points());
        assertThat(new DamageOverRuns(
                                List.of("a", "b"),
                                List.of(three().curves().get(0), other),
                                three().onsets().subList(0, 2))
                        .incomparable())
                .hasValue("b was ablated otherwise (different) than a (alike)");
        DamageCurve elsewhere = curve(point(0, 8, 0, 0), point(99, 8, 0, 0));
        assertThat(new DamageOverRuns(
                                List.of("a", "b"),
                                List.of(three().curves().get(0), elsewhere),
                                three().onsets().subList(0, 2))
                        .incomparable())
                .hasValue("the runs share 1 of the steps at which they were ablated");
        assertThat(three().incomparable()).isEmpty();
    }
}
