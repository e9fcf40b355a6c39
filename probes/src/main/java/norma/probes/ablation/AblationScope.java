package norma.probes.ablation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.probes.evaluation.Evaluation;
import norma.probes.evaluation.Scores;
import norma.trainer.layernorm.Part;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;

/**
 * The time during which a model is ablated. Closing it puts every edited vector back as it was, bit for bit; scopes
 * that are open together must be closed in the reverse order.
 */
public final class AblationScope implements AutoCloseable {
    private final PretrainedModel bert;
    private final Map<String, float[]> before = new LinkedHashMap<>();

    private AblationScope(PretrainedModel bert) {
        this.bert = bert;
    }

    /**
     * Edits a model.
     *
     * @throws norma.datasets.base.InvalidInputException if the model has no such dimension or layer; then nothing is
     *     edited
     */
    public static AblationScope open(PretrainedModel bert, Ablation ablation) {
        List<LayerNormSite> sites = bert.layerNormSites();
        ablation.requireFits(sites);
        List<Integer> edited = ablation.place().sites(sites);
        AblationScope scope = new AblationScope(bert);
        if (ablation.dimensions().isEmpty()) {
            return scope;
        }
        for (int site : edited) {
            boolean[] off = ablation.marked(sites.get(site).width());
            for (Part part : ablation.place().parts()) {
                Slice slice = part.of(sites.get(site));
                if (slice != null) {
                    scope.edit(slice.parameter(), off, ablation.place().replacement());
                }
            }
        }
        return scope;
    }

    /** Scores the model as it is now. */
    Scores score(Evaluation evaluation, List<BatchState> states) {
        return evaluation.score(bert, states);
    }

    private void edit(String parameter, boolean[] off, Replacement replacement) {
        float[] values = bert.parameter(parameter);
        before.put(parameter, values.clone());
        float value = replacement.value(values, off);
        for (int d = 0; d < values.length; d++) {
            if (off[d]) {
                values[d] = value;
            }
        }
        bert.setParameter(parameter, values);
    }

    @Override
    public void close() {
        before.forEach(bert::setParameter);
    }
}
