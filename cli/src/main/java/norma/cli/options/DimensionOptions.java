package norma.cli.options;

import java.util.ArrayList;
import java.util.List;
import norma.probes.ablation.Baseline;
import norma.probes.dimensions.DimensionChoice;
import norma.probes.dimensions.StackChoice;
import picocli.CommandLine.Option;

/** Which dimensions are switched off, and what that is compared with. */
public final class DimensionOptions {
    @Option(
            names = "--dims",
            paramLabel = "DIMS",
            description =
                    "Dimensions to switch off together: a list such as 308,381; auto (the default), the outliers by"
                            + " the paper's rule; top:K, the K most extreme, outliers or not; or costliest:K, the K that cost"
                            + " the most when each is switched off alone. Repeatable: each occurrence is one ablation.")
    private List<String> dimensions = new ArrayList<>();

    @Option(
            names = "--baseline",
            paramLabel = "BASELINE",
            description =
                    "Other dimensions for comparison, as many in each draw: random:N (N random draws), matched:N (N"
                            + " draws, nearest in magnitude) or none; default: random:10. Neither outliers by the paper's rule"
                            + " nor any dimension that an ablation switches off is drawn.")
    private String baseline;

    /**
     * The ablations, one by default.
     *
     * @param stack whose layers count
     */
    public List<DimensionChoice> choices(StackChoice stack) {
        return (dimensions.isEmpty() ? List.of("auto") : dimensions)
                .stream()
                        .map(words -> Notation.dimensions("--dims", words, stack))
                        .toList();
    }

    /**
     * What is compared; null for none.
     *
     * @param seed of random draws, or null for the default
     */
    public Baseline baseline(Long seed) {
        return Notation.baseline(baseline == null ? "random:10" : baseline, seed == null ? 1 : seed);
    }

    /**
     * Refuses these options where they have no effect.
     *
     * @param expected what would have been right
     */
    public void refuse(String expected) {
        WithoutEffect.refuse("--dims", dimensions.isEmpty() ? null : String.join(" ", dimensions), expected);
        WithoutEffect.refuse("--baseline", baseline, expected);
    }
}
