package norma.trainer.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import norma.datasets.base.InvalidInputException;

/**
 * How many checkpoints stay: written {@code all} or as a number.
 *
 * @param newest that many of the newest; {@link Integer#MAX_VALUE} for all
 */
public record KeptCheckpoints(int newest) {
    /** Nothing is deleted. */
    public static final KeptCheckpoints ALL = new KeptCheckpoints(Integer.MAX_VALUE);

    public KeptCheckpoints {
        Requirement.atLeast(1, "checkpoints", "keep", newest);
    }

    /** Whether nothing is deleted. */
    public boolean isAll() {
        return newest == Integer.MAX_VALUE;
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static KeptCheckpoints of(JsonNode value) {
        if (value.isTextual() && value.textValue().equals("all")) {
            return ALL;
        }
        if (value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 1) {
            return new KeptCheckpoints(value.intValue());
        }
        throw InvalidInputException.of("checkpoints", "keep", value, "all, or a whole number of at least 1");
    }

    @JsonValue
    Object written() {
        return isAll() ? "all" : (Object) newest;
    }
}
