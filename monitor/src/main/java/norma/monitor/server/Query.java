package norma.monitor.server;

import io.javalin.http.Context;
import java.util.List;
import norma.datasets.base.Counted;
import norma.datasets.base.Quoted;
import norma.monitor.recording.BadQueryException;
import norma.trainer.layernorm.Part;

/** The values of a request's query. */
final class Query {
    private final Context context;

    Query(Context context) {
        this.context = context;
    }

    /** A whole number in a range. */
    long number(String key, long least, long most) {
        String text = context.queryParam(key);
        if (text == null) {
            throw BadQueryException.of(key, "nothing", expected(least, most));
        }
        return parse(key, text, least, most);
    }

    /** The same with a value where there is none. */
    long number(String key, long least, long most, long otherwise) {
        return context.queryParam(key) == null ? otherwise : number(key, least, most);
    }

    /** Whole numbers, at least one. */
    List<Integer> numbers(String key, int least, int most, int mostOfThem) {
        List<String> texts = context.queryParams(key);
        if (texts.isEmpty() || texts.size() > mostOfThem) {
            throw BadQueryException.of(key, Counted.of(texts.size(), "value"), "from 1 to " + mostOfThem);
        }
        return texts.stream().map(text -> (int) parse(key, text, least, most)).toList();
    }

    private static long parse(String key, String text, long least, long most) {
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw BadQueryException.of(key, Quoted.excerpt(Quoted.escaped(text)), expected(least, most));
        }
        throw BadQueryException.of(key, text, expected(least, most));
    }

    private static String expected(long least, long most) {
        return "a whole number from " + least + " to " + most;
    }

    /** {@code weight} or {@code bias}. */
    Part part() {
        String text = context.queryParam("part");
        for (Part part : Part.values()) {
            if (part.label().equals(text)) {
                return part;
            }
        }
        throw BadQueryException.of(
                "part", text == null ? "nothing" : Quoted.excerpt(Quoted.escaped(text)), "weight or bias");
    }

    /** The ids of several runs. */
    List<String> runs(int least, int most) {
        List<String> ids = context.queryParams("run").stream().distinct().toList();
        if (ids.size() < least || ids.size() > most) {
            throw BadQueryException.of("run", Counted.of(ids.size(), "run"), "from " + least + " to " + most);
        }
        return ids;
    }
}
