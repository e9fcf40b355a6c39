package norma.trainer.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;

/**
 * What {@code .zattrs} says of an array, by xarray's and the CF conventions' names.
 *
 * @param dimensions a name for each axis, {@code _ARRAY_DIMENSIONS}
 * @param longName what the values are, as an axis of a plot has it; null to leave it out
 * @param units of the values, {@code 1} for none; null to leave them out
 */
public record ArrayAttributes(List<String> dimensions, String longName, String units) {
    public ArrayAttributes {
        dimensions = List.copyOf(dimensions);
    }

    /** The names of the axes and nothing else, as the first recordings have them. */
    public static ArrayAttributes of(String... dimensions) {
        return new ArrayAttributes(List.of(dimensions), null, null);
    }

    ObjectNode toJson() {
        ObjectNode attributes = JsonNodeFactory.instance.objectNode();
        var names = attributes.putArray("_ARRAY_DIMENSIONS");
        dimensions.forEach(names::add);
        if (longName != null) {
            attributes.put("long_name", longName);
        }
        if (units != null) {
            attributes.put("units", units);
        }
        return attributes;
    }

    /**
     * Reads an array's attributes.
     *
     * @throws InvalidInputException if they are missing or say something else; the names of the axes alone will do
     */
    public void require(Path folder) {
        Path file = folder.resolve(ArrayMetadata.ATTRIBUTES_FILE);
        JsonNode found = ArrayMetadata.readJson(file).node();
        if (!found.equals(new ArrayAttributes(dimensions, null, null).toJson())) {
            ArrayMetadata.requireJson(file, toJson());
        }
    }
}
