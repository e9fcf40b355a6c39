package norma.trainer.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import norma.datasets.base.InvalidInputException;

/**
 * How many sequences are in memory at once: written as a number or {@code auto}, which a run decides before it begins.
 *
 * @param number of sequences; 0 for {@code auto}
 */
public record MicroBatchSize(int number) {
    /** As many as the machine has room for. */
    public static final MicroBatchSize AUTO = new MicroBatchSize(0);

    private static final String EXPECTED = "a whole number of at least 1, or auto";

    public MicroBatchSize {
        if (number < 0) {
            throw refused(number);
        }
    }

    /** Whether it is still to be decided. */
    public boolean isAuto() {
        return number == 0;
    }

    /**
     * The number of sequences.
     *
     * @throws InvalidInputException if nobody has decided it
     */
    public int rows() {
        if (isAuto()) {
            throw InvalidInputException.of(
                    "config",
                    "training.micro_batch_size",
                    "auto",
                    "a whole number: only a run that is trained chooses");
        }
        return number;
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static MicroBatchSize of(JsonNode value) {
        if (value.isTextual() && value.textValue().equals("auto")) {
            return AUTO;
        }
        if (value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 1) {
            return new MicroBatchSize(value.intValue());
        }
        throw refused(value);
    }

    private static InvalidInputException refused(Object value) {
        return InvalidInputException.of("training", "micro_batch_size", value, EXPECTED);
    }

    @JsonValue
    Object written() {
        return isAuto() ? "auto" : (Object) number;
    }
}
