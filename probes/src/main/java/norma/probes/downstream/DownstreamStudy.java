package norma.probes.downstream;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import norma.datasets.base.Progress;
import norma.probes.ablation.AblationPlace;
import norma.probes.ablation.AblationStudy;
import norma.probes.ablation.Baseline;
import norma.probes.ablation.CheckpointAblation;
import norma.probes.ablation.CheckpointAblation.Named;
import norma.probes.ablation.NamedChoices;
import norma.probes.dimensions.DimensionCosts;
import norma.probes.evaluation.TaskEvaluation;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.finetuning.FinetuningSummary;
import norma.trainer.finetuning.SeedResult;
import norma.trainer.model.LayerNormSite;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Fine-tuned checkpoints of one run, measured whole and ablated. Which dimensions are switched off is read from the
 * pre-trained models: {@code own} of the checkpoint that was fine-tuned, {@code final} of the run's last one.
 */
public final class DownstreamStudy {
    private static final int BATCH_ROWS = 32;

    private final AblationPlace place;
    private final NamedChoices choices;
    private final Function<PretrainedModel, DimensionCosts> costs;
    private final Baseline baseline;
    private final Device device;
    private final List<Named> last;

    /**
     * A study of a run.
     *
     * @param place where models are ablated
     * @param choices what to switch off, each on its own
     * @param costs of the dimensions of a pre-trained model
     * @param baseline what to compare with, or null
     * @param device where to compute
     */
    public DownstreamStudy(
            ModelSource run,
            AblationPlace place,
            NamedChoices choices,
            Function<PretrainedModel, DimensionCosts> costs,
            Baseline baseline,
            Device device) {
        this.place = place;
        this.choices = choices;
        this.costs = costs;
        this.baseline = baseline;
        this.device = device;
        try (PretrainedModel bert = PretrainedModel.open(run.last().folder(), device)) {
            last = choices.of(bert, costs.apply(bert), NamedChoices.FINAL);
        }
    }

    /** The held-out examples as the models of a fine-tuning saw them. */
    public static TaskEvaluation evaluation(ProbedCheckpoint pretrained, FinetuningSummary summary) {
        try (var tokenizer = pretrained.tokenizer()) {
            return new TaskEvaluation(
                    summary.task(),
                    tokenizer,
                    pretrained.sequences(),
                    summary.config().maxLength(),
                    Integer.MAX_VALUE,
                    BATCH_ROWS,
                    List.of());
        }
    }

    /**
     * Measures the model of every seed.
     *
     * @param pretrained the checkpoint that was fine-tuned
     * @param summary of its fine-tuning, which has ended
     */
    public DownstreamPoint measure(
            ProbedCheckpoint pretrained, FinetuningSummary summary, TaskEvaluation evaluation, Progress progress) {
        List<Named> named;
        try (PretrainedModel bert = PretrainedModel.open(pretrained.folder(), device)) {
            named = NamedChoices.joined(choices.of(bert, costs.apply(bert), NamedChoices.OWN), last);
        }
        OptionalLong step = pretrained.step();
        List<LayerNormSite> sites = List.of();
        List<CheckpointAblation> seeds = new ArrayList<>();
        for (SeedResult seed : summary.seeds()) {
            progress.update("ablating", seeds.size(), summary.seeds().size(), "seeds");
            try (PretrainedModel bert = PretrainedModel.open(seed.checkpoint(), device);
                    AblationStudy study = AblationStudy.open(bert, evaluation, place, Progress.NONE)) {
                sites = bert.layerNormSites();
                seeds.add(CheckpointAblation.measure(study, step, named, baseline, Progress.NONE));
            }
        }
        progress.update("ablating", seeds.size(), seeds.size(), "seeds");
        return new DownstreamPoint(step.orElseThrow(), summary, sites, seeds);
    }
}
