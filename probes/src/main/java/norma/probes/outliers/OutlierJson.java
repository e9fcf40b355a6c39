package norma.probes.outliers;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.probes.dimensions.AppliedRule;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.VectorStatistics;

/** A report as JSON; a figure that is undefined is null. */
public final class OutlierJson {
    private OutlierJson() {}

    /**
     * {@code rule}, {@code dimensions}, {@code stacks} of a model of two, {@code definitions}, {@code sites},
     * {@code frequency}.
     */
    public static ObjectNode of(OutlierReport report) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("rule", report.rule().json());
        put(json.putArray("dimensions"), report.dimensions(), report.of());
        if (!report.stacks().isEmpty()) {
            ArrayNode stacks = json.putArray("stacks");
            for (StackOutliers stack : report.stacks()) {
                ObjectNode one = stacks.addObject();
                one.put("stack", stack.stack().label());
                put(one.putArray("dimensions"), stack.dimensions(), stack.of());
            }
        }
        ObjectNode definitions = json.putObject("definitions");
        definitions.set(OutlierText.PAPER, paper(report));
        report.findings().forEach(finding -> definitions.set(finding.name(), finding(finding)));
        ArrayNode sites = json.putArray("sites");
        for (SiteStatistics site : report.sites()) {
            ObjectNode one = sites.addObject();
            one.put("site", site.site());
            one.set("weight", vector(site.weight()));
            one.set("bias", vector(site.bias()));
        }
        json.set("frequency", report.hasActivations() ? frequency(report) : null);
        return json;
    }

    /**
     * Reads a result again.
     *
     * @throws norma.datasets.base.InvalidInputException naming file and key of what is missing or of another type
     */
    public static OutlierFile read(Path file) {
        JsonObject json = JsonFile.read(file, "what norma outliers keeps");
        List<OutlierFile.Definition> definitions = new ArrayList<>();
        json.object("definitions")
                .objectsByKey()
                .forEach((name, definition) -> definitions.add(new OutlierFile.Definition(
                        name,
                        definition.text("formula"),
                        definition.textIfAny("source"),
                        definition.counts("dimensions"))));
        return new OutlierFile(
                json.textIfAny("command"),
                json.textIfAny("model"),
                json.wholeNumberIfAny("step", 0),
                AppliedRule.read(json.object("rule")),
                outliers(json),
                json.objectsIfAny("stacks").stream()
                        .map(stack -> new OutlierFile.Stack(stack.text("stack"), outliers(stack)))
                        .toList(),
                definitions,
                json.objectsIfAny("sites").stream().map(OutlierJson::site).toList());
    }

    private static List<OutlierFile.Outlier> outliers(JsonObject json) {
        return json.objects("dimensions").stream()
                .map(one -> new OutlierFile.Outlier(
                        one.count("dimension", 0),
                        one.count("layers", 0),
                        one.count("of", 0),
                        one.number("weight_z"),
                        one.number("bias_z")))
                .toList();
    }

    private static SiteStatistics site(JsonObject json) {
        return new SiteStatistics(json.text("site"), vector(json, "weight"), vector(json, "bias"));
    }

    /** Null where the site has no such vector. */
    private static VectorStatistics vector(JsonObject site, String part) {
        if (!site.has(part)) {
            return null;
        }
        JsonObject json = site.object(part);
        return new VectorStatistics(
                json.writtenNumber("mean"),
                json.writtenNumber("std"),
                json.writtenNumber("largest_z"),
                json.count("dimension", -1),
                json.count("beyond", 0));
    }

    private static void put(ArrayNode json, List<OutlierDimension> dimensions, int of) {
        for (OutlierDimension found : dimensions) {
            ObjectNode one = json.addObject();
            one.put("dimension", found.dimension());
            one.put("layers", found.sites().size());
            one.put("of", of);
            put(one, "weight_z", found.weightZ());
            put(one, "bias_z", found.biasZ());
            found.sites().forEach(one.putArray("sites")::add);
        }
    }

    private static ObjectNode paper(OutlierReport report) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("formula", report.rule().sentence());
        json.put(
                "source",
                "Kovaleva, Kulshreshtha, Rogers and Rumshisky 2021, \"BERT Busters\", section 3,"
                        + " arXiv 2105.06990; sigma, fraction, combination and sites are options");
        ArrayNode dimensions = json.putArray("dimensions");
        report.dimensions().forEach(found -> dimensions.add(found.dimension()));
        return json;
    }

    private static ObjectNode finding(Finding finding) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("formula", finding.formula());
        json.put("source", finding.source());
        figures(json.putObject("values"), finding.values());
        figures(json.putObject("per_layer"), finding.perLayer());
        json.put("naming", finding.naming());
        finding.dimensions().keySet().forEach(json.putArray("dimensions")::add);
        ArrayNode counts = json.putArray("counts");
        finding.dimensions().values().forEach(counts::add);
        return json;
    }

    private static void figures(ObjectNode json, Map<String, Double> figures) {
        figures.forEach((name, value) -> put(json, name, value));
    }

    /** Null where the site has no such vector. */
    private static ObjectNode vector(VectorStatistics vector) {
        if (vector == null) {
            return null;
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        put(json, "mean", vector.mean());
        put(json, "std", vector.standardDeviation());
        put(json, "largest_z", vector.largestZ());
        json.put("dimension", vector.dimension());
        json.put("beyond", vector.beyond());
        return json;
    }

    private static ObjectNode frequency(OutlierReport report) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("formula", "per token type of the text: mean |x_d| over its tokens against ln(count)");
        json.put("source", "Puccetti, Rogers, Drozd and Dell'Orletta 2022, arXiv 2205.11380");
        json.put("types", report.types());
        if (report.states().stacks().size() > 1) {
            ArrayNode states = json.putArray("states");
            report.states().all().forEach(state -> states.addObject()
                    .put("stack", state.stackLabel())
                    .put("index", state.index()));
        }
        ArrayNode dimensions = json.putArray("dimensions");
        for (TokenFrequency.Result result : report.frequency()) {
            ObjectNode one = dimensions.addObject();
            one.put("dimension", result.dimension());
            one.set("word_embedding", result.embedding() == null ? null : correlation(result.embedding()));
            ArrayNode layers = one.putArray("hidden_states");
            result.layers().forEach(layer -> layers.add(correlation(layer)));
        }
        return json;
    }

    private static ObjectNode correlation(Correlation correlation) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        put(json, "pearson", correlation.pearson());
        put(json, "spearman", correlation.spearman());
        return json;
    }

    private static void put(ObjectNode json, String key, Double value) {
        if (value != null && Double.isFinite(value)) {
            json.put(key, value);
        } else {
            json.putNull(key);
        }
    }
}
