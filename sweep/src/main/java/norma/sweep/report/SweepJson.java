package norma.sweep.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Function;
import norma.sweep.folder.TaskState;
import norma.sweep.plan.SweepPoint;

/** A sweep as JSON, full precision. */
public final class SweepJson {
    private SweepJson() {}

    /** {@code sweep}, {@code base}, how many runs are how, {@code points} with spreads over seeds, {@code runs}. */
    public static ObjectNode of(SweepResult result) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("sweep", result.plan().name());
        json.put("base", result.plan().base());
        result.plan().swept().forEach(json.putArray("swept")::add);
        json.put("complete", result.complete());
        ObjectNode states = json.putObject("states");
        for (TaskState state : TaskState.values()) {
            states.put(state.label(), result.in(state));
        }
        ArrayNode points = json.putArray("points");
        result.plan().points().forEach(point -> points.add(of(result, point)));
        ArrayNode runs = json.putArray("runs");
        result.runs().forEach(run -> runs.add(of(run)));
        return json;
    }

    private static ObjectNode of(SweepResult result, SweepPoint point) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("point", point.name());
        point.values().forEach(json.putObject("values")::put);
        json.put("runs", result.of(point).size());
        spread(json, "loss", result, point, RunResult::finalLoss);
        spread(json, "outliers", result, point, RunResult::outlierCount);
        spread(json, "rule_step", result, point, RunResult::ruleStep);
        spread(json, "departure_step", result, point, RunResult::departureStep);
        spread(json, "t10", result, point, RunResult::t10);
        spread(json, "cost", result, point, RunResult::ownCost);
        spread(json, "random_cost", result, point, RunResult::randomCost);
        return json;
    }

    private static void spread(
            ObjectNode json,
            String key,
            SweepResult result,
            SweepPoint point,
            Function<RunResult, ? extends Number> figure) {
        result.spread(point, figure).put(json.putObject(key));
    }

    private static ObjectNode of(RunResult run) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("run", run.run().name());
        json.put("point", run.run().point().name());
        json.put("seed", run.run().seed());
        json.put("state", run.state().label());
        json.put("sentence", run.sentence().orElse(null));
        json.put("step", run.step());
        json.put("training_loss", run.trainingLoss());
        json.put("validation_loss", run.validationLoss());
        if (run.outliers() == null) {
            json.putNull("outliers");
        } else {
            run.outliers().forEach(json.putArray("outliers")::add);
        }
        if (run.dimensions() == null) {
            json.putNull("dimensions");
        } else {
            run.dimensions().forEach(json.putArray("dimensions")::add);
        }
        json.put("cost", run.ownCost());
        json.put("random_cost", run.randomCost());
        json.put("catastrophic", run.cost() == null ? null : run.cost().catastrophic());
        json.put("rule_step", run.ruleStep());
        json.put("departure_step", run.departureStep());
        json.put("t10", run.t10());
        run.problems().forEach(json.putArray("problems")::add);
        return json;
    }
}
