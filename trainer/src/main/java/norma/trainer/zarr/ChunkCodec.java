package norma.trainer.zarr;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import norma.datasets.base.InvalidInputException;

/**
 * The bytes of a chunk as they are stored: numcodecs' {@code shuffle} filter, then {@code zstd} level 1 as a frame with
 * a checksum of its content, which every reader of Zstandard verifies (RFC 8878, section 3.1.1). Frames without one, as
 * earlier versions wrote them, are read too.
 */
final class ChunkCodec {
    static final int LEVEL = 1;

    private ChunkCodec() {}

    static ByteBuffer encode(byte[] raw, int elementBytes) {
        return compress(shuffle(raw, elementBytes));
    }

    /** Bytes that need no shuffle. */
    static ByteBuffer compress(byte[] raw) {
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            return ByteBuffer.wrap(context.setLevel(LEVEL).setChecksum(true).compress(raw));
        }
    }

    /**
     * @param length the raw size that the array's metadata promises
     * @param source the file, for messages
     * @throws InvalidInputException when the bytes are not what {@link #encode} makes of {@code length} bytes
     */
    static byte[] decode(byte[] stored, int length, int elementBytes, String source) {
        long size = stored.length == 0 ? 0 : Zstd.getFrameContentSize(stored);
        if (size != length) { // before room is made for it
            throw damaged(size, length, source);
        }
        byte[] shuffled = new byte[length];
        inflate(stored, stored.length, shuffled, source);
        return unshuffle(shuffled, elementBytes);
    }

    /** The bytes still shuffled; as many as there is room for, neither more nor fewer. */
    static void inflate(byte[] stored, int storedLength, byte[] shuffled, String source) {
        int length = shuffled.length;
        if (storedLength == 0) {
            throw damaged(0, length, source);
        }
        long size;
        try {
            size = Zstd.decompressByteArray(shuffled, 0, length, stored, 0, storedLength);
        } catch (ZstdException e) {
            throw new InvalidInputException(source + ": damaged chunk (" + e.getMessage() + ")", e);
        }
        if (size != length) {
            throw damaged(size, length, source);
        }
    }

    private static InvalidInputException damaged(long size, int length, String source) {
        return new InvalidInputException(
                source + ": damaged chunk: found " + size + " bytes inside, expected " + length);
    }

    /** Little-endian floats straight from their four planes of bytes. */
    static void unshuffle(byte[] shuffled, float[] values) {
        int n = values.length;
        for (int i = 0; i < n; i++) {
            values[i] = Float.intBitsToFloat((shuffled[i] & 0xff)
                    | (shuffled[n + i] & 0xff) << 8
                    | (shuffled[2 * n + i] & 0xff) << 16
                    | shuffled[3 * n + i] << 24);
        }
    }

    /** Byte b of element i goes to b * elements + i: bytes of equal weight lie together and compress. */
    static byte[] shuffle(byte[] raw, int elementBytes) {
        int elements = raw.length / elementBytes;
        byte[] shuffled = new byte[raw.length];
        for (int b = 0; b < elementBytes; b++) {
            int to = b * elements;
            for (int i = 0, from = b; i < elements; i++, from += elementBytes) {
                shuffled[to + i] = raw[from];
            }
        }
        return shuffled;
    }

    private static byte[] unshuffle(byte[] shuffled, int elementBytes) {
        int elements = shuffled.length / elementBytes;
        byte[] raw = new byte[shuffled.length];
        for (int b = 0; b < elementBytes; b++) {
            int from = b * elements;
            for (int i = 0, to = b; i < elements; i++, to += elementBytes) {
                raw[to] = shuffled[from + i];
            }
        }
        return raw;
    }
}
