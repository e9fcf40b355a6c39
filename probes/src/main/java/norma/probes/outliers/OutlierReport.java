package norma.probes.outliers;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import norma.datasets.Progress;
import norma.datasets.batches.Batch;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.bert.PretrainedBert;
import norma.trainer.layernorm.LayerNormSite;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.VectorStatistics;

/**
 * Everything that is said of a model's outliers.
 *
 * @param checkpoint the model
 * @param rule the rule with its options
 * @param dimensions what the rule finds
 * @param layers of the model
 * @param sites statistics of every LayerNorm
 * @param findings what each definition finds; those of activations only where text was given
 * @param activations what the hidden states held, or null without text
 * @param frequency how magnitudes go with token frequency, a line for each of {@code dimensions}
 */
public record OutlierReport(
        ProbedCheckpoint checkpoint,
        OutlierRule rule,
        List<OutlierDimension> dimensions,
        int layers,
        List<SiteStatistics> sites,
        List<Finding> findings,
        ActivationDefinitions activations,
        List<FrequencyCorrelation> frequency) {
    public OutlierReport {
        dimensions = List.copyOf(dimensions);
        sites = List.copyOf(sites);
        findings = List.copyOf(findings);
        frequency = List.copyOf(frequency);
    }

    /**
     * Measures a model.
     *
     * @param text for the definitions of activations, or an empty list
     */
    public static OutlierReport of(
            ProbedCheckpoint checkpoint, PretrainedBert bert, OutlierRule rule, List<Batch> text, Progress progress) {
        float[] layerNorms = bert.layerNorms();
        List<LayerNormSite> sites = bert.layerNormSites();
        int hidden = bert.config().hiddenSize();
        List<OutlierDimension> found = rule.apply(layerNorms, sites, hidden);
        List<Finding> findings = new ArrayList<>(LayerNormDefinitions.of(layerNorms, sites, hidden));
        ActivationDefinitions activations = null;
        List<FrequencyCorrelation> frequency = List.of();
        if (!text.isEmpty()) {
            activations = ActivationDefinitions.measure(bert, text, progress);
            findings.addAll(activations.findings());
            if (!found.isEmpty()) {
                frequency = FrequencyCorrelation.measure(
                        bert,
                        text,
                        found.stream().map(OutlierDimension::dimension).toList(),
                        progress);
            }
        }
        return new OutlierReport(
                checkpoint,
                rule,
                found,
                bert.config().numHiddenLayers(),
                SiteStatistics.of(layerNorms, sites, hidden),
                findings,
                activations,
                frequency);
    }

    /**
     * As JSON: {@code model}, {@code step}, {@code rule}, {@code dimensions}, {@code definitions}, {@code sites}, ….
     */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("model", checkpoint.folder().toString());
        if (checkpoint.step().isPresent()) {
            json.put("step", checkpoint.step().getAsLong());
        } else {
            json.putNull("step");
        }
        json.putObject("rule")
                .put("sigma", rule.sigma())
                .put("fraction", rule.fraction())
                .put("combination", rule.combination().name().toLowerCase(Locale.ROOT));
        ArrayNode found = json.putArray("dimensions");
        for (OutlierDimension dimension : dimensions) {
            ObjectNode one = found.addObject();
            one.put("dimension", dimension.dimension());
            one.put("layers", dimension.sites().size());
            one.put("of", layers);
            one.put("weight_z", dimension.weightZ());
            one.put("bias_z", dimension.biasZ());
            dimension.sites().forEach(one.putArray("sites")::add);
        }
        ObjectNode definitions = json.putObject("definitions");
        findings.forEach(finding -> definitions.set(finding.definition().key(), json(finding)));
        ArrayNode all = json.putArray("sites");
        for (SiteStatistics site : sites) {
            ObjectNode one = all.addObject().put("site", site.site());
            one.set("weight", json(site.weight()));
            one.set("bias", json(site.bias()));
        }
        ArrayNode correlations = json.putArray("frequency");
        for (FrequencyCorrelation line : frequency) {
            ObjectNode one = correlations.addObject();
            one.put("dimension", line.dimension());
            one.put("token_types", line.types());
            line.layers().forEach(pair -> one.withArray("pearson").add(pair.pearson()));
            line.layers().forEach(pair -> one.withArray("spearman").add(pair.spearman()));
        }
        return json;
    }

    private ObjectNode json(Finding finding) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("formula", finding.definition().formula());
        json.put("source", finding.definition().source());
        finding.dimensions().forEach(json.putArray("dimensions")::add);
        if (!finding.perLayer().isEmpty()) {
            finding.perLayer().forEach(json.putArray("per_layer")::add);
            finding.leading().forEach(json.putArray("leading_dimension")::add);
        }
        if (finding.definition() == Definition.LARGEST_INFINITY_NORM) {
            activations.meanInfinityNorms().forEach(json.putArray("mean_over_sequences")::add);
        }
        if (finding.definition() == Definition.MASSIVE_ACTIVATIONS) {
            activations.medians().forEach(json.putArray("median")::add);
            ArrayNode top = json.putArray("top_3");
            activations.topThree().forEach(peaks -> {
                ArrayNode layer = top.addArray();
                peaks.forEach(peak ->
                        layer.addObject().put("dimension", peak.dimension()).put("magnitude", peak.magnitude()));
            });
        }
        return json;
    }

    private static ObjectNode json(VectorStatistics vector) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("mean", vector.mean());
        json.put("std", vector.standardDeviation());
        json.put("largest_z", vector.largestZ());
        json.put("dimension", vector.dimension());
        json.put("beyond", vector.beyond());
        return json;
    }
}
