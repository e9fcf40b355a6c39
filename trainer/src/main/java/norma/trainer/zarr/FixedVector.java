package norma.trainer.zarr;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;

/** An array of one axis that never changes, such as a coordinate: one chunk in one folder. */
public final class FixedVector {
    private static final String CHUNK = "0";
    private static final Charset UTF_32 = Charset.forName("UTF-32LE"); // NumPy's unicode, no mark in front

    private final String dtype;
    private final int length;
    private final byte[] raw;

    private FixedVector(String dtype, int length, byte[] raw) {
        this.dtype = dtype;
        this.length = length;
        this.raw = raw;
    }

    /** Texts, as fixed-length unicode, which every reader knows without an object codec. */
    public static FixedVector of(List<String> texts) {
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
        return new FixedVector("<U" + width, texts.size(), raw.array());
    }

    /** Whole numbers. */
    public static FixedVector of(long[] numbers) {
        ByteBuffer raw = ByteBuffer.allocate(numbers.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(numbers);
        return new FixedVector(ElementType.INT64.dtype(), numbers.length, raw.array());
    }

    /** Writes it into a folder that does not exist yet. */
    public void write(Path folder, ArrayAttributes attributes) throws IOException {
        Files.createDirectory(folder);
        StoreFiles.replace(folder.resolve(CHUNK), ChunkCodec.compress(raw));
        StoreFiles.replace(folder.resolve(ArrayMetadata.ATTRIBUTES_FILE), ArrayMetadata.bytes(attributes.toJson()));
        StoreFiles.replace(folder.resolve(ArrayMetadata.FILE), ArrayMetadata.bytes(metadata()));
        DurableFiles.syncFolder(folder);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws InvalidInputException naming the file that is missing, damaged or says something else
     */
    public void require(Path folder, ArrayAttributes attributes) throws IOException {
        String dimension = attributes.dimensions().get(0);
        ArrayMetadata.requireJson(folder.resolve(ArrayMetadata.FILE), metadata());
        attributes.require(folder);
        Path chunk = folder.resolve(CHUNK);
        if (!Files.isRegularFile(chunk)) {
            throw new InvalidInputException(chunk + ": missing, expected the values of " + dimension);
        }
        byte[] stored = Files.readAllBytes(chunk);
        byte[] found = new byte[raw.length];
        ChunkCodec.inflate(stored, stored.length, found, chunk.toString());
        if (!Arrays.equals(found, raw)) {
            throw new InvalidInputException(chunk + ": damaged: found other values than those of " + dimension);
        }
    }

    private ObjectNode metadata() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("zarr_format", 2);
        node.putArray("shape").add(length);
        node.putArray("chunks").add(length);
        node.put("dtype", dtype);
        node.putObject("compressor").put("id", "zstd").put("level", ChunkCodec.LEVEL);
        node.putNull("filters");
        node.putNull("fill_value");
        node.put("order", "C");
        return node;
    }
}
