package norma.trainer.imports;

import java.util.zip.CRC32C;

/** CRC32C as LevelDB and TensorFlow store it: rotated and shifted, so that a checksum of checksums is no trouble. */
final class MaskedCrc32c {
    private static final int DELTA = 0xa282ead8;

    private MaskedCrc32c() {}

    static int of(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return mask((int) crc.getValue());
    }

    static int mask(int crc) {
        return Integer.rotateRight(crc, 15) + DELTA;
    }
}
