package norma.probes.report;

import static norma.probes.report.Shape.NUMBER;
import static norma.probes.report.Shape.TEXT;
import static norma.probes.report.Shape.WHOLE;
import static norma.probes.report.Shape.list;
import static norma.probes.report.Shape.map;
import static norma.probes.report.Shape.object;

import java.util.Map;

/** A probe's file below {@code probes}, and what the report takes from it. */
enum ProbeFile {
    OUTLIERS(
            "outliers",
            object(
                    Map.of(
                            "rule",
                            object(Map.of(), Map.of("sigma", NUMBER, "fraction", NUMBER, "combination", TEXT)),
                            "dimensions",
                            list(object(
                                    Map.of("dimension", WHOLE),
                                    Map.of("layers", NUMBER, "of", NUMBER, "weight_z", NUMBER, "bias_z", NUMBER))),
                            "definitions",
                            map(object(Map.of(), Map.of("formula", TEXT, "source", TEXT, "dimensions", list(WHOLE))))),
                    Map.of("command", TEXT, "step", NUMBER))),
    EMERGENCE(
            "emergence",
            object(
                    Map.of(
                            "dimensions",
                            list(object(Map.of("dimension", WHOLE, "emergence_step", NUMBER), Map.of())),
                            "outlier_count",
                            list(object(Map.of("step", WHOLE, "count", WHOLE), Map.of()))),
                    Map.of("command", TEXT))),
    ABLATION("ablation", object(Map.of("checkpoints", list(Part.CHECKPOINT)), Map.of("command", TEXT))),
    ABLATION_EACH("ablation-each", object(Map.of(), Map.of("command", TEXT)));

    private final String label;
    private final Shape shape;

    ProbeFile(String label, Shape shape) {
        this.label = label;
        this.shape = shape;
    }

    /** The file's name without its ending. */
    String label() {
        return label;
    }

    /** The file, below the run's folder. */
    String path() {
        return "probes/" + label + ".json";
    }

    /** What it has to be. */
    Shape shape() {
        return shape;
    }

    private static final class Part {
        private static final Shape BASELINE =
                object(Map.of("others", TEXT), Map.of("loss_mean", NUMBER, "loss_std", NUMBER));
        private static final Shape ABLATION =
                object(Map.of("name", TEXT, "dimensions", list(WHOLE)), Map.of("loss", NUMBER));
        private static final Shape CHECKPOINT = object(
                Map.of("full", object(Map.of(), Map.of("loss", NUMBER)), "ablations", list(ABLATION)),
                Map.of("step", NUMBER, "baseline", BASELINE, "baselines", list(BASELINE)));
    }
}
