package norma.trainer.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A number as people write it: {@code 1e3} is 1000, where whole numbers are asked for too, although YAML 1.1 takes it
 * for text.
 *
 * @param <T> what it is held in
 */
final class ObviousNumber<T extends Number> extends StdDeserializer<T> {
    private static final long serialVersionUID = 1L;

    private static final Pattern SCIENTIFIC = Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)[eE][-+]?\\d{1,3}");

    /** Characters of a number that may be meant. */
    private static final int LONGEST = 400;

    private final transient Function<BigDecimal, T> exactly;

    private ObviousNumber(Class<T> type, Function<BigDecimal, T> exactly) {
        super(type);
        this.exactly = exactly;
    }

    static ObviousNumber<Integer> integers() {
        return new ObviousNumber<>(Integer.class, BigDecimal::intValueExact);
    }

    static ObviousNumber<Long> longs() {
        return new ObviousNumber<>(Long.class, BigDecimal::longValueExact);
    }

    static ObviousNumber<Double> doubles() {
        return new ObviousNumber<>(Double.class, BigDecimal::doubleValue);
    }

    @Override
    @SuppressWarnings("unchecked")
    public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        if (handledType() == Double.class && parser.currentToken().isNumeric()) {
            return (T) Double.valueOf(parser.getDoubleValue()); // infinity and NaN, too, which the records refuse
        }
        try {
            Optional<BigDecimal> number = number(parser);
            if (number.isPresent()) {
                return exactly.apply(number.get());
            }
        } catch (ArithmeticException e) {
            throw mismatch(parser);
        }
        throw mismatch(parser);
    }

    private static Optional<BigDecimal> number(JsonParser parser) throws IOException {
        if (parser.getTextLength() > LONGEST) { // digits by the million take minutes to reckon with
            return Optional.empty();
        }
        return switch (parser.currentToken()) {
            case VALUE_NUMBER_INT -> Optional.of(new BigDecimal(parser.getBigIntegerValue()));
            case VALUE_NUMBER_FLOAT ->
                Double.isFinite(parser.getDoubleValue()) ? Optional.of(parser.getDecimalValue()) : Optional.empty();
            case VALUE_STRING ->
                SCIENTIFIC.matcher(parser.getText()).matches()
                        ? Optional.of(new BigDecimal(parser.getText()))
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    private MismatchedInputException mismatch(JsonParser parser) {
        return MismatchedInputException.from(parser, handledType(), "no number");
    }
}
