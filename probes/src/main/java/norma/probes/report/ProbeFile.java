package norma.probes.report;

import static norma.probes.report.Shape.NUMBER;
import static norma.probes.report.Shape.TEXT;
import static norma.probes.report.Shape.WHOLE;
import static norma.probes.report.Shape.list;
import static norma.probes.report.Shape.map;
import static norma.probes.report.Shape.object;

import java.util.Map;

/**
 * A probe's file below {@code probes}.
 *
 * @param label its name without the ending
 * @param shape what the report takes from it
 */
record ProbeFile(String label, Shape shape) {
    private static final Shape RULE =
            object(Map.of(), Map.of("sigma", NUMBER, "fraction", NUMBER, "combination", TEXT));
    private static final Shape OUTLIER = object(
            Map.of("dimension", WHOLE), Map.of("layers", NUMBER, "of", NUMBER, "weight_z", NUMBER, "bias_z", NUMBER));
    private static final Shape DEFINITION =
            object(Map.of(), Map.of("formula", TEXT, "source", TEXT, "dimensions", list(WHOLE)));
    private static final Shape BASELINE =
            object(Map.of("others", TEXT), Map.of("loss_mean", NUMBER, "loss_std", NUMBER));
    private static final Shape ABLATED =
            object(Map.of("name", TEXT, "dimensions", list(WHOLE)), Map.of("loss", NUMBER));
    private static final Shape CHECKPOINT = object(
            Map.of("full", object(Map.of(), Map.of("loss", NUMBER)), "ablations", list(ABLATED)),
            Map.of("step", NUMBER, "baseline", BASELINE, "baselines", list(BASELINE)));

    static final ProbeFile OUTLIERS = new ProbeFile(
            "outliers",
            object(
                    Map.of("rule", RULE, "dimensions", list(OUTLIER), "definitions", map(DEFINITION)),
                    Map.of("command", TEXT, "step", NUMBER)));
    static final ProbeFile EMERGENCE = new ProbeFile(
            "emergence",
            object(
                    Map.of(
                            "dimensions",
                            list(object(Map.of("dimension", WHOLE, "emergence_step", NUMBER), Map.of())),
                            "outlier_count",
                            list(object(Map.of("step", WHOLE, "count", WHOLE), Map.of()))),
                    Map.of("command", TEXT)));
    static final ProbeFile ABLATION =
            new ProbeFile("ablation", object(Map.of("checkpoints", list(CHECKPOINT)), Map.of("command", TEXT)));
    static final ProbeFile ABLATION_EACH = new ProbeFile("ablation-each", object(Map.of(), Map.of("command", TEXT)));

    /** The file, below the run's folder. */
    String path() {
        return "probes/" + label + ".json";
    }
}
