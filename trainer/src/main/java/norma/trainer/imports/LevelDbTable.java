package norma.trainer.imports;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import norma.datasets.base.InvalidInputException;

/**
 * A LevelDB table in memory: what TensorFlow's {@code .index} files are. Every block's CRC32C is verified.
 *
 * @see <a href="https://github.com/google/leveldb/blob/main/doc/table_format.md">the format</a>
 */
final class LevelDbTable {
    private static final long MAGIC = 0xdb4775248b80fb57L;
    private static final int FOOTER = 48;
    private static final int TRAILER = 5; // compression, CRC32C

    private final String file;
    private final ByteBuffer bytes;

    private LevelDbTable(String file, byte[] bytes) {
        this.file = file;
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Keys and values in the table's order; keys are Latin-1.
     *
     * @param file its name, for messages
     * @throws InvalidInputException if it is not a table, or damaged, or compressed
     */
    static Map<String, byte[]> read(String file, byte[] bytes) {
        LevelDbTable table = new LevelDbTable(file, bytes);
        try {
            return table.entries();
        } catch (java.nio.BufferUnderflowException
                | IndexOutOfBoundsException
                | IllegalArgumentException
                | ArithmeticException e) {
            throw table.damaged("its blocks do not fit together", e);
        }
    }

    private Map<String, byte[]> entries() {
        if (bytes.limit() < FOOTER || bytes.getLong(bytes.limit() - Long.BYTES) != MAGIC) {
            throw damaged("it does not end as one", null);
        }
        ByteBuffer footer = bytes.duplicate().position(bytes.limit() - FOOTER);
        block(varint(footer), varint(footer)); // of filters, which nobody needs: only compared with its CRC32C
        Map<String, byte[]> index = block(varint(footer), varint(footer));
        Map<String, byte[]> entries = new LinkedHashMap<>();
        for (byte[] handle : index.values()) {
            ByteBuffer place = ByteBuffer.wrap(handle);
            entries.putAll(block(varint(place), varint(place)));
        }
        return entries;
    }

    private Map<String, byte[]> block(long offset, long size) {
        if (offset < 0 || size < 4 || size > bytes.limit() || offset > bytes.limit() - size - TRAILER) {
            throw damaged("a block lies outside the file", null);
        }
        int from = (int) offset;
        int end = from + (int) size;
        int crc = bytes.getInt(end + 1);
        if (MaskedCrc32c.of(bytes.array(), from, (int) size + 1) != crc) {
            throw damaged("the block at byte " + offset + " differs from its CRC32C", null);
        }
        if (bytes.get(end) != 0) {
            throw InvalidInputException.of(file, "block at byte " + offset, "a compressed one", "no compression");
        }
        int restarts = bytes.getInt(end - 4);
        if (restarts < 0 || restarts > (size - 4) / 4) {
            throw damaged("the block at byte " + offset + " has an impossible end", null);
        }
        int limit = end - 4 - 4 * restarts;
        Map<String, byte[]> entries = new LinkedHashMap<>();
        ByteBuffer at = bytes.duplicate().position(from).limit(limit);
        byte[] key = new byte[0];
        while (at.hasRemaining()) {
            int shared = Math.toIntExact(varint(at));
            int rest = Math.toIntExact(varint(at));
            int length = Math.toIntExact(varint(at));
            if (shared > key.length || rest > at.remaining() || length > at.remaining() - rest) {
                throw damaged("the block at byte " + offset + " has an entry longer than itself", null);
            }
            key = Arrays.copyOf(Arrays.copyOf(key, shared), shared + rest);
            at.get(key, shared, rest);
            byte[] value = new byte[length];
            at.get(value);
            entries.put(new String(key, java.nio.charset.StandardCharsets.ISO_8859_1), value);
        }
        return entries;
    }

    private static long varint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = from.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than 64 bits");
    }

    private InvalidInputException damaged(String what, Exception cause) {
        return new InvalidInputException(file + ": not a whole TensorFlow index: " + what, cause);
    }
}
