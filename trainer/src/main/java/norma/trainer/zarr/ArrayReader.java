package norma.trainer.zarr;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import norma.datasets.base.InvalidInputException;

/**
 * Reads an array chunk by chunk; only one chunk is in memory at a time. The array may grow meanwhile: this reader keeps
 * to the length that it had when it was opened. One thread uses it.
 */
public final class ArrayReader {
    private final Path folder;
    private final ArrayMetadata metadata;
    private long loaded = -1;
    private ByteBuffer chunk = ByteBuffer.allocate(0);
    private byte[] stored = new byte[0];
    private byte[] shuffled = new byte[0];

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

    /**
     * Reads a whole chunk without allocating anything: for those who read all of an array.
     *
     * @param number of the chunk, from 0
     * @param target chunkRows × rowElements values; those behind the array's last row are filling
     * @return whether the chunk's file exists; if not, the target is as it was
     * @throws InvalidInputException when the file is damaged
     */
    public boolean readChunk(long number, float[] target) throws IOException {
        require(ElementType.FLOAT32, number * metadata.chunkRows());
        int length = metadata.chunkBytes();
        if (target.length != length / Float.BYTES) {
            throw new IllegalArgumentException("room for " + target.length + " values of " + length / Float.BYTES);
        }
        Path file = folder.resolve(metadata.chunkName(number));
        int size;
        try (InputStream in = Files.newInputStream(file)) {
            size = readAll(in);
        } catch (NoSuchFileException e) {
            return false;
        }
        if (shuffled.length != length) {
            shuffled = new byte[length];
        }
        ChunkCodec.inflate(stored, size, shuffled, file.toString());
        ChunkCodec.unshuffle(shuffled, target);
        return true;
    }

    private int readAll(InputStream in) throws IOException {
        int size = 0;
        while (true) {
            if (size == stored.length) {
                stored = Arrays.copyOf(stored, Math.max(1 << 16, stored.length * 2));
            }
            int read = in.readNBytes(stored, size, stored.length - size);
            if (read == 0) {
                return size;
            }
            size += read;
        }
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
