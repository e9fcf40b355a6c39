package norma.trainer.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;

/** A Zarr group: a folder with arrays in it, and its attributes. */
public final class ZarrGroup {
    static final String FILE = ".zgroup";

    private ZarrGroup() {}

    /** Makes the group's own files in a folder that exists. */
    public static void create(Path folder, ObjectNode attributes) throws IOException {
        ObjectNode group = JsonNodeFactory.instance.objectNode().put("zarr_format", 2);
        DurableFiles.replace(folder.resolve(FILE), ArrayMetadata.bytes(group));
        DurableFiles.replace(folder.resolve(ArrayMetadata.ATTRIBUTES_FILE), ArrayMetadata.bytes(attributes));
    }

    /**
     * The group's attributes.
     *
     * @throws InvalidInputException if it is no Zarr version 2 group
     */
    public static JsonNode attributes(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        JsonNode format = ArrayMetadata.readJson(file).path("zarr_format");
        if (format.asInt() != 2) {
            throw InvalidInputException.of(file.toString(), "zarr_format", format, "2");
        }
        return ArrayMetadata.readJson(folder.resolve(ArrayMetadata.ATTRIBUTES_FILE));
    }
}
