package norma.probes.dimensions;

import java.util.Optional;
import norma.datasets.json.JsonObject;

/**
 * The rule that a result was found by, as {@link RuleDescription#json} wrote it.
 *
 * @param sigma threshold in standard deviations; NaN where a file does not say it
 * @param fraction share of the layers that has to be exceeded; NaN where a file does not say it
 * @param combination {@code and} or {@code or}: how weight and bias are joined
 * @param stack which stack's layers count, in a model of two
 */
public record AppliedRule(double sigma, double fraction, Optional<String> combination, Optional<String> stack) {
    /**
     * Reads a rule.
     *
     * @throws norma.datasets.base.InvalidInputException naming file and key of a value of another type
     */
    public static AppliedRule read(JsonObject json) {
        return new AppliedRule(
                json.number("sigma"), json.number("fraction"), json.textIfAny("combination"), json.textIfAny("stack"));
    }
}
