package norma.sweep.report;

import java.util.List;
import java.util.Optional;
import norma.probes.ablation.Cost;
import norma.sweep.folder.TaskState;
import norma.sweep.plan.SweptRun;

/**
 * What the folder of one run says now. What it does not say yet, or says never came, is null.
 *
 * @param run which
 * @param state how it is
 * @param sentence why it failed or diverged
 * @param step last one that was logged
 * @param trainingLoss at that step
 * @param validationLoss the last one
 * @param outliers dimensions that satisfy the paper's rule at the last recorded step; null before anything is recorded
 * @param dimensions those that were ablated, the run's own
 * @param cost of these and of random ones, at the last checkpoint that was ablated
 * @param ruleStep first recorded step from which one of the ablated dimensions (without an ablation, any) satisfies the
 *     rule to the end
 * @param departureStep the same for a weight or a bias of one of the ablated ones beyond the threshold in some layer
 * @param t10 step from which the cost is at least a tenth of the last one
 * @param problems what could not be read or measured, a sentence each
 */
public record RunResult(
        SweptRun run,
        TaskState state,
        Optional<String> sentence,
        Long step,
        Double trainingLoss,
        Double validationLoss,
        List<Integer> outliers,
        List<Integer> dimensions,
        Cost cost,
        Long ruleStep,
        Long departureStep,
        Double t10,
        List<String> problems) {

    /** The validation loss, or that of training where nothing was validated yet. */
    Double finalLoss() {
        return validationLoss == null ? trainingLoss : validationLoss;
    }

    /** Number of outliers. */
    Integer outlierCount() {
        return outliers == null ? null : outliers.size();
    }

    /** Cost of the run's own dimensions, in nats. */
    Double ownCost() {
        return cost == null ? null : cost.nats();
    }

    /** Mean cost of as many random ones, in nats. */
    Double randomCost() {
        return cost == null || Double.isNaN(cost.random()) ? null : cost.random();
    }
}
