package norma.trainer.zarr;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * What {@code .zarray} says of an array that grows along its first axis; a chunk spans {@code chunkRows} rows and the
 * whole of every other axis.
 *
 * @param type the element type
 * @param rows length of the first axis
 * @param chunkRows rows in a chunk
 * @param rowShape the other axes; empty for a vector
 */
public record ArrayMetadata(ElementType type, long rows, int chunkRows, List<Integer> rowShape) {
    static final String FILE = ".zarray";
    static final String ATTRIBUTES_FILE = ".zattrs";
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    /** Checks the sizes: a chunk has to fit into a Java array. */
    public ArrayMetadata {
        rowShape = List.copyOf(rowShape);
        if (rows < 0 || chunkRows < 1 || rowShape.stream().anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException(
                    "rows " + rows + ", chunk rows " + chunkRows + ", row shape " + rowShape + " are not sizes");
        }
        long elements = chunkRows;
        for (int n : rowShape) {
            elements = Math.multiplyExact(elements, n);
        }
        if (elements > Integer.MAX_VALUE / type.bytes()) {
            throw new IllegalArgumentException("a chunk of " + elements + " elements is too large");
        }
    }

    ArrayMetadata withRows(long newRows) {
        return new ArrayMetadata(type, newRows, chunkRows, rowShape);
    }

    /** Elements in a row. */
    public int rowElements() {
        return rowShape.stream().reduce(1, (a, b) -> a * b);
    }

    int chunkBytes() {
        return chunkRows * rowElements() * type.bytes();
    }

    /** The file of the chunk with this number, such as {@code 12.0.0}. */
    String chunkName(long chunk) {
        return chunk + ".0".repeat(rowShape.size());
    }

    ObjectNode toJson() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("zarr_format", 2);
        var shape = node.putArray("shape").add(rows);
        var chunks = node.putArray("chunks").add(chunkRows);
        rowShape.forEach(n -> {
            shape.add(n);
            chunks.add(n);
        });
        node.put("dtype", type.dtype());
        node.putObject("compressor").put("id", "zstd").put("level", ChunkCodec.LEVEL);
        node.putArray("filters").addObject().put("id", "shuffle").put("elementsize", type.bytes());
        node.put("fill_value", type.fillValue());
        node.put("order", "C");
        return node;
    }

    /**
     * Reads {@code .zarray}.
     *
     * @throws InvalidInputException when it is missing, broken, or describes an array of another make than ours
     */
    static ArrayMetadata read(Path folder) {
        JsonObject json = readJson(folder.resolve(FILE));
        String source = json.source();
        ElementType type = ElementType.of(json.text("dtype"), source);
        List<Long> shape = json.wholeNumbers("shape", 0);
        List<Long> chunks = json.wholeNumbers("chunks", 1);
        if (shape.isEmpty() || shape.size() != chunks.size()) {
            throw json.wrong("chunks", chunks, "as many numbers as shape has: " + shape);
        }
        ArrayMetadata metadata;
        try {
            metadata = new ArrayMetadata(
                    type,
                    shape.get(0),
                    Math.toIntExact(chunks.get(0)),
                    shape.stream().skip(1).map(Math::toIntExact).toList());
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new InvalidInputException(source + ": shape: " + e.getMessage(), e);
        }
        ObjectNode expected = metadata.toJson();
        for (String key : List.of("zarr_format", "chunks", "compressor", "filters", "order")) {
            JsonNode found = json.node().path(key);
            if (!found.toString().equals(expected.get(key).toString())) {
                throw json.wrong(key, found, expected.get(key).toString());
            }
        }
        return metadata;
    }

    /** Reads a JSON file of a store. */
    static JsonObject readJson(Path file) {
        return JsonFile.read(file, "a Zarr version 2 store");
    }

    /** Refuses a file that is missing or says anything else than was written. */
    static void requireJson(Path file, JsonNode written) {
        JsonNode found = readJson(file).node();
        if (!found.toString().equals(written.toString())) {
            throw new InvalidInputException(file + ": damaged: found " + Quoted.of(found) + ", expected " + written);
        }
    }

    static ByteBuffer bytes(JsonNode node) {
        try {
            return ByteBuffer.wrap((JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n")
                    .getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
