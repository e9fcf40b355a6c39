package norma.trainer.zarr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;

/**
 * {@code .zmetadata}, a copy of all metadata of a group in one file: readers that take it (xarray does by default) see
 * the arrays change length at one and the same moment. Being a copy, it also shows damage.
 *
 * @param folder of the group
 * @param json what the file says
 */
public record ConsolidatedMetadata(Path folder, JsonNode json) {
    private static final String FILE = ".zmetadata";
    private static final String METADATA = "metadata";
    private static final String SHAPE = "shape";

    /** Writes it from the files that it is a copy of. */
    public static void write(Path folder) throws IOException {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        ObjectNode all = node.putObject(METADATA);
        node.put("zarr_consolidated_format", 1);
        for (String file : List.of(ZarrGroup.FILE, ArrayMetadata.ATTRIBUTES_FILE)) {
            all.set(file, ArrayMetadata.readJson(folder.resolve(file)).node());
        }
        for (Path array : StoreFiles.entries(folder).stream()
                .filter(Files::isDirectory)
                .sorted()
                .toList()) {
            for (String file : List.of(ArrayMetadata.FILE, ArrayMetadata.ATTRIBUTES_FILE)) {
                all.set(
                        array.getFileName() + "/" + file,
                        ArrayMetadata.readJson(array.resolve(file)).node());
            }
        }
        StoreFiles.replace(folder.resolve(FILE), ArrayMetadata.bytes(node));
        DurableFiles.syncFolder(folder);
    }

    /** Removes it, before arrays get shorter. */
    public static void remove(Path folder) throws IOException {
        if (Files.deleteIfExists(folder.resolve(FILE))) {
            DurableFiles.syncFolder(folder);
        }
    }

    /**
     * Reads it, before the files that it is a copy of: a run may be adding to them.
     *
     * @return empty if there is none
     * @throws InvalidInputException if it is not JSON
     */
    public static Optional<ConsolidatedMetadata> read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return Files.exists(file)
                    ? Optional.of(new ConsolidatedMetadata(
                            folder, ArrayMetadata.readJson(file).node()))
                    : Optional.empty();
        } catch (InvalidInputException e) {
            if (!Files.exists(file)) {
                return Optional.empty(); // a run that is resumed takes it away for a moment
            }
            throw e;
        }
    }

    /**
     * Compares the files with their copies; arrays may have grown since the copies were made.
     *
     * @param arrays of the group
     * @throws InvalidInputException naming the file that differs from its copy, or that has none
     */
    public void requireCopies(List<String> arrays) {
        List<String> names = new ArrayList<>(List.of(ZarrGroup.FILE, ArrayMetadata.ATTRIBUTES_FILE));
        for (String array : arrays) {
            names.add(array + "/" + ArrayMetadata.FILE);
            names.add(array + "/" + ArrayMetadata.ATTRIBUTES_FILE);
        }
        for (String name : names) {
            Path file = folder.resolve(name);
            JsonNode copy = json.path(METADATA).path(name);
            boolean same = copy.isMissingNode()
                    ? !Files.exists(file)
                    : isOrHasGrownFrom(copy, ArrayMetadata.readJson(file).node());
            if (!same && read(folder).equals(Optional.of(this))) { // nobody has made it shorter meanwhile
                throw new InvalidInputException(
                        file + ": damaged: differs from its copy in " + folder.resolve(FILE) + ", or that is damaged");
            }
        }
    }

    private static boolean isOrHasGrownFrom(JsonNode copy, JsonNode found) {
        JsonNode then = copy.path(SHAPE).path(0);
        JsonNode now = found.path(SHAPE).path(0);
        if (!then.isIntegralNumber() || !now.isIntegralNumber()) {
            return copy.equals(found);
        }
        ObjectNode grown = copy.deepCopy();
        ((ArrayNode) grown.get(SHAPE)).set(0, now);
        return now.asLong() >= then.asLong() && grown.equals(found);
    }
}
