package norma.cli.probes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import norma.cli.options.Notation;
import norma.cli.options.WithoutEffect;
import norma.cli.terminal.OutputOptions;
import norma.probes.ablation.AblationContrast;
import norma.probes.dimensions.DimensionCosts;
import norma.probes.dimensions.StackChoice;
import norma.trainer.pretrained.PretrainedModel;
import picocli.CommandLine.Option;

/** Dimensions that a side-by-side view switches off. */
final class ContrastOptions {
    @Option(
            names = "--dims",
            paramLabel = "DIMS",
            description = "Dimensions to switch off: a list such as 308,381; auto, the outliers by the paper's rule;"
                    + " top:K, the K most extreme; or costliest:K, the K that cost the most when each is switched off"
                    + " alone. Default: none, the whole model alone.")
    private String dimensions;

    @Option(names = "--seed", paramLabel = "SEED", description = "Seed of everything drawn at random; default: 1.")
    private Long seed;

    /**
     * Refuses what has no effect without {@code --dims}.
     *
     * @param draws of {@code --draws}, for a command that has it, or null
     * @param drawsElse whether something else is drawn, so that a seed has an effect
     */
    void requireEffect(Integer draws, boolean drawsElse) {
        if (dimensions == null) {
            WithoutEffect.refuse("--seed", drawsElse ? null : seed, "--dims beside it");
            WithoutEffect.refuse("--draws", draws, "--dims beside it");
        }
    }

    /**
     * Chooses for a model, and says so where there is nothing to choose.
     *
     * @param costs of its dimensions
     * @param draws of random dimensions
     */
    AblationContrast of(PretrainedModel bert, DimensionCosts costs, int draws, OutputOptions output) {
        if (dimensions == null) {
            return AblationContrast.NONE;
        }
        AblationContrast contrast = AblationContrast.of(
                bert, Notation.dimensions("--dims", dimensions, StackChoice.ALL), costs, draws, seed());
        if (contrast.ablated().isEmpty()) {
            output.warn("--dims " + dimensions + " finds no dimension in " + bert.folder()
                    + (dimensions.equals("auto") ? ", for it has no outlier dimension by the paper's rule" : "")
                    + "; the whole model alone is shown");
        }
        return contrast;
    }

    void describe(ObjectNode result) {
        result.put("seed", seed());
    }

    long seed() {
        return seed == null ? 1 : seed;
    }
}
