package norma.trainer.zarr;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import norma.datasets.files.DurableFiles;

/**
 * A Zarr array to which rows are added. Rows become visible in two moves, so that several arrays can grow together:
 * {@link #writeChunks} stores the data and {@link #publish} the new length. A chunk file always holds the whole chunk,
 * filled up with NaN (or 0). One thread uses it.
 */
public final class GrowingArray {
    private static final Pattern CHUNK = Pattern.compile("\\d{1,18}(\\.0)*");

    private final Path folder;
    private ArrayMetadata metadata; // rows: the published length
    private long rows;
    private final byte[] chunk;
    private final ByteBuffer view;
    private boolean unwritten;

    private GrowingArray(Path folder, ArrayMetadata metadata) {
        this.folder = folder;
        this.metadata = metadata;
        rows = metadata.rows();
        chunk = new byte[metadata.chunkBytes()];
        view = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
        clear(0);
    }

    /**
     * Makes an empty array.
     *
     * @param folder does not exist yet
     * @param attributes what its values and axes are
     */
    public static GrowingArray create(Path folder, ArrayMetadata metadata, ArrayAttributes attributes)
            throws IOException {
        Files.createDirectory(folder);
        GrowingArray array = new GrowingArray(folder, metadata.withRows(0));
        StoreFiles.replace(folder.resolve(ArrayMetadata.ATTRIBUTES_FILE), ArrayMetadata.bytes(attributes.toJson()));
        array.publish();
        DurableFiles.syncFolder(folder);
        return array;
    }

    /** Opens an array to go on after its first {@code rows} rows; what lies behind them is removed. */
    public static GrowingArray open(Path folder, long rows) throws IOException {
        StoreFiles.removeTemporaries(folder);
        GrowingArray array = new GrowingArray(folder, ArrayMetadata.read(folder));
        array.truncate(rows);
        return array;
    }

    /** Rows so far, whether published or not. */
    public long rows() {
        return rows;
    }

    /** What is published. */
    public ArrayMetadata metadata() {
        return metadata;
    }

    /** Adds a row of floats; a chunk that gets full is stored. */
    public void append(float[] row) throws IOException {
        requireRow(ElementType.FLOAT32, row.length);
        view.position(rowInChunk() * row.length * Float.BYTES);
        view.asFloatBuffer().put(row);
        added();
    }

    /** Adds a number; a chunk that gets full is stored. */
    public void append(long value) throws IOException {
        requireRow(ElementType.INT64, 1);
        view.putLong(rowInChunk() * Long.BYTES, value);
        added();
    }

    /** Stores the last, partial chunk, if it holds anything new; on return all rows so far are on the disk. */
    public void writeChunks() throws IOException {
        if (unwritten) {
            writeChunk((rows - 1) / metadata.chunkRows());
        }
        DurableFiles.syncFolder(folder);
    }

    /** Makes the rows visible whose chunks are stored; durable once the folder is synced, by the next writeChunks. */
    public void publish() throws IOException {
        if (unwritten) {
            throw new IllegalStateException(folder + ": publish before writeChunks");
        }
        metadata = metadata.withRows(rows);
        StoreFiles.replace(folder.resolve(ArrayMetadata.FILE), ArrayMetadata.bytes(metadata.toJson()));
    }

    /** Makes a publication last. */
    public void syncFolder() throws IOException {
        DurableFiles.syncFolder(folder);
    }

    /** Drops all rows but the first {@code newRows}: first the published length shrinks, then chunks go. */
    public void truncate(long newRows) throws IOException {
        if (newRows > metadata.rows()) {
            throw new IllegalArgumentException(
                    folder + " has " + metadata.rows() + " rows on the disk and cannot be cut to " + newRows);
        }
        rows = newRows;
        unwritten = false;
        if (newRows < metadata.rows()) {
            publish();
            DurableFiles.syncFolder(folder);
        }
        long chunks = (newRows + metadata.chunkRows() - 1) / metadata.chunkRows();
        for (Path entry : StoreFiles.entries(folder)) {
            String name = entry.getFileName().toString();
            if (CHUNK.matcher(name).matches() && Long.parseLong(name.split("\\.", -1)[0]) >= chunks) {
                Files.delete(entry);
            }
        }
        reloadPartialChunk();
    }

    private void reloadPartialChunk() throws IOException {
        int kept = rowInChunk() * metadata.rowElements() * metadata.type().bytes();
        if (kept > 0) {
            byte[] stored = ArrayReader.readChunk(folder, metadata, rows / metadata.chunkRows());
            System.arraycopy(stored, 0, chunk, 0, kept);
        }
        clear(kept);
        if (kept > 0) {
            // Nothing of the rows cut off stays behind the end: the files equal those of a run that stopped here.
            writeChunk(rows / metadata.chunkRows());
        }
    }

    private void added() throws IOException {
        rows++;
        unwritten = true;
        if (rowInChunk() == 0) {
            writeChunk(rows / metadata.chunkRows() - 1);
            clear(0);
        }
    }

    private void writeChunk(long number) throws IOException {
        StoreFiles.replace(
                folder.resolve(metadata.chunkName(number)),
                ChunkCodec.encode(chunk, metadata.type().bytes()));
        unwritten = false;
    }

    private int rowInChunk() {
        return (int) (rows % metadata.chunkRows());
    }

    private void clear(int fromByte) {
        for (int at = fromByte; at < chunk.length; at += metadata.type().bytes()) {
            switch (metadata.type()) {
                case FLOAT32 -> view.putFloat(at, Float.NaN);
                case INT64 -> view.putLong(at, 0);
            }
        }
    }

    private void requireRow(ElementType type, int elements) {
        if (metadata.type() != type || metadata.rowElements() != elements) {
            throw new IllegalArgumentException(folder + ": a row of " + elements + " " + type + " does not fit rows of "
                    + metadata.rowElements() + " " + metadata.type());
        }
    }
}
