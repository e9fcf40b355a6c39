package norma.cli.probes;

import norma.datasets.base.InvalidInputException;
import norma.trainer.layernorm.OutlierRule;
import picocli.CommandLine.Option;

/** The rule by which dimensions are outliers; without options it is the paper's. */
final class OutlierRuleOptions {
    @Option(
            names = "--sigma",
            paramLabel = "SIGMA",
            description = "Distance from the mean, in standard deviations, beyond which a value is an outlier; default:"
                    + " ${DEFAULT-VALUE}.")
    private double sigma = OutlierRule.PAPER.sigma();

    @Option(
            names = "--fraction",
            paramLabel = "SHARE",
            description =
                    "Share of the layers; an outlier dimension is one in more than that; default: ${DEFAULT-VALUE}.")
    private double fraction = OutlierRule.PAPER.fraction();

    @Option(
            names = "--combination",
            paramLabel = "COMBINATION",
            description = "What has to be beyond sigma: and, weight and bias (the default); or, at least one of them.")
    private String combination = "and";

    OutlierRule rule() {
        if (!(sigma >= 0) || Double.isInfinite(sigma)) {
            throw InvalidInputException.of("command line", "--sigma", sigma, "a number of at least 0");
        }
        if (!(fraction >= 0 && fraction < 1)) {
            throw InvalidInputException.of("command line", "--fraction", fraction, "a share of at least 0 and below 1");
        }
        return switch (combination) {
            case "and" -> new OutlierRule(sigma, fraction, OutlierRule.Combination.AND);
            case "or" -> new OutlierRule(sigma, fraction, OutlierRule.Combination.OR);
            default -> throw InvalidInputException.of("command line", "--combination", combination, "and or or");
        };
    }
}
