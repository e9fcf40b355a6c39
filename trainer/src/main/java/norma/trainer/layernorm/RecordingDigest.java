package norma.trainer.layernorm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;

/**
 * SHA-256 over the rows of a recording from the first on: of each its step (8 bytes), then weight and bias (site,
 * hidden) as they are stored, all little-endian. It depends on the values and their order alone, not on chunks, so
 * files that are whole but lie in each other's place are seen. One thread uses it.
 */
public final class RecordingDigest {
    private final MessageDigest digest = Hashes.sha256();
    private final Path folder;
    private final LayerNormRecording recording;
    private final LayerNormChunks chunks;
    private final int rowValues;
    private final ByteBuffer bytes;
    private long loaded = -1; // chunk
    private long rows;

    RecordingDigest(Path folder, LayerNormRecording recording) throws IOException {
        this.folder = folder;
        this.recording = recording;
        this.chunks = recording.chunks();
        rowValues = recording.layout().size() * recording.layout().hidden();
        bytes = ByteBuffer.allocate(Math.max(Long.BYTES, Math.multiplyExact(rowValues, Float.BYTES)))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Of no row yet, to be read on with {@link #through}. */
    public static RecordingDigest of(Path layernormZarr) throws IOException {
        return new RecordingDigest(layernormZarr, LayerNormRecording.whole(layernormZarr));
    }

    /**
     * Reads on, up to and including a step.
     *
     * @return the digest so far, as 64 hexadecimal digits
     * @throws InvalidInputException naming the file that is damaged or missing
     */
    public String through(long lastStep) throws IOException {
        while (rows < recording.size() && recording.step(rows) <= lastStep) {
            long chunk = chunks.chunkOf(rows);
            if (chunk != loaded && !chunks.read(chunk)) {
                throw new InvalidInputException(folder + ": the chunk of weight or bias with step "
                        + recording.step(rows) + " is missing, expected every one up to step " + lastStep);
            }
            loaded = chunk;
            int at = Math.toIntExact(rows - chunks.firstRow(chunk)) * rowValues;
            begin(recording.step(rows));
            values(chunks.values(Part.WEIGHT), at);
            values(chunks.values(Part.BIAS), at);
        }
        return sha256();
    }

    /** A row that was not there when the recording was opened begins; its weight and bias follow. */
    void begin(long step) {
        bytes.clear().putLong(step);
        digest.update(bytes.flip());
        rows++;
    }

    /** Weight, then bias of the row: all sites from a place of an array on. */
    void values(float[] part, int from) {
        bytes.clear().limit(rowValues * Float.BYTES);
        bytes.asFloatBuffer().put(part, from, rowValues);
        digest.update(bytes);
    }

    /** The digest so far. */
    String sha256() {
        return Hashes.soFar(digest);
    }
}
