package norma.trainer.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sweep that a run belongs to.
 *
 * @param name of the sweep
 * @param point values of the swept keys, which distinguish the run from those of other points
 * @param base configuration that the sweep's runs begin from
 */
public record SweepMembership(String name, Map<String, String> point, String base) {
    /** The file of a sweep's result, in the folder of its name beside those of its runs. */
    public static final String RESULT = "sweep.json";

    public SweepMembership {
        point = Collections.unmodifiableMap(new LinkedHashMap<>(point));
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("name", name);
        ObjectNode values = json.putObject("point");
        point.forEach(values::put);
        return json.put("base", base);
    }
}
