package norma.probes.damage;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.probes.ablation.Cost;
import norma.trainer.run.MetricsLog;

/**
 * What a run has come to when it ends: the loss without the two dimensions of which its last checkpoint loses most,
 * beside the loss without two others at random, as a {@link ClosingAblation} found it.
 *
 * @param dimensions the costliest ones of a scan of single dimensions, ascending
 * @param width H: how many dimensions there are
 * @param sequences held-out sequences that it was measured on
 * @param cost of them
 * @param draws how many random draws stand beside it
 * @param spread population standard deviation of the loss over the draws, in nats
 * @param ofTokens whether it is the loss of tokens predicted from a vocabulary, which other models' can be compared
 *     with
 */
public record ClosingDamage(
        List<Integer> dimensions, int width, int sequences, Cost cost, int draws, double spread, boolean ofTokens) {
    public ClosingDamage {
        dimensions = List.copyOf(dimensions);
    }

    /** Full precision; {@code times_random} is null where there is no ratio. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        dimensions.forEach(json.putArray("dimensions")::add);
        json.put("sequences", sequences);
        json.put("rise_of_loss", cost.nats());
        json.put("draws", draws);
        json.put("random_rise_of_loss", cost.random());
        json.put("random_standard_deviation", spread);
        MetricsLog.put(json, "times_random", cost.ratio());
        json.put("catastrophic", cost.catastrophic());
        return json;
    }
}
