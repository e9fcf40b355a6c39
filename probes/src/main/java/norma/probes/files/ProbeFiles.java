package norma.probes.files;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
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

    private static final String EMBEDDINGS = "embeddings";
    private static final String LANES = "lanes";
    private static final String MAP = "map";
    private static final String ENTROPY = "entropy";
    /** What figures have behind the name of the result that they lie beside. */
    private static final List<String> FIGURES = List.of(EMBEDDINGS, LANES, MAP, ENTROPY, "cls", "sep", "punctuation");

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
        return emergence + "-" + LANES;
    }

    /** Name of the figure of the embeddings beside outliers. */
    public static String embeddingsOf(String outliers) {
        return outliers + "-" + EMBEDDINGS;
    }

    /** Name of the figure of the heads' entropies beside where they look. */
    public static String entropyOf(String attention) {
        return attention + "-" + ENTROPY;
    }

    /** Name of the figure of the heads' shares on a kind of tokens: {@code cls}, {@code sep} or {@code punctuation}. */
    public static String shareOf(String attention, String kind) {
        return attention + "-" + kind;
    }

    /** Name of the figure of one head's attention on one text. */
    public static String mapOf(String attention) {
        return attention + "-" + MAP;
    }

    /** Names of all figures that may lie beside a result, its own first. */
    static List<String> figuresOf(String name) {
        return Stream.concat(Stream.of(name), FIGURES.stream().map(figure -> name + "-" + figure))
                .toList();
    }

    /** What no result may have behind its probe's name, because results and figures of the probes have it. */
    public static Set<String> reserved() {
        Set<String> words = new TreeSet<>(FIGURES);
        Stream.of(ABLATION_LAST, ABLATION_EACH)
                .map(name -> name.substring(ABLATION.length() + 1))
                .forEach(words::add);
        return words;
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
