package norma.datasets.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Reads the whole lines that a file has gained since the last time; a last line without its end is left for the next
 * time. A file may be cut and written on, as a run does that is resumed: that is noticed by the length, or by the line
 * read last, which is compared.
 */
public final class GrowingLines {
    private static final int BUFFER = 1 << 18;
    private static final byte[] NONE = {};

    private final Path file;
    private final int longest;
    private long position;
    private byte[] last = NONE;
    private byte[] buffer = NONE;

    /**
     * Stands at the beginning of a file, which need not exist yet.
     *
     * @param longest bytes of a line
     */
    public GrowingLines(Path file, int longest) {
        this.file = file;
        this.longest = longest;
    }

    /** Takes lines. */
    public interface Taker {
        /**
         * The next line, without its end. One that throws is the next line again when reading goes on.
         *
         * @param bytes an array that is used again
         * @return whether the line after it is wanted too
         */
        boolean line(byte[] bytes, int from, int length) throws IOException;

        /**
         * What was taken before is no longer in the file.
         *
         * @return where to read on: 0, or the beginning of another line
         */
        long again() throws IOException;

        /**
         * The next line is longer than any may be.
         *
         * @return what to throw
         */
        IOException tooLong(int bytes);
    }

    /** Bytes of the lines taken so far. */
    public long position() {
        return position;
    }

    /** Sets out from the beginning of a line somewhere in the file. */
    public void skipTo(long lineStart) {
        position = lineStart;
        last = NONE;
    }

    /** Reads on to the end, or as far as the taker wants. */
    public void readOn(Taker taker) throws IOException {
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
            buffer = NONE;
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
                buffer = Arrays.copyOf(buffer, 2 * filled);
            }
            int got = in.read(buffer, filled, buffer.length - filled);
            if (got < 0) {
                return;
            }
            int taken = take(filled, filled + got, taker);
            if (taken < 0) {
                return;
            }
            filled += got - taken;
            System.arraycopy(buffer, taken, buffer, 0, filled);
            if (filled >= longest) {
                throw taker.tooLong(longest);
            }
        }
    }

    /**
     * Hands out the lines that lie whole in the buffer.
     *
     * @param scanFrom before it is no end of a line
     * @return bytes of these lines; −1 once no more are wanted
     */
    private int take(int scanFrom, int end, Taker taker) throws IOException {
        int start = 0;
        int lastStart = 0;
        boolean wanted = true;
        try {
            for (int i = scanFrom; i < end && wanted; i++) {
                if (buffer[i] == '\n') {
                    wanted = taker.line(buffer, start, i - start);
                    position += i + 1 - start;
                    lastStart = start;
                    start = i + 1;
                }
            }
        } finally {
            if (start > 0) {
                last = Arrays.copyOfRange(buffer, lastStart, start);
            }
        }
        return wanted ? start : -1;
    }
}
