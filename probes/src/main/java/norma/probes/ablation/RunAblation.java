package norma.probes.ablation;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import norma.datasets.base.Progress;
import norma.probes.ablation.CheckpointAblation.Named;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.dimensions.DimensionCosts;
import norma.probes.evaluation.Evaluation;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.model.LayerNormSite;
import norma.trainer.pretrained.PretrainedModel;

/** The same ablations on one checkpoint after the other. */
public final class RunAblation {
    private final Evaluation evaluation;
    private final AblationPlace place;
    private final NamedChoices choices;
    private final Baseline baseline;
    private final KeptScans scans;
    private final Device device;
    private final Set<String> assumptions = new LinkedHashSet<>();
    private List<LayerNormSite> sites = List.of();

    /**
     * A plan.
     *
     * @param choices what to switch off, each on its own
     * @param baseline what to compare with, or null
     * @param scans where scans of single dimensions are kept, for a choice that depends on costs
     * @param device where to compute
     */
    public RunAblation(
            Evaluation evaluation,
            AblationPlace place,
            List<DimensionChoice> choices,
            Baseline baseline,
            KeptScans scans,
            Device device) {
        this.evaluation = evaluation;
        this.place = place;
        this.choices = new NamedChoices(choices);
        this.baseline = baseline;
        this.scans = scans;
        this.device = device;
    }

    /**
     * Measures checkpoints.
     *
     * @param alone whether it is one checkpoint by itself: choices are named as they were said; otherwise what each
     *     checkpoint itself says is named {@code own}, and what the last one's say {@code final}
     */
    public List<CheckpointAblation> measure(
            ModelSource source, List<ProbedCheckpoint> checkpoints, boolean alone, Progress progress) {
        List<Named> last = List.of();
        if (!alone) {
            try (PretrainedModel bert = PretrainedModel.open(source.last().folder(), device)) {
                last = choices.of(bert, scans.costs(bert, evaluation, place, progress), NamedChoices.FINAL);
            }
        }
        List<CheckpointAblation> measured = new ArrayList<>();
        for (ProbedCheckpoint checkpoint : checkpoints) {
            progress.update("checkpoints", measured.size(), checkpoints.size(), "checkpoints");
            try (PretrainedModel bert = PretrainedModel.open(checkpoint.folder(), device);
                    AblationStudy study = AblationStudy.open(bert, evaluation, place, Progress.NONE)) {
                sites = bert.layerNormSites();
                assumptions.addAll(evaluation.assumptions(bert));
                DimensionCosts costs = scans.costs(study, progress);
                List<Named> ablations = alone
                        ? choices.asSaid(bert, costs)
                        : NamedChoices.joined(choices.of(bert, costs, NamedChoices.OWN), last);
                measured.add(CheckpointAblation.measure(
                        study, checkpoint.step(), ablations, baseline, alone ? progress : Progress.NONE));
            }
        }
        progress.update("checkpoints", measured.size(), checkpoints.size(), "checkpoints");
        return measured;
    }

    /** The sites of the models that were measured. */
    public List<LayerNormSite> sites() {
        return sites;
    }

    /** What the models did not say and was assumed of them, a sentence each. */
    public Set<String> assumptions() {
        return assumptions;
    }
}
