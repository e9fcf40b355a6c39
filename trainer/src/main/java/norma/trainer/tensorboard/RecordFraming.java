package norma.trainer.tensorboard;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The TFRecord framing: length (u64), its masked CRC32C (u32), the data, their masked CRC32C (u32), all little-endian.
 *
 * <p>Source: TensorFlow, {@code tensorflow/core/lib/io/record_writer.h} and {@code crc32c.h}.
 */
final class RecordFraming {
    private static final int MASK_DELTA = 0xa282ead8;

    private RecordFraming() {}

    static void write(OutputStream out, byte[] data) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(data.length);
        head.putInt(maskedCrc(head.array(), 8));
        ByteBuffer tail = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        tail.putInt(maskedCrc(data, data.length));
        out.write(head.array());
        out.write(data);
        out.write(tail.array());
    }

    private static int maskedCrc(byte[] data, int length) {
        CRC32C crc = new CRC32C();
        crc.update(data, 0, length);
        int value = (int) crc.getValue();
        return Integer.rotateRight(value, 15) + MASK_DELTA;
    }
}
