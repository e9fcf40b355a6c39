package norma.datasets.tokens;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file of equal little-endian numbers, mapped in segments so that it may be larger than 2 GB. */
final class MappedFile {
    private static final long SEGMENT = 1L << 30; // a multiple of every element's size

    private final ByteBuffer[] segments;
    private final int width;
    private final long size;

    /**
     * Maps a file.
     *
     * @param width bytes of a number: 2 (unsigned), 4 or 8
     */
    MappedFile(Path file, int width) throws IOException {
        this.width = width;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long bytes = channel.size();
            size = bytes / width;
            segments = new ByteBuffer[(int) ((bytes + SEGMENT - 1) / SEGMENT)];
            for (int i = 0; i < segments.length; i++) {
                long start = i * SEGMENT;
                segments[i] = channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(SEGMENT, bytes - start))
                        .order(ByteOrder.LITTLE_ENDIAN);
            }
        }
    }

    /** How many numbers. */
    long size() {
        return size;
    }

    /** The number at an index. */
    long get(long index) {
        long at = index * width;
        ByteBuffer segment = segments[(int) (at / SEGMENT)];
        int offset = (int) (at % SEGMENT);
        return switch (width) {
            case Short.BYTES -> segment.getShort(offset) & 0xffff;
            case Integer.BYTES -> segment.getInt(offset);
            default -> segment.getLong(offset);
        };
    }
}
