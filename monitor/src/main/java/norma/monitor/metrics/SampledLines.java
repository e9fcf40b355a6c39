package norma.monitor.metrics;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads some lines of a long file, at even distances, so that there is something to show while all are being read. */
final class SampledLines {
    private static final int BLOCK = 1 << 15;
    private static final int LONGEST_LINE = 1 << 20;

    private SampledLines() {}

    /**
     * Reads lines.
     *
     * @param most of them
     * @return what they say, without what is wrong with any of them
     */
    static MetricsHistory read(Path file, int most) throws IOException {
        MetricsHistory sample = new MetricsHistory(file);
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long length = in.length();
            for (int i = 0; i < most; i++) {
                byte[] line = lineAfter(in, i == 0 ? -1 : i * (length / most), length);
                if (line != null) {
                    try {
                        sample.add(LoggedFigures.parse(line, 0, line.length));
                    } catch (IOException damaged) {
                        // the reader of all lines says which
                    }
                }
            }
        }
        return sample;
    }

    /** The first whole line that begins after a place; null if there is none. */
    private static byte[] lineAfter(RandomAccessFile in, long place, long length) throws IOException {
        long from = Math.max(0, place);
        int wanted = BLOCK;
        while (true) {
            in.seek(from);
            byte[] block = new byte[(int) Math.min(wanted, length - from)];
            in.readFully(block);
            int start = place < 0 ? 0 : indexOf(block, 0) + 1;
            int end = start < block.length && (place < 0 || start > 0) ? indexOf(block, start) : -1;
            if (end >= 0) {
                return Arrays.copyOfRange(block, start, end);
            }
            if (block.length < wanted || wanted >= LONGEST_LINE) {
                return null;
            }
            wanted *= 4;
        }
    }

    private static int indexOf(byte[] block, int from) {
        for (int i = from; i < block.length; i++) {
            if (block[i] == '\n') {
                return i;
            }
        }
        return -1;
    }
}
