package norma.probes.emergence;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import norma.datasets.json.JsonObject;

/**
 * The time in which a run's validation loss lies where prediction without context lies, {@code context_free_loss} of
 * metrics.jsonl: token frequencies and what a position itself shows are known, and nothing is read yet.
 *
 * @param level that loss
 * @param since the first evaluated step with a loss of at most {@link #REACHED} nats above the level; null if there is
 *     none
 * @param left the first evaluated step from which on, to the last, the loss is more than {@link #LEFT} nats below it;
 *     null while it is not
 * @param before the evaluated step before {@code left}: it was left between the two; null like {@code left}
 */
public record Plateau(double level, Long since, Long left, Long before) {
    /** How far above the level the plateau begins, in nats. */
    public static final double REACHED = 0.1;

    /**
     * How far below the level the loss has to stay to have left it, in nats: a step's neighbours alone give some of it.
     */
    public static final double LEFT = 0.25;

    /**
     * From the evaluations of a run; empty if there are none, or a run of an older version did not measure the level.
     */
    static Optional<Plateau> of(LossesAtSteps losses) {
        if (losses.contextFree().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(of(losses.contextFree().getAsDouble(), losses.validation()));
    }

    /**
     * From the evaluations of a run.
     *
     * @param level the best loss without context
     * @param validation losses by step, ascending
     */
    public static Plateau of(double level, SortedMap<Long, Double> validation) {
        Long since = null;
        Long left = null;
        Long before = null;
        Long last = null;
        for (Map.Entry<Long, Double> loss : validation.entrySet()) {
            if (since == null && loss.getValue() <= level + REACHED) {
                since = loss.getKey();
            }
            if (loss.getValue() >= level - LEFT) {
                left = null;
            } else if (left == null) {
                left = loss.getKey();
                before = last;
            }
            last = loss.getKey();
        }
        return new Plateau(level, since, left, left == null ? null : before);
    }

    /** One or two sentences for people. */
    public String sentence() {
        String where = String.format(Locale.ROOT, "the best loss without context, %.3f nats", level);
        if (since == null) {
            return "Still above " + where + ".";
        }
        String on = String.format(Locale.ROOT, "On the plateau (%s) since step %,d", where, since);
        return left == null
                ? on + "."
                : on
                        + String.format(
                                Locale.ROOT,
                                "; left at step %,d%s.",
                                left,
                                before == null
                                        ? ""
                                        : String.format(Locale.ROOT, " (or after %,d, the evaluation before)", before));
    }

    /**
     * As {@link #json} wrote it.
     *
     * @throws norma.datasets.base.InvalidInputException naming file and key of what is missing or of another type
     */
    static Plateau read(JsonObject json) {
        return new Plateau(
                json.number("context_free_loss"),
                json.wholeNumberIfAny("since_step", 0).orElse(null),
                json.wholeNumberIfAny("left_step", 0).orElse(null),
                json.wholeNumberIfAny("evaluated_before_left", 0).orElse(null));
    }

    /** {@code level}, {@code since}, {@code left}, {@code evaluated_before}; and the rule's two distances. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("context_free_loss", level);
        json.put("since_step", since);
        json.put("left_step", left);
        json.put("evaluated_before_left", before);
        json.put("reached_within", REACHED);
        json.put("left_below", LEFT);
        return json;
    }
}
