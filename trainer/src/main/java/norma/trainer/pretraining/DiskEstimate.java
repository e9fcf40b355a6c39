package norma.trainer.pretraining;

import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import norma.datasets.base.Counted;
import norma.trainer.config.KeptCheckpoints;
import norma.trainer.config.RunConfig;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.run.DiskSpace;

/**
 * What a pre-training still has to write itself, in bytes: not what is there already, and not what a fork copies from
 * its parent. Not less than it turns out to be, and at most half as much again: pictures and recordings compress better
 * in one run than in another.
 *
 * @param recording of the LayerNorms
 * @param tensorBoard event files
 * @param rest metrics, log, the picture at the end, configuration and tokenizer
 * @param checkpointBytes of one checkpoint
 * @param checkpoints that the run adds to those that are there, once it has ended; may be negative
 * @param mostCheckpoints that it adds at one time, the one that is being written included
 */
record DiskEstimate(
        long recording, long tensorBoard, long rest, long checkpointBytes, int checkpoints, int mostCheckpoints) {
    private static final int BLOCK = 4096;
    private static final int CHECKPOINT_FILES = 8;
    /** A line of metrics.jsonl without its LayerNorm vectors, and what a vector adds to it. */
    private static final int LINE = 500;

    private static final int VECTOR_IN_LINE = 95;
    /** Record, time, step and number of a TensorBoard scalar, without its tag. */
    private static final int SCALAR = 42;

    private static final int SCALARS_OF_TRAINING = 16;
    private static final int SCALARS_OF_VECTOR = 3;
    private static final int TAG = 32;
    /** 64 limits and counts of 8 bytes, moments and tag. */
    private static final int HISTOGRAM = 1200;

    private static final int LOG = 1 << 16;
    private static final int LOG_OF_EVALUATION = 200;

    /**
     * Estimates.
     *
     * @param layout of the sites of all networks
     * @param weightsAndMoments bytes of these in a checkpoint
     * @param tokenizer bytes of tokenizer.json, which every checkpoint holds
     * @param from the step that the run goes on from; -1 if it has not begun
     * @param there steps of the checkpoints that are there, or that are copied there; none though the run goes on from
     *     a step, if it writes the checkpoint of that step itself
     */
    static DiskEstimate of(
            RunConfig config,
            SnapshotLayout layout,
            long weightsAndMoments,
            long tokenizer,
            long from,
            Set<Long> there) {
        long steps = config.training().steps();
        int every = config.record().every();
        DueSteps due = new DueSteps(config);
        int vectors = 0;
        long tags = 0;
        for (int site = 0; site < layout.size(); site++) {
            for (Part part : Part.values()) {
                vectors += layout.has(site, part) ? 1 : 0;
                tags += layout.has(site, part) ? layout.site(site).name().length() : 0;
            }
        }
        long events =
                SCALARS_OF_TRAINING * (SCALAR + TAG) + SCALARS_OF_VECTOR * ((long) vectors * (SCALAR + TAG) + tags);
        long tensorBoard = 2 * BLOCK; // events, and a description of the run
        long rest = LOG + tokenizer;
        TreeSet<Long> kept = new TreeSet<>(there);
        if (from >= 0 && there.isEmpty()) {
            kept.add(from); // of a fork that does not begin from just its parent's
        }
        Set<Long> staying = config.checkpoints().staying(steps);
        int most = kept.size();
        for (long step = from + 1; step <= steps; step++) {
            if (due.line(step)) {
                rest += LINE + (long) vectors * VECTOR_IN_LINE + tags;
                tensorBoard += events;
            }
            if (due.evaluation(step)) {
                rest += LOG_OF_EVALUATION;
            }
            if (due.drawn(step)) {
                tensorBoard += (long) vectors * HISTOGRAM
                        + (step == 0 ? 0 : png(layout.hidden(), step)); // nothing to draw yet
            }
            if (due.checkpoint(step)) {
                most = Math.max(most, kept.size() + 1);
                kept.add(step);
                keep(kept, config.checkpoints().keep(), staying);
            }
        }
        long recorded = from < 0 ? 0 : LayerNormRecorder.bytesNeeded(layout, from, every);
        return new DiskEstimate(
                LayerNormRecorder.bytesNeeded(layout, steps, every) - recorded,
                tensorBoard,
                rest + png(layout.hidden(), steps) + svg(layout.hidden(), steps) + pdf(layout.hidden(), steps),
                weightsAndMoments + networks(layout) * (tokenizer + (long) CHECKPOINT_FILES * BLOCK),
                kept.size() - there.size(),
                most - there.size());
    }

    /** Each has its files, the tokenizer's too. */
    private static long networks(SnapshotLayout layout) {
        return layout.sites().stream().map(LayerNormSite::network).distinct().count();
    }

    /** As {@link norma.trainer.checkpoint.Checkpoints#keep} does. */
    private static void keep(TreeSet<Long> kept, KeptCheckpoints rule, Set<Long> staying) {
        if (rule.isAll()) {
            return;
        }
        int old = kept.size() - rule.newest();
        Iterator<Long> oldest = kept.iterator();
        for (int i = 0; i < old; i++) {
            if (!staying.contains(oldest.next())) {
                oldest.remove();
            }
        }
    }

    /** The picture of a run at a step. Measured at widths of 16 to 768: between 0.78 and 0.97 of this. */
    private static long png(int hidden, long step) {
        double fullOfLines = 250_000 + 330_000.0 * hidden / (hidden + 60);
        return (long) (fullOfLines * (0.7 + 0.3 * Math.min(1, step / 250.0)));
    }

    /** The same as SVG, where every line and point adds to it. */
    private static long svg(int hidden, long steps) {
        return (long) ((150_000 + 5_400.0 * hidden) * Math.min(1, 0.3 + 0.7 * steps / 300));
    }

    /** The same as PDF. */
    private static long pdf(int hidden, long steps) {
        return (long) ((120_000 + 1_850.0 * hidden) * Math.min(1, 0.65 + 0.35 * steps / 300));
    }

    /** Once the run has ended. */
    long atTheEnd() {
        return recording + tensorBoard + rest + checkpoints * checkpointBytes;
    }

    /** At its largest. */
    long atMost() {
        return recording + tensorBoard + rest + mostCheckpoints * checkpointBytes;
    }

    /** What it consists of, at its largest. */
    String parts() {
        return String.format(
                Locale.ROOT,
                "at most %s of %s at a time, LayerNorm recording %s, TensorBoard %s, the rest %s",
                Counted.of(mostCheckpoints, "checkpoint"),
                DiskSpace.mebibytes(checkpointBytes),
                DiskSpace.mebibytes(recording),
                DiskSpace.mebibytes(tensorBoard),
                DiskSpace.mebibytes(rest));
    }
}
