package norma.sweep.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import norma.probes.ablation.Cost;
import norma.sweep.folder.TaskState;
import norma.sweep.plan.SweepPlan;
import norma.sweep.plan.SweepPoint;
import norma.sweep.plan.SweptRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class SweepResultTest {
    private static final SweepPoint SLOW = point("0.001");
    private static final SweepPoint FAST = point("0.004");
    private static final SweepResult RESULT = result();

    private static SweepPoint point(String rate) {
        return new SweepPoint("learning_rate-" + rate, new LinkedHashMap<>(Map.of("optimizer.learning_rate", rate)));
    }

    private static RunResult run(SweepPoint point, int seed, TaskState state, double loss, Long rule, Cost cost) {
        return new RunResult(
                new SweptRun("lr-" + point.name() + "-seed-" + seed, point, seed),
                state,
                Optional.ofNullable(state == TaskState.DIVERGED ? "diverged at step 3" : null),
                100L,
                9.0,
                loss,
                List.of(),
                List.of(3, 17),
                cost,
                rule,
                20L,
                40.25,
                List.of());
    }

    private static SweepResult result() {
        List<RunResult> runs = List.of(
                run(SLOW, 1, TaskState.FINISHED, 4, 100L, new Cost(0.5, 0.1, 0.01)),
                run(SLOW, 2, TaskState.FINISHED, 6, null, new Cost(1.5, 0.3, 0.01)),
                run(FAST, 1, TaskState.FINISHED, 3, null, null),
                run(FAST, 2, TaskState.DIVERGED, 1000, 1L, new Cost(99, 99, 1)),
                run(FAST, 3, TaskState.RUNNING, 2000, 1L, new Cost(99, 99, 1)));
        SweepPlan plan = new SweepPlan(
                "lr",
                "base.yaml",
                List.of("optimizer.learning_rate"),
                List.of(),
                runs.stream().map(RunResult::run).toList());
        return new SweepResult(plan, runs);
    }

    /** 4 and 6: mean 5, sample deviation √2; what has diverged or still runs is in no mean. */
    @Test
    void table_hasMeanAndDeviationOverFinishedRuns() {
        String table = SweepTable.of(RESULT);

        assertThat(table)
                .contains("5 runs: 1 running, 3 finished, 1 diverged")
                .containsPattern("0.001 +2 of 2 +5.000 ± 1.414 +0.0 ± 0.0 +100 \\(1\\) +20 ± 0 +40 ± 0"
                        + " +1.000 ± 0.707 +0.200 ± 0.141")
                .containsPattern("0.004 +1 of 3 +3.000 +0.0 +- +20 +40 +- +-")
                .contains("lr-learning_rate-0.004-seed-2: diverged: diverged at step 3")
                .doesNotContain("1000", "2000", "99");
    }

    @Test
    void ofOneRun_theNumberIsSingular() {
        List<RunResult> one = List.of(run(SLOW, 1, TaskState.FINISHED, 4, 100L, null));
        SweepPlan plan = new SweepPlan(
                "lr",
                "base.yaml",
                List.of("optimizer.learning_rate"),
                List.of(),
                List.of(one.get(0).run()));

        assertThat(SweepTable.of(new SweepResult(plan, one))).startsWith("Sweep lr of base.yaml, 1 run: 1 finished");
    }

    @Test
    void json_hasTheSame_inFullPrecision_andEveryRun() {
        JsonNode json = SweepJson.of(RESULT);

        assertThat(json.at("/points/0/loss/mean").asDouble()).isEqualTo(5);
        assertThat(json.at("/points/0/loss/std").asDouble()).isEqualTo(Math.sqrt(2));
        assertThat(json.at("/points/0/rule_step/never").asInt()).isEqualTo(1);
        assertThat(json.at("/points/1/cost/never").asInt()).isEqualTo(1);
        assertThat(json.at("/states/diverged").asInt()).isEqualTo(1);
        assertThat(json.at("/complete").asBoolean()).isFalse();
        assertThat(json.at("/runs")).hasSize(5);
        assertThat(json.at("/runs/3/state").asText()).isEqualTo("diverged");
    }

    @Test
    void csv_hasALineForEachRun_withTheSweptValue() {
        assertThat(SweepCsv.of(RESULT).lines().toList())
                .hasSize(6)
                .startsWith("run,point,optimizer.learning_rate,seed,state,step,training_loss,validation_loss,outliers,"
                        + "dimensions,cost,random_cost,rule_step,departure_step,t10")
                .contains(
                        "lr-learning_rate-0.001-seed-1,learning_rate-0.001,0.001,1,finished,100,9.0,4.0,,3 17,0.5,0.1,"
                                + "100,20,40.25");
    }
}
