package norma.probes.damage;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.probes.ablation.AblationPlace;
import norma.probes.ablation.AblationResult;
import norma.probes.ablation.Baseline;
import norma.probes.ablation.BaselineResult;
import norma.probes.ablation.CheckpointAblation;
import norma.probes.ablation.KeptScans;
import norma.probes.ablation.RunAblation;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.evaluation.EvaluationText;
import norma.probes.evaluation.LanguageModelEvaluation;
import norma.probes.source.ModelSource;
import norma.trainer.config.RunConfig;
import norma.trainer.run.MetricsLog;

/**
 * What a run has come to when it ends: the loss without the two dimensions of which its last checkpoint loses most,
 * beside the loss without two others at random. A short measurement, on {@value #TOKENS} held-out tokens at most; the
 * commands of the probes measure the same on more.
 *
 * @param dimensions the costliest ones of a scan of single dimensions, ascending
 * @param width H: how many dimensions there are
 * @param sequences held-out sequences that it was measured on
 * @param cost of them
 * @param draws how many random draws stand beside it
 * @param spread population standard deviation of the loss over the draws, in nats
 * @param ofTokens whether it is the loss of tokens predicted from a vocabulary, which other models' can be compared
 *     with
 */
public record ClosingDamage(
        List<Integer> dimensions, int width, int sequences, Cost cost, int draws, double spread, boolean ofTokens) {
    private static final DimensionChoice COSTLIEST = new DimensionChoice.Costliest(2);
    private static final Baseline OTHERS = new Baseline.Random(20, 1);
    private static final int TOKENS = 4096;
    private static final int BATCH = 16;
    /** Of the arithmetic of the training. */
    private static final double MOST_SHARE = 0.1;
    /** Of a step are one part in three the pass forward. */
    private static final int PASSES_OF_A_STEP = 3;

    public ClosingDamage {
        dimensions = List.copyOf(dimensions);
    }

    /**
     * Whether it takes at most a tenth of the arithmetic of the training: a pass over the held-out tokens for each
     * dimension and each draw, beside three passes for each trained token.
     */
    public static boolean isAffordable(RunConfig config) {
        double trained = (double) config.training().steps() * config.training().batchSize();
        double measured = (double) sequences(config) * (config.model().hiddenSize() + OTHERS.draws());
        return measured <= MOST_SHARE * PASSES_OF_A_STEP * trained;
    }

    private static int sequences(RunConfig config) {
        return Math.max(1, TOKENS / config.data().sequenceLength());
    }

    /**
     * Measures a run's last checkpoint on its held-out split. The scan is kept in the run's {@code probes/scans}.
     *
     * @return empty if no dimension costs anything
     */
    public static Optional<ClosingDamage> measure(ModelSource run, RunConfig config, Device device, Progress progress) {
        LanguageModelEvaluation evaluation = new EvaluationText(
                        new EvaluationText.HeldOut(),
                        sequences(config),
                        config.data().sequenceLength(),
                        BATCH)
                .prepare(run, progress);
        CheckpointAblation measured = new RunAblation(
                        evaluation,
                        AblationPlace.PAPER,
                        List.of(COSTLIEST),
                        OTHERS,
                        new KeptScans(run.probesFolder().orElseThrow()),
                        device)
                .measure(run, List.of(run.last()), true, progress)
                .get(0);
        AblationResult own = measured.ablations().get(0);
        return measured.beside(own).map(others -> of(measured, own, others, evaluation, config));
    }

    private static ClosingDamage of(
            CheckpointAblation measured,
            AblationResult own,
            BaselineResult others,
            LanguageModelEvaluation evaluation,
            RunConfig config) {
        return new ClosingDamage(
                own.dimensions(),
                config.model().hiddenSize(),
                evaluation.batches().stream().mapToInt(Batch::rows).sum(),
                new Cost(measured.cost(own, evaluation), measured.cost(others, evaluation)),
                others.draws().size(),
                others.std(evaluation.headline()),
                evaluation.objective().predictsTokens());
    }

    /** Full precision; {@code times_random} is null where there is no ratio. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        dimensions.forEach(json.putArray("dimensions")::add);
        json.put("sequences", sequences);
        json.put("rise_of_loss", cost.nats());
        json.put("draws", draws);
        json.put("random_rise_of_loss", cost.random());
        json.put("random_standard_deviation", spread);
        MetricsLog.put(json, "times_random", cost.timesRandom());
        json.put("catastrophic", cost.catastrophic());
        return json;
    }
}
