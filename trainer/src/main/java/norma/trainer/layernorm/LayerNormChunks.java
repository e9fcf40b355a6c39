package norma.trainer.layernorm;

import java.io.IOException;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.PublicApi;
import norma.trainer.zarr.ArrayReader;

/**
 * Reads a recording chunk by chunk into the same two arrays: 50 steps at a time in what the recorder writes.
 *
 * <p>A chunk whose file is gone is reported, not refused: what it held is unknown. One thread uses it; several can read
 * one recording, each through its own.
 */
@PublicApi
public final class LayerNormChunks {
    private final ArrayReader weightReader;
    private final ArrayReader biasReader;
    private final int chunkRows;
    private final long rows;
    private final SnapshotLayout stored;
    private final int[] chosen;
    private final int hidden;
    private final float[] all;
    private final float[] weight;
    private final float[] bias;

    /**
     * Of a recording.
     *
     * @param chosen which of the stored sites are wanted
     * @param hidden width of the widest of them
     */
    LayerNormChunks(Path folder, SnapshotLayout stored, int[] chosen, int hidden, long rows) throws IOException {
        this.stored = stored;
        this.chosen = chosen;
        this.hidden = hidden;
        weightReader = ArrayReader.open(folder.resolve(LayerNormStore.WEIGHT));
        biasReader = ArrayReader.open(folder.resolve(LayerNormStore.BIAS));
        this.rows = rows;
        chunkRows = weightReader.metadata().chunkRows();
        if (biasReader.metadata().chunkRows() != chunkRows) {
            throw InvalidInputException.of(
                    folder.toString(), "chunks of bias", biasReader.metadata().chunkRows(), chunkRows + " like weight");
        }
        weight = new float[chunkRows * chosen.length * hidden];
        all = chosen.length == stored.size() ? null : new float[chunkRows * stored.size() * stored.hidden()];
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
    public long chunkOf(long row) {
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
        return read(chunk, Part.WEIGHT) && read(chunk, Part.BIAS);
    }

    /**
     * Reads a chunk of one of the two.
     *
     * @return whether it exists; if not, its array holds nothing of use
     * @throws InvalidInputException when the file is damaged
     */
    public boolean read(long chunk, Part part) throws IOException {
        return read(part == Part.WEIGHT ? weightReader : biasReader, chunk, values(part));
    }

    private boolean read(ArrayReader reader, long chunk, float[] into) throws IOException {
        if (all == null) {
            return reader.readChunk(chunk, into);
        }
        if (!reader.readChunk(chunk, all)) {
            return false;
        }
        for (int row = 0; row < chunkRows; row++) {
            for (int site = 0; site < chosen.length; site++) {
                int from = (row * stored.size() + chosen[site]) * stored.hidden();
                System.arraycopy(all, from, into, (row * chosen.length + site) * hidden, hidden);
            }
        }
        return true;
    }

    /** The values of a part read last (rows, sites, hidden), NaN where a site has none; used again by the next read. */
    public float[] values(Part part) {
        return part == Part.WEIGHT ? weight : bias;
    }
}
