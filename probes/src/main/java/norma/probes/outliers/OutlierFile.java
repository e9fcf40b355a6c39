package norma.probes.outliers;

import java.util.List;
import java.util.Optional;
import norma.probes.dimensions.AppliedRule;
import norma.trainer.layernorm.SiteStatistics;

/**
 * What {@code norma outliers} found, as {@link OutlierJson#read} reads it. Figures that are undefined are NaN.
 *
 * @param command that was typed; empty where it was not noted
 * @param model the checkpoint's folder; empty where it was not noted
 * @param step of the checkpoint; empty for a model of no run
 * @param rule that was applied
 * @param dimensions outliers by the rule
 * @param stacks those of each stack of a model of two; else empty
 * @param definitions what every definition says, the rule's first
 * @param sites statistics of every LayerNorm site; empty in a file without
 */
public record OutlierFile(
        Optional<String> command,
        Optional<String> model,
        Optional<Long> step,
        AppliedRule rule,
        List<Outlier> dimensions,
        List<Stack> stacks,
        List<Definition> definitions,
        List<SiteStatistics> sites) {
    public OutlierFile {
        dimensions = List.copyOf(dimensions);
        stacks = List.copyOf(stacks);
        definitions = List.copyOf(definitions);
        sites = List.copyOf(sites);
    }

    /**
     * An outlier by the rule.
     *
     * @param layers in how many it satisfies the rule's condition
     * @param of how many
     * @param weightZ mean z of its weight over these layers
     * @param biasZ the same of its bias
     */
    public record Outlier(int dimension, int layers, int of, double weightZ, double biasZ) {}

    /**
     * Outliers of a stack.
     *
     * @param stack its label
     */
    public record Stack(String stack, List<Outlier> dimensions) {
        public Stack {
            dimensions = List.copyOf(dimensions);
        }
    }

    /**
     * What a definition says.
     *
     * @param name of it
     * @param formula as text
     * @param source the paper; empty where a file does not say it
     * @param dimensions that it names
     */
    public record Definition(String name, String formula, Optional<String> source, List<Integer> dimensions) {
        public Definition {
            dimensions = List.copyOf(dimensions);
        }
    }
}
