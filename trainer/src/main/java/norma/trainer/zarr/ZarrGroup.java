package norma.trainer.zarr;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonObject;

/** A Zarr group: a folder with arrays in it, and its attributes. */
public final class ZarrGroup {
    static final String FILE = ".zgroup";

    private ZarrGroup() {}

    /** Makes the group's own files in a folder that exists. */
    public static void create(Path folder, ObjectNode attributes) throws IOException {
        ObjectNode group = JsonNodeFactory.instance.objectNode().put("zarr_format", 2);
        StoreFiles.replace(folder.resolve(FILE), ArrayMetadata.bytes(group));
        describe(folder, attributes);
    }

    /** Replaces the attributes of a group. */
    public static void describe(Path folder, ObjectNode attributes) throws IOException {
        StoreFiles.replace(folder.resolve(ArrayMetadata.ATTRIBUTES_FILE), ArrayMetadata.bytes(attributes));
    }

    /**
     * The group's attributes.
     *
     * @throws InvalidInputException if it is no Zarr version 2 group
     */
    public static JsonObject attributes(Path folder) {
        JsonObject group = ArrayMetadata.readJson(folder.resolve(FILE));
        if (group.wholeNumber("zarr_format", 0) != 2) {
            throw group.wrong("zarr_format", group.node().get("zarr_format"), "2");
        }
        return ArrayMetadata.readJson(folder.resolve(ArrayMetadata.ATTRIBUTES_FILE));
    }
}
