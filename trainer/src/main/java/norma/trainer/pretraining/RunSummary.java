package norma.trainer.pretraining;

import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.PublicApi;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.step.Learner;

/**
 * How a run stands when its process ends.
 *
 * @param folder of the run
 * @param step steps taken
 * @param steps of the whole run
 * @param interrupted whether somebody stopped it before its end
 * @param trainingLoss of the last step; NaN if none was taken
 * @param evaluation the last one; null if there was none
 * @param evaluationStep step of that
 * @param sites LayerNorm statistics now
 * @param outliers dimensions that satisfy the paper's rule now
 * @param figure the picture of loss and LayerNorm trajectories; null if there is none
 */
@PublicApi
public record RunSummary(
        Path folder,
        long step,
        long steps,
        boolean interrupted,
        double trainingLoss,
        Learner.Evaluation evaluation,
        long evaluationStep,
        List<SiteStatistics> sites,
        List<OutlierDimension> outliers,
        Path figure) {}
