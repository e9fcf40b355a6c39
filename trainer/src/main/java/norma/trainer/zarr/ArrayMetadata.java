package norma.trainer.zarr;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Quoted;

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
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

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
    static ArrayMetadata read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        JsonNode node = readJson(file);
        String source = file.toString();
        ElementType type = ElementType.of(node.path("dtype").asText(), source);
        JsonNode shape = node.path("shape");
        JsonNode chunks = node.path("chunks");
        if (shape.isEmpty() || shape.size() != chunks.size()) {
            throw InvalidInputException.of(source, "chunks", chunks, "as many numbers as shape has: " + shape);
        }
        List<Integer> rowShape = java.util.stream.IntStream.range(1, shape.size())
                .mapToObj(axis -> shape.get(axis).asInt())
                .toList();
        ArrayMetadata metadata;
        try {
            metadata = new ArrayMetadata(
                    type, shape.get(0).asLong(-1), chunks.get(0).asInt(), rowShape);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new InvalidInputException(source + ": shape: " + e.getMessage(), e);
        }
        ObjectNode expected = metadata.toJson();
        for (String key : List.of("zarr_format", "chunks", "compressor", "filters", "order")) {
            if (!asRead(expected.get(key)).equals(node.path(key))) {
                throw InvalidInputException.of(
                        source, key, node.path(key), expected.get(key).toString());
            }
        }
        return metadata;
    }

    /** Reads a JSON file of a store. */
    static JsonNode readJson(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(file + ": missing, expected a Zarr version 2 store");
        }
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(file + ": not JSON (" + e.getOriginalMessage() + ")", e);
        }
    }

    /**
     * Reads an array's attributes, from which xarray takes the names of its axes.
     *
     * @throws InvalidInputException if they are missing or name others
     */
    public static void requireDimensions(Path folder, List<String> dimensions) throws IOException {
        requireJson(folder.resolve(ATTRIBUTES_FILE), GrowingArray.dimensionAttributes(dimensions));
    }

    /** Refuses a file that is missing or says anything else than was written. */
    static void requireJson(Path file, JsonNode written) throws IOException {
        JsonNode found = readJson(file);
        if (!found.equals(asRead(written))) {
            throw new InvalidInputException(file + ": damaged: found " + Quoted.of(found) + ", expected " + written);
        }
    }

    /** With the types of numbers that a parser gives them. */
    private static JsonNode asRead(JsonNode node) {
        try {
            return JSON.readTree(node.toString());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
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
