package norma.probes.emergence;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Emergence as JSON. */
public final class EmergenceJson {
    private EmergenceJson() {}

    /**
     * One run.
     *
     * @param run its name
     * @param losses of the run at steps, or null
     */
    public static ObjectNode of(String run, Emergence emergence, LossesAtSteps losses) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("run", run);
        json.set("rule", emergence.ruleDescription().json());
        json.put("first_step", emergence.firstStep());
        json.put("last_step", emergence.lastStep());
        json.put("every", emergence.every());
        if (losses != null) {
            losses.plateau().ifPresent(plateau -> json.set("plateau", plateau.json()));
        }
        dimensions(json, emergence.dimensions(), losses);
        counts(json, emergence.counts());
        if (!emergence.stacks().isEmpty()) {
            ArrayNode stacks = json.putArray("stacks");
            for (StackEmergence stack : emergence.stacks()) {
                ObjectNode one = stacks.addObject();
                one.put("stack", stack.stack().label()).put("layers", stack.layers());
                dimensions(one, stack.dimensions(), losses);
                counts(one, stack.counts());
            }
        }
        ArrayNode departures = json.putArray("departures");
        for (Departure departure : emergence.departures()) {
            ObjectNode one = departures.addObject();
            one.put("site", departure.site());
            one.put("dimension", departure.dimension());
            one.put("weight_step", departure.weightStep());
            one.put("bias_step", departure.biasStep());
            one.put("weight_first_step", departure.weightFirst());
            one.put("bias_first_step", departure.biasFirst());
            number(one, "weight_z", departure.weightZ());
            number(one, "bias_z", departure.biasZ());
            number(one, "weight_z_per_1000_steps", departure.weightSpeed());
            number(one, "bias_z_per_1000_steps", departure.biasSpeed());
            one.put("first", departure.first());
        }
        ArrayNode gaps = json.putArray("gaps");
        emergence.gaps().forEach(gap -> gaps.addObject().put("from", gap.from()).put("to", gap.to()));
        ArrayNode notFinite = json.putArray("not_finite");
        emergence
                .notFinite()
                .forEach(span -> notFinite.addObject().put("from", span.from()).put("to", span.to()));
        return json;
    }

    private static void dimensions(ObjectNode json, List<EmergedDimension> dimensions, LossesAtSteps losses) {
        ArrayNode list = json.putArray("dimensions");
        for (EmergedDimension dimension : dimensions) {
            ObjectNode one = list.addObject();
            one.put("dimension", dimension.dimension());
            one.put("emergence_step", dimension.emergenceStep());
            one.put("first_step", dimension.firstStep());
            one.put("crossings", dimension.crossings());
            dimension.order().forEach(one.putArray("order")::add);
            rise(one, dimension.rise());
            ArrayNode sites = one.putArray("sites");
            for (EmergedDimension.SiteSteps site : dimension.sites()) {
                sites.addObject()
                        .put("site", site.site())
                        .put("weight_first_step", site.weightFirst())
                        .put("weight_step", site.weightStep())
                        .put("bias_first_step", site.biasFirst())
                        .put("bias_step", site.biasStep());
            }
            if (losses != null && dimension.emergenceStep() != null) {
                losses.put(one, dimension.emergenceStep());
            }
        }
    }

    private static void counts(ObjectNode json, List<Emergence.Count> counts) {
        ArrayNode list = json.putArray("outlier_count");
        counts.forEach(c -> list.addObject().put("step", c.step()).put("count", c.count()));
    }

    private static void rise(ObjectNode json, EmergedDimension.Rise rise) {
        if (rise == null) {
            return;
        }
        ObjectNode one = json.putObject("rise");
        one.put("onset_step", rise.onsetStep());
        one.put("layers", rise.layers());
        number(one, "weight_mean_abs_z", rise.weightZ());
        number(one, "bias_mean_abs_z", rise.biasZ());
        number(one, "weight_z_per_1000_steps", rise.weightSpeed());
        number(one, "bias_z_per_1000_steps", rise.biasSpeed());
        one.put("follows_gap", rise.followsGap());
    }

    private static void number(ObjectNode json, String key, Double value) {
        if (value == null || Double.isNaN(value)) {
            json.putNull(key);
        } else {
            json.put(key, value);
        }
    }
}
