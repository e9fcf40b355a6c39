package norma.trainer.zarr;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.json.JsonObject;

/** A Zarr group: a folder with arrays in it, its attributes, and the arrays that never change. */
public final class ZarrGroup {
    private static final String GROUP_FILE = ".zgroup";
    private static final String CONSOLIDATED_FILE = ".zmetadata";
    private static final Charset UTF_32 = Charset.forName("UTF-32LE"); // NumPy's unicode, no mark in front

    private ZarrGroup() {}

    /** Makes the group's own files in a folder that exists. */
    public static void create(Path folder, ObjectNode attributes) throws IOException {
        ObjectNode group = JsonNodeFactory.instance.objectNode().put("zarr_format", 2);
        DurableFiles.replace(folder.resolve(GROUP_FILE), ArrayMetadata.bytes(group));
        DurableFiles.replace(folder.resolve(ArrayMetadata.ATTRIBUTES_FILE), ArrayMetadata.bytes(attributes));
    }

    /** The group's attributes. */
    public static JsonObject attributes(Path folder) {
        ArrayMetadata.readJson(folder.resolve(GROUP_FILE));
        return ArrayMetadata.readJson(folder.resolve(ArrayMetadata.ATTRIBUTES_FILE));
    }

    /** Writes a vector of texts as fixed-length unicode, which every reader knows without an object codec. */
    public static void writeTexts(Path folder, List<String> texts, String dimension) throws IOException {
        int width = Math.max(
                1,
                texts.stream()
                        .mapToInt(t -> t.codePointCount(0, t.length()))
                        .max()
                        .orElse(1));
        ByteBuffer raw = ByteBuffer.allocate(texts.size() * width * Integer.BYTES);
        for (int i = 0; i < texts.size(); i++) {
            raw.position(i * width * Integer.BYTES);
            raw.put(texts.get(i).getBytes(UTF_32));
        }
        writeVector(folder, "<U" + width, texts.size(), raw.array(), dimension);
    }

    /** Writes a vector of whole numbers. */
    public static void writeNumbers(Path folder, long[] numbers, String dimension) throws IOException {
        ByteBuffer raw = ByteBuffer.allocate(numbers.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(numbers);
        writeVector(folder, ElementType.INT64.dtype(), numbers.length, raw.array(), dimension);
    }

    private static void writeVector(Path folder, String dtype, int length, byte[] raw, String dimension)
            throws IOException {
        Files.createDirectory(folder);
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("zarr_format", 2);
        node.putArray("shape").add(length);
        node.putArray("chunks").add(length);
        node.put("dtype", dtype);
        node.putObject("compressor").put("id", "zstd").put("level", ChunkCodec.LEVEL);
        node.putNull("filters");
        node.putNull("fill_value");
        node.put("order", "C");
        DurableFiles.replace(folder.resolve("0"), ChunkCodec.compress(raw));
        DurableFiles.replace(
                folder.resolve(ArrayMetadata.ATTRIBUTES_FILE),
                ArrayMetadata.bytes(GrowingArray.dimensionAttributes(List.of(dimension))));
        DurableFiles.replace(folder.resolve(ArrayMetadata.FILE), ArrayMetadata.bytes(node));
        DurableFiles.syncFolder(folder);
    }

    /** Removes {@code .zmetadata}, before arrays get shorter. */
    public static void removeConsolidated(Path folder) throws IOException {
        if (Files.deleteIfExists(folder.resolve(CONSOLIDATED_FILE))) {
            DurableFiles.syncFolder(folder);
        }
    }

    /**
     * Writes {@code .zmetadata}, a copy of all metadata in one file: readers that take it (xarray does by default) see
     * the arrays change length at one and the same moment.
     */
    public static void consolidate(Path folder) throws IOException {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        ObjectNode all = node.putObject("metadata");
        node.put("zarr_consolidated_format", 1);
        for (String file : List.of(GROUP_FILE, ArrayMetadata.ATTRIBUTES_FILE)) {
            all.set(file, ArrayMetadata.readJson(folder.resolve(file)).node());
        }
        for (Path array : DurableFiles.entries(folder).stream()
                .filter(Files::isDirectory)
                .sorted()
                .toList()) {
            for (String file : List.of(ArrayMetadata.FILE, ArrayMetadata.ATTRIBUTES_FILE)) {
                all.set(
                        array.getFileName() + "/" + file,
                        ArrayMetadata.readJson(array.resolve(file)).node());
            }
        }
        DurableFiles.replace(folder.resolve(CONSOLIDATED_FILE), ArrayMetadata.bytes(node));
        DurableFiles.syncFolder(folder);
    }
}
