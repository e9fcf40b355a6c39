package norma.monitor.recording;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.layernorm.LayerNormChunks;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;

/**
 * The way through a recording that fills an {@link Envelope} of one part of some of its sites, a chunk at a time, and
 * on as the recording grows. Several threads may use it.
 */
final class EnvelopePass {
    private final Part part;
    private final int firstSite;
    private final int sites;
    private final SnapshotLayout layout;
    private final Envelope envelope;
    private volatile OpenRecording latest;
    private OpenRecording recording;
    private LayerNormChunks chunks;
    private volatile long nextRow;
    private volatile int sampled;
    private List<Sample> sample = List.of();

    /**
     * A chunk of the sample.
     *
     * @param first its first row
     * @param rows how many it has
     */
    private record Sample(long first, int rows, Envelope extremes) {}

    EnvelopePass(OpenRecording recording, Part part, int firstSite, int sites) {
        this.part = part;
        this.firstSite = firstSite;
        this.sites = sites;
        this.recording = recording;
        latest = recording;
        layout = recording.layout();
        envelope = new Envelope(firstSite, sites, layout.hidden(), recording.rows());
    }

    Part part() {
        return part;
    }

    boolean has(Part wanted, int site) {
        return part == wanted && site >= firstSite && site < firstSite + sites;
    }

    /** Bytes in memory, about; it waits for nobody. */
    long bytes() {
        return Envelope.bytes(sites, layout.hidden(), latest.rows())
                + sampled * Envelope.bytes(sites, layout.hidden(), 1);
    }

    /** Goes on with the same recording, which has grown, when it reads on; it waits for nobody. */
    void extend(OpenRecording longer) {
        latest = longer;
    }

    private void takeLatest() {
        if (latest != recording) {
            recording = latest;
            chunks = null;
        }
    }

    private boolean isComplete() {
        return nextRow >= recording.rows();
    }

    /** Rows read; it waits for nobody. */
    long rowsDone() {
        return nextRow;
    }

    /** Rows of the recording; it waits for nobody. */
    int rows() {
        return latest.rows();
    }

    /** Whether all that is left can be read with so many chunks. */
    synchronized boolean isWithin(int mostChunks) throws IOException {
        takeLatest();
        return isComplete() || chunks().count() - chunks().chunkOf(nextRow) <= mostChunks;
    }

    private LayerNormChunks chunks() throws IOException {
        if (chunks == null) {
            chunks = recording.chunks();
        }
        return chunks;
    }

    /**
     * Reads on.
     *
     * @return whether all is read
     */
    synchronized boolean advance(int mostChunks) throws IOException {
        takeLatest();
        for (int i = 0; i < mostChunks && !isComplete(); i++) {
            long chunk = chunks().chunkOf(nextRow);
            long first = chunks().firstRow(chunk);
            int rows = chunks().rows(chunk);
            if (chunks().read(chunk, part)) { // one that is missing leaves a gap
                for (long row = nextRow; row < first + rows; row++) {
                    envelope.add(row, chunks().values(part), offset(row - first));
                }
            }
            nextRow = first + rows;
        }
        boolean complete = isComplete();
        if (complete) {
            sample = List.of();
            sampled = 0;
            chunks = null; // its arrays are large
        }
        return complete;
    }

    private int offset(long rowInChunk) {
        return (int) rowInChunk * layout.size() * layout.hidden();
    }

    /** Reads so many chunks at even distances, the first and the last among them, unless it has them already. */
    synchronized void sample(int wanted) throws IOException {
        if (!sample.isEmpty()) {
            return;
        }
        List<Sample> found = new ArrayList<>();
        long last = chunks().count() - 1;
        for (int i = 0; i < wanted; i++) {
            long chunk = Math.round((double) i * last / (wanted - 1));
            if (chunks().read(chunk, part)) {
                int rows = chunks().rows(chunk);
                Envelope extremes = new Envelope(firstSite, sites, layout.hidden(), (long) Envelope.MOST * rows);
                for (int row = 0; row < rows; row++) {
                    extremes.add(0, chunks().values(part), offset(row));
                }
                found.add(new Sample(chunks().firstRow(chunk), rows, extremes));
            }
        }
        sample = found;
        sampled = found.size();
    }

    /** The extremes of one site, as far as they are known: of all rows, or of the sample. */
    synchronized Points points(int site, int most, long fromRow) {
        int width = layout.width(site);
        if (!isComplete()) {
            return ofSample(site, width);
        }
        int join = Math.max(1, (envelope.points() + most - 1) / most);
        int rowsPerPoint = envelope.rowsPerPoint() * join;
        int firstPoint = (int) (fromRow / rowsPerPoint);
        int count = Math.max(0, (envelope.points() + join - 1) / join - firstPoint);
        Points points = new Points(new long[count], new long[count], rowsPerPoint, true, width);
        float[] min = new float[width];
        float[] max = new float[width];
        for (int point = 0; point < count; point++) {
            int at = point * width;
            int begin = (firstPoint + point) * join;
            envelope.copy(begin, site, true, width, points.min(), at);
            envelope.copy(begin, site, false, width, points.max(), at);
            for (int more = begin + 1; more < Math.min(begin + join, envelope.points()); more++) {
                envelope.copy(more, site, true, width, min, 0);
                envelope.copy(more, site, false, width, max, 0);
                points.join(at, min, max);
            }
            long first = (long) (firstPoint + point) * rowsPerPoint;
            points.firstRows()[point] = first;
            points.lastRows()[point] = Math.min(first + rowsPerPoint, recording.rows()) - 1;
        }
        return points;
    }

    private Points ofSample(int site, int width) {
        int count = sample.size();
        int rows = sample.isEmpty() ? 1 : sample.get(0).rows();
        Points points = new Points(new long[count], new long[count], rows, false, width);
        for (int point = 0; point < count; point++) {
            Sample chunk = sample.get(point);
            chunk.extremes().copy(0, site, true, width, points.min(), point * width);
            chunk.extremes().copy(0, site, false, width, points.max(), point * width);
            points.firstRows()[point] = chunk.first();
            points.lastRows()[point] = chunk.first() + chunk.rows() - 1;
        }
        return points;
    }

    /**
     * The extremes of one site over stretches of rows.
     *
     * @param firstRows first row of each stretch
     * @param lastRows last row of each
     * @param complete whether the stretches are all of the recording
     * @param min (stretches, width)
     * @param max (stretches, width)
     */
    @SuppressWarnings("ArrayRecordComponent") // a hand-over, never compared
    record Points(
            long[] firstRows,
            long[] lastRows,
            int rowsPerPoint,
            boolean complete,
            int width,
            float[] min,
            float[] max) {
        Points(long[] firstRows, long[] lastRows, int rowsPerPoint, boolean complete, int width) {
            this(
                    firstRows,
                    lastRows,
                    rowsPerPoint,
                    complete,
                    width,
                    new float[firstRows.length * width],
                    new float[firstRows.length * width]);
        }

        private void join(int at, float[] least, float[] largest) {
            for (int d = 0; d < width; d++) {
                if (least[d] < min[at + d] || Float.isNaN(min[at + d])) {
                    min[at + d] = least[d];
                }
                if (largest[d] > max[at + d] || Float.isNaN(max[at + d])) {
                    max[at + d] = largest[d];
                }
            }
        }
    }
}
