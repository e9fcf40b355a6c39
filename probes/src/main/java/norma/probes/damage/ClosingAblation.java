package norma.probes.damage;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.probes.ablation.AblationFigures;
import norma.probes.ablation.AblationJson;
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
import norma.probes.files.EarlierResult;
import norma.probes.files.ProbeFiles;
import norma.probes.source.ModelSource;
import norma.trainer.config.RunConfig;
import norma.trainer.figure.FigureWidth;

/**
 * The ablation with which a run ends: its last checkpoint without its two costliest dimensions, beside random ones, on
 * {@value #TOKENS} held-out tokens at most. It is the same measurement as an ablation of the last checkpoint that is
 * asked for {@link #DIMENSIONS}, {@link #BASELINE} and as many {@link #sequences}, and its result is kept as that
 * one's.
 */
public final class ClosingAblation {
    private static final DimensionChoice COSTLIEST = new DimensionChoice.Costliest(2);
    private static final Baseline OTHERS = new Baseline.Random(20, 1);

    /** What is switched off, in the words of results. */
    public static final String DIMENSIONS = COSTLIEST.words();

    /** What it is compared with, in the words of results. */
    public static final String BASELINE = OTHERS.words();

    private static final int TOKENS = 4096;
    private static final int BATCH = 16;
    /** Of the arithmetic of the training. */
    private static final double MOST_SHARE = 0.1;
    /** Of a step are one part in three the pass forward. */
    private static final int PASSES_OF_A_STEP = 3;

    private final RunConfig config;
    private final LanguageModelEvaluation evaluation;
    private final RunAblation ablation;
    private final CheckpointAblation measured;

    private ClosingAblation(
            RunConfig config, LanguageModelEvaluation evaluation, RunAblation ablation, CheckpointAblation measured) {
        this.config = config;
        this.evaluation = evaluation;
        this.ablation = ablation;
        this.measured = measured;
    }

    /**
     * Whether it takes at most a tenth of the arithmetic of the training: a pass over the held-out tokens for each
     * dimension and each draw, beside three passes for each trained token.
     */
    public static boolean isAffordable(RunConfig config) {
        double trained = (double) config.training().steps() * config.training().batchSize();
        double passes = (double) sequences(config) * (config.model().hiddenSize() + OTHERS.draws());
        return passes <= MOST_SHARE * PASSES_OF_A_STEP * trained;
    }

    /** Held-out sequences that it asks for; a run may hold out fewer. */
    public static int sequences(RunConfig config) {
        return Math.max(1, TOKENS / config.data().sequenceLength());
    }

    /** Measures a run's last checkpoint on its held-out split. The scan is kept in the run's {@code probes/scans}. */
    public static ClosingAblation measure(ModelSource run, RunConfig config, Device device, Progress progress) {
        LanguageModelEvaluation evaluation = new EvaluationText(
                        new EvaluationText.HeldOut(),
                        sequences(config),
                        config.data().sequenceLength(),
                        BATCH)
                .prepare(run, progress);
        RunAblation ablation = new RunAblation(
                evaluation,
                AblationPlace.PAPER,
                List.of(COSTLIEST),
                OTHERS,
                new KeptScans(run.probesFolder().orElseThrow()),
                device);
        CheckpointAblation measured =
                ablation.measure(run, List.of(run.last()), true, progress).get(0);
        return new ClosingAblation(config, evaluation, ablation, measured);
    }

    /** What the model loses; empty if no dimension costs anything. */
    public Optional<ClosingDamage> damage() {
        AblationResult own = measured.ablations().get(0);
        return measured.beside(own).map(others -> damage(own, others));
    }

    private ClosingDamage damage(AblationResult own, BaselineResult others) {
        return new ClosingDamage(
                own.dimensions(),
                config.model().hiddenSize(),
                evaluation.batches().stream().mapToInt(Batch::rows).sum(),
                measured.cost(own, others, evaluation),
                others.draws().size(),
                others.std(evaluation.headline()),
                evaluation.objective().predictsTokens());
    }

    /**
     * Keeps the result as that of an ablation of the last checkpoint, where reports look for one.
     *
     * @param folder of the run's results
     * @param result its beginning: the command that makes the same, and the {@linkplain EarlierResult#note options}
     * @return the name that an earlier result of other options has now; empty if there was none
     * @throws IOException if it cannot be written
     */
    public Optional<String> keep(Path folder, ObjectNode result) throws IOException {
        result.set("evaluation", evaluation.describe());
        ablation.assumptions().forEach(result.putArray("assumed")::add);
        result.setAll(new AblationJson(evaluation, AblationPlace.PAPER, ablation.sites()).of(measured));
        Optional<String> earlier = EarlierResult.keep(folder, ProbeFiles.ABLATION_LAST, result);
        AblationFigures.write(
                folder, ProbeFiles.ABLATION_LAST, result, List.of(measured), evaluation, FigureWidth.TWO_COLUMNS);
        return earlier;
    }
}
