package norma.trainer.layernorm;

import java.io.IOException;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.trainer.zarr.ArrayReader;

/**
 * Reads a recording chunk by chunk into the same two arrays: 50 steps at a time in what the recorder writes.
 *
 * <p>A chunk whose file is gone is reported, not refused: what it held is unknown. One thread uses it; several can read
 * one recording, each through its own.
 */
public final class LayerNormChunks {
    private final ArrayReader weightReader;
    private final ArrayReader biasReader;
    private final int chunkRows;
    private final long rows;
    private final float[] weight;
    private final float[] bias;

    LayerNormChunks(Path folder, SnapshotLayout layout, long rows) throws IOException {
        weightReader = ArrayReader.open(folder.resolve(LayerNormStore.WEIGHT));
        biasReader = ArrayReader.open(folder.resolve(LayerNormStore.BIAS));
        this.rows = rows;
        chunkRows = weightReader.metadata().chunkRows();
        if (biasReader.metadata().chunkRows() != chunkRows) {
            throw InvalidInputException.of(
                    folder.toString(), "chunks of bias", biasReader.metadata().chunkRows(), chunkRows + " like weight");
        }
        weight = new float[chunkRows * layout.size() * layout.hidden()];
        bias = new float[weight.length];
    }

    /** Number of chunks; the last one may be shorter. */
    public long count() {
        return (rows + chunkRows - 1) / chunkRows;
    }

    /** The row with which a chunk begins. */
    public long firstRow(long chunk) {
        return chunk * chunkRows;
    }

    /** The chunk that has a row. */
    long chunkOf(long row) {
        return row / chunkRows;
    }

    /** Rows of the recording in a chunk. */
    public int rows(long chunk) {
        return (int) Math.min(chunkRows, rows - firstRow(chunk));
    }

    /**
     * Reads a chunk of weights and biases.
     *
     * @return whether both exist; if not, the arrays hold nothing of use
     * @throws InvalidInputException when a file is damaged
     */
    public boolean read(long chunk) throws IOException {
        return weightReader.readChunk(chunk, weight) && biasReader.readChunk(chunk, bias);
    }

    /** The values of a part read last (rows, sites, hidden), NaN where a site has none; used again by the next read. */
    public float[] values(Part part) {
        return part == Part.WEIGHT ? weight : bias;
    }
}
