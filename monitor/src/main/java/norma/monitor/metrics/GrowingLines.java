package norma.monitor.metrics;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Reads the whole lines that a file has gained since the last time. A run that is resumed cuts its file and writes on:
 * that is noticed by the length, or by the line read last, which is compared.
 */
final class GrowingLines {
    private static final int BUFFER = 1 << 18;
    /** A longer line is no line of metrics. */
    private static final int LONGEST_LINE = 16 << 20;

    private final Path file;
    private long position;
    private byte[] last = new byte[0];
    private byte[] buffer = new byte[0];

    GrowingLines(Path file) {
        this.file = file;
    }

    /** Takes lines. */
    interface Taker {
        /** A line without its end; the array is used again. */
        void line(byte[] bytes, int from, int length) throws IOException;

        /**
         * What was taken before is no longer in the file.
         *
         * @return where to read on: 0, or the beginning of another line
         */
        long again() throws IOException;
    }

    /** Bytes read so far. */
    long position() {
        return position;
    }

    /** Sets out from the beginning of a line somewhere in the file. */
    void skipTo(long lineStart) {
        position = lineStart;
        last = new byte[0];
    }

    /** Reads on to the end. */
    void readOn(Taker taker) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (!continues(channel)) {
                skipTo(taker.again());
            }
            if (channel.size() > position) {
                channel.position(position);
                read(Channels.newInputStream(channel), taker);
            }
        } catch (NoSuchFileException e) {
            if (position > 0) {
                taker.again();
                skipTo(0);
            }
        } finally {
            buffer = new byte[0];
        }
    }

    private boolean continues(FileChannel channel) throws IOException {
        if (channel.size() < position) {
            return false;
        }
        if (last.length == 0) {
            return true;
        }
        channel.position(position - last.length);
        return Arrays.equals(Channels.newInputStream(channel).readNBytes(last.length), last);
    }

    private void read(InputStream in, Taker taker) throws IOException {
        buffer = new byte[BUFFER];
        int filled = 0;
        while (true) {
            if (filled == buffer.length) {
                if (filled >= LONGEST_LINE) {
                    throw new IOException(file.getFileName() + ": a line has more than " + LONGEST_LINE + " bytes");
                }
                buffer = Arrays.copyOf(buffer, 2 * filled);
            }
            int got = in.read(buffer, filled, buffer.length - filled);
            if (got < 0) {
                return;
            }
            int scanFrom = filled;
            filled += got;
            int start = 0;
            int lastStart = 0;
            for (int i = scanFrom; i < filled; i++) {
                if (buffer[i] == '\n') {
                    taker.line(buffer, start, i - start);
                    position += i + 1 - start;
                    lastStart = start;
                    start = i + 1;
                }
            }
            if (start > 0) {
                last = Arrays.copyOfRange(buffer, lastStart, start);
            }
            System.arraycopy(buffer, start, buffer, 0, filled - start);
            filled -= start;
        }
    }
}
