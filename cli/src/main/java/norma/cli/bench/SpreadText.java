package norma.cli.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import norma.trainer.bench.Spread;

/** How a {@link Spread} is shown. */
final class SpreadText {
    private SpreadText() {}

    /** {@code min}, {@code median}, {@code max}. */
    static ObjectNode json(Spread spread) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("min", spread.min());
        json.put("median", spread.median());
        json.put("max", spread.max());
        return json;
    }

    /** {@code min / median / max}, times a factor, with so many decimals. */
    static String of(Spread spread, double factor, int decimals) {
        String number = "%." + decimals + "f";
        return String.format(
                Locale.ROOT,
                number + " / " + number + " / " + number,
                spread.min() * factor,
                spread.median() * factor,
                spread.max() * factor);
    }
}
