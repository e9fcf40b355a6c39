package norma.probes.files;

import java.nio.file.Path;
import norma.trainer.run.RunFiles;

/**
 * Where the results of probes lie, below a run's {@code probes/} or another folder. It only names paths: nothing is
 * opened. A result is {@code NAME.json}, its figure {@code NAME.png}, {@code NAME.svg} and {@code NAME.pdf}.
 *
 * @param folder of the results
 */
public record ProbeFiles(Path folder) {
    /** Outlier dimensions of a checkpoint. */
    public static final String OUTLIERS = "outliers";
    /** Figure of the embeddings. */
    public static final String EMBEDDINGS = OUTLIERS + "-embeddings";
    /** When outlier dimensions emerge; of another network than the main one with its name behind. */
    public static final String EMERGENCE = "emergence";
    /** Ablations along the checkpoints of a run. */
    public static final String ABLATION = "ablation";
    /** Ablations of one checkpoint. */
    public static final String ABLATION_LAST = ABLATION + "-last";
    /** Every dimension of a checkpoint switched off alone. */
    public static final String ABLATION_EACH = ABLATION + "-each";
    /** Where the heads look. */
    public static final String ATTENTION = "attention";
    /** What several runs lose along their checkpoints. */
    public static final String DAMAGE_OVER_RUNS = "damage-over-runs";
    /** Scores of a task along the checkpoints of a run. */
    public static final String ALONG_RUN = "along-run";

    /** Those of a run. */
    public static ProbeFiles of(RunFiles run) {
        return new ProbeFiles(run.probes());
    }

    /** Name of the result about the emergence in a network of a model that has several. */
    public static String emergenceOf(String network) {
        return EMERGENCE + "-" + network;
    }

    /** Name of the figure of lanes beside an emergence. */
    public static String lanesOf(String emergence) {
        return emergence + "-lanes";
    }

    /** A result. */
    public Path json(String name) {
        return folder.resolve(name + ".json");
    }

    /** A result as a table. */
    public Path csv(String name) {
        return folder.resolve(name + ".csv");
    }

    /** Its figure. */
    public Path png(String name) {
        return folder.resolve(name + ".png");
    }

    /** The same figure as SVG. */
    public Path svg(String name) {
        return folder.resolve(name + ".svg");
    }
}
