package norma.trainer.zarr;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import norma.datasets.InvalidInputException;

/**
 * Reads an array chunk by chunk; only one chunk is in memory at a time. The array may grow meanwhile: this reader keeps
 * to the length that it had when it was opened. One thread uses it.
 */
public final class ArrayReader {
    private final Path folder;
    private final ArrayMetadata metadata;
    private long loaded = -1;
    private ByteBuffer chunk = ByteBuffer.allocate(0);

    private ArrayReader(Path folder, ArrayMetadata metadata) {
        this.folder = folder;
        this.metadata = metadata;
    }

    /**
     * Opens an array.
     *
     * @throws InvalidInputException when the metadata is missing, broken, or not of our make
     */
    public static ArrayReader open(Path folder) throws IOException {
        return new ArrayReader(folder, ArrayMetadata.read(folder));
    }

    /** Type and sizes. */
    public ArrayMetadata metadata() {
        return metadata;
    }

    /**
     * Copies part of a row.
     *
     * @param row in [0, rows)
     * @param from first element within the row
     * @param target as many elements as it should receive from {@code at} on
     */
    public void read(long row, int from, float[] target, int at, int length) throws IOException {
        require(ElementType.FLOAT32, row);
        load(row / metadata.chunkRows());
        int element = (int) (row % metadata.chunkRows()) * metadata.rowElements() + from;
        chunk.slice(element * Float.BYTES, length * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(target, at, length);
    }

    /** Whether the chunk with a row is there; a recording may have lost one. */
    public boolean has(long row) {
        return Files.isRegularFile(folder.resolve(metadata.chunkName(row / metadata.chunkRows())));
    }

    /** The number at a row of an array of one axis. */
    public long readLong(long row) throws IOException {
        require(ElementType.INT64, row);
        load(row / metadata.chunkRows());
        return chunk.getLong((int) (row % metadata.chunkRows()) * metadata.rowElements() * Long.BYTES);
    }

    private void require(ElementType type, long row) {
        if (metadata.type() != type) {
            throw new IllegalArgumentException(folder + " holds " + metadata.type() + ", not " + type);
        }
        if (row < 0 || row >= metadata.rows()) {
            throw new IndexOutOfBoundsException("row " + row + " of " + metadata.rows() + " in " + folder);
        }
    }

    private void load(long number) throws IOException {
        if (number != loaded) {
            chunk = ByteBuffer.wrap(readChunk(folder, metadata, number)).order(ByteOrder.LITTLE_ENDIAN);
            loaded = number;
        }
    }

    static byte[] readChunk(Path folder, ArrayMetadata metadata, long number) throws IOException {
        Path file = folder.resolve(metadata.chunkName(number));
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    file + ": missing, though " + ArrayMetadata.FILE + " says " + metadata.rows() + " rows");
        }
        return ChunkCodec.decode(
                Files.readAllBytes(file), metadata.chunkBytes(), metadata.type().bytes(), file.toString());
    }
}
