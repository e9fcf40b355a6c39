package norma.probes.emergence;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.probes.dimensions.AppliedRule;

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

    /**
     * Reads the result about one run again.
     *
     * @throws norma.datasets.base.InvalidInputException naming file and key of what is missing or of another type
     */
    public static EmergenceFile read(Path file) {
        JsonObject json = JsonFile.read(file, "what norma emergence keeps");
        return new EmergenceFile(
                json.textIfAny("command"),
                json.text("run"),
                AppliedRule.read(json.object("rule")),
                json.wholeNumber("first_step", 0),
                json.wholeNumber("last_step", 0),
                json.count("every", 1),
                json.has("plateau") ? Optional.of(Plateau.read(json.object("plateau"))) : Optional.empty(),
                readDimensions(json),
                json.objectsIfAny("stacks").stream()
                        .map(stack -> new EmergenceFile.Stack(
                                stack.text("stack"),
                                stack.count("layers", 1),
                                readDimensions(stack),
                                readCounts(stack)))
                        .toList(),
                json.objects("departures").stream()
                        .map(EmergenceJson::readDeparture)
                        .toList(),
                readCounts(json),
                json.objects("gaps").stream()
                        .map(gap -> new Emergence.Gap(gap.wholeNumber("from", 0), gap.wholeNumber("to", 0)))
                        .toList(),
                json.objectsIfAny("not_finite").stream()
                        .map(span -> new Emergence.NotFinite(span.wholeNumber("from", 0), span.wholeNumber("to", 0)))
                        .toList());
    }

    private static List<Emergence.Count> readCounts(JsonObject json) {
        return json.objects("outlier_count").stream()
                .map(count -> new Emergence.Count(count.wholeNumber("step", 0), count.count("count", 0)))
                .toList();
    }

    private static Departure readDeparture(JsonObject json) {
        return new Departure(
                json.text("site"),
                json.count("dimension", 0),
                step(json, "weight_step"),
                step(json, "bias_step"),
                step(json, "weight_first_step"),
                step(json, "bias_first_step"),
                json.has("weight_z") ? (Double) json.number("weight_z") : null,
                json.has("bias_z") ? (Double) json.number("bias_z") : null,
                json.number("weight_z_per_1000_steps"),
                json.number("bias_z_per_1000_steps"));
    }

    private static List<EmergedDimension> readDimensions(JsonObject json) {
        return json.objects("dimensions").stream()
                .map(one -> new EmergedDimension(
                        one.count("dimension", 0),
                        writtenStep(one, "emergence_step"),
                        one.wholeNumber("first_step", 0),
                        one.count("crossings", 1),
                        one.texts("order"),
                        one.objectsIfAny("sites").stream()
                                .map(EmergenceJson::readSite)
                                .toList(),
                        one.has("rise") ? readRise(one.object("rise")) : null))
                .toList();
    }

    private static EmergedDimension.SiteSteps readSite(JsonObject json) {
        return new EmergedDimension.SiteSteps(
                json.text("site"),
                step(json, "weight_first_step"),
                step(json, "weight_step"),
                step(json, "bias_first_step"),
                step(json, "bias_step"));
    }

    private static EmergedDimension.Rise readRise(JsonObject json) {
        return new EmergedDimension.Rise(
                json.wholeNumber("onset_step", 0),
                json.count("layers", 0),
                json.number("weight_mean_abs_z"),
                json.number("bias_mean_abs_z"),
                json.number("weight_z_per_1000_steps"),
                json.number("bias_z_per_1000_steps"),
                json.flag("follows_gap").orElse(false));
    }

    /** Null where the step does not exist. */
    private static Long step(JsonObject json, String key) {
        return json.wholeNumberIfAny(key, 0).orElse(null);
    }

    /** The same of one whose key has to be there. */
    private static Long writtenStep(JsonObject json, String key) {
        json.writtenNumber(key);
        return step(json, key);
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
