package norma.probes.ablation;

import java.util.ArrayList;
import java.util.List;
import norma.probes.evaluation.Evaluation;
import norma.probes.evaluation.Scores;
import norma.trainer.layernorm.Part;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Slice;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;

/**
 * The time during which a model is ablated. Closing it puts every edited value back as it was, bit for bit; scopes that
 * are open together must be closed in the reverse order.
 */
public final class AblationScope implements AutoCloseable {
    private final PretrainedModel bert;
    private final List<Edit> edits = new ArrayList<>();

    private AblationScope(PretrainedModel bert) {
        this.bert = bert;
    }

    /** What was edited: only the values of the marked positions are kept, for a matrix is large. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Edit(String parameter, AxisValues positions, boolean[] marked, float[] before) {}

    /**
     * Edits a model.
     *
     * @throws norma.datasets.base.InvalidInputException if the model has no such dimension or layer; then nothing is
     *     edited
     */
    public static AblationScope open(PretrainedModel bert, Ablation ablation) {
        return open(bert, bert.layerNormSites(), ablation);
    }

    /** The same, at sites that the caller describes. */
    static AblationScope open(PretrainedModel bert, List<LayerNormSite> sites, Ablation ablation) {
        ablation.requireFits(sites);
        AblationScope scope = new AblationScope(bert);
        if (ablation.dimensions().isEmpty()) {
            return scope;
        }
        try {
            for (int site : ablation.place().edited(sites)) {
                scope.edit(sites.get(site), ablation);
            }
            return scope;
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    private void edit(LayerNormSite site, Ablation ablation) {
        boolean[] marked = ablation.marked(site.width());
        for (Part part : ablation.place().parts()) {
            Slice slice = AblationPlace.edited(part, site);
            if (slice != null) {
                edit(slice, part, marked, ablation.place().replacement());
            }
        }
    }

    /** Scores the model as it is now. */
    Scores score(Evaluation evaluation, Iterable<BatchState> states) {
        return evaluation.score(bert, states);
    }

    private void edit(Slice slice, Part part, boolean[] marked, Replacement replacement) {
        AxisValues positions = new AxisValues(bert.shape(slice.parameter()), slice.axis());
        if (positions.positions() != marked.length) {
            throw new IllegalStateException(slice + " has " + positions.positions() + " positions, expected "
                    + marked.length + ", the width of its site");
        }
        float[] values = bert.parameter(slice.parameter());
        edits.add(new Edit(slice.parameter(), positions, marked, positions.take(values, marked)));
        replacement.apply(positions, part, values, marked);
        bert.setParameter(slice.parameter(), values);
    }

    @Override
    public void close() {
        for (int i = edits.size() - 1; i >= 0; i--) {
            Edit edit = edits.get(i);
            float[] values = bert.parameter(edit.parameter());
            edit.positions().put(values, edit.marked(), edit.before());
            bert.setParameter(edit.parameter(), values);
        }
        edits.clear();
    }
}
