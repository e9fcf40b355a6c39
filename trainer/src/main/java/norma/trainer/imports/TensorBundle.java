package norma.trainer.imports;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import norma.datasets.base.InvalidInputException;
import norma.trainer.safetensors.HostTensor;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.TensorShapeProto;
import org.tensorflow.util.BundleEntryProto;
import org.tensorflow.util.BundleHeaderProto;

/**
 * TensorFlow's tensor bundle: an index of names, shapes and places, and shards of raw data. Every tensor that is read
 * is compared with its CRC32C.
 */
final class TensorBundle {
    private static final int CHUNK = 1 << 18;
    private static final int UNSEEN = 1 << 24; // floats that are made room for before the file has shown so many
    private static final int MOST_SHARDS = 99_999; // their names have five digits

    private final String index;
    private final Map<String, BundleEntryProto> entries = new LinkedHashMap<>();
    private final int shards;

    /**
     * Reads an index.
     *
     * @param index its name, for messages
     * @throws InvalidInputException if it is damaged, or of a big-endian machine
     */
    TensorBundle(String index, byte[] bytes) {
        this.index = index;
        Map<String, byte[]> table = LevelDbTable.read(index, bytes);
        try {
            BundleHeaderProto header = BundleHeaderProto.parseFrom(table.getOrDefault("", new byte[0]));
            if (header.getEndianness() != BundleHeaderProto.Endianness.LITTLE) {
                throw InvalidInputException.of(index, "endianness", header.getEndianness(), "LITTLE");
            }
            shards = header.getNumShards();
            if (shards < 1 || shards > MOST_SHARDS) {
                throw InvalidInputException.of(index, "shards", shards, "from 1 to " + MOST_SHARDS);
            }
            for (Map.Entry<String, byte[]> entry : table.entrySet()) {
                if (!entry.getKey().isEmpty()) {
                    entries.put(entry.getKey(), BundleEntryProto.parseFrom(entry.getValue()));
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidInputException(index + ": not a TensorFlow index: " + e.getMessage(), e);
        }
    }

    /** The tensors' names in the index's order. */
    Iterable<String> names() {
        return entries.keySet();
    }

    /** Name of a shard's file after the index's prefix, such as {@code .data-00000-of-00001}. */
    String shardSuffix(int shard) {
        return String.format(java.util.Locale.ROOT, ".data-%05d-of-%05d", shard, shards);
    }

    /** Number of shards. */
    int shards() {
        return shards;
    }

    /**
     * Reads the wanted tensors of a shard from its beginning to its end.
     *
     * @param file the shard's name, for messages
     * @throws InvalidInputException if the shard is too short, a tensor differs from its CRC32C, overlaps another, has
     *     a length that does not fit its shape, or is not of float32
     */
    Map<String, HostTensor> read(String file, InputStream in, int shard, Predicate<String> wanted) throws IOException {
        List<String> names = new ArrayList<>();
        entries.forEach((name, entry) -> {
            if (entry.getShardId() == shard && wanted.test(name)) {
                names.add(name);
            }
        });
        names.sort(Comparator.comparingLong(name -> entries.get(name).getOffset()));
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        long position = 0;
        for (String name : names) {
            BundleEntryProto entry = entries.get(name);
            long[] shape = shape(name, entry);
            if (entry.getOffset() < position) {
                throw InvalidInputException.of(
                        index, "tensor " + name, "offset " + entry.getOffset(), "at least " + position);
            }
            try {
                in.skipNBytes(entry.getOffset() - position);
                tensors.put(name, new HostTensor(shape, values(file, name, entry, in)));
            } catch (EOFException e) {
                throw InvalidInputException.of(
                        file,
                        "tensor " + name,
                        "the end of the file",
                        "bytes " + entry.getOffset() + " to " + (entry.getOffset() + entry.getSize()));
            }
            position = entry.getOffset() + entry.getSize();
        }
        return tensors;
    }

    private long[] shape(String name, BundleEntryProto entry) {
        if (entry.getDtype() != DataType.DT_FLOAT) {
            throw InvalidInputException.of(index, "tensor " + name, entry.getDtype(), "DT_FLOAT");
        }
        if (entry.getSlicesCount() > 0) {
            throw InvalidInputException.of(index, "tensor " + name, "a partitioned variable", "a whole one");
        }
        long[] shape = entry.getShape().getDimList().stream()
                .mapToLong(TensorShapeProto.Dim::getSize)
                .toArray();
        long bytes = Float.BYTES;
        try {
            for (long dimension : shape) {
                bytes = Math.multiplyExact(bytes, dimension);
            }
        } catch (ArithmeticException e) {
            bytes = -1;
        }
        if (bytes != entry.getSize() || bytes < 0 || bytes / Float.BYTES > Integer.MAX_VALUE - 8) {
            throw InvalidInputException.of(
                    index,
                    "tensor " + name,
                    entry.getSize() + " bytes",
                    "the size of float32 of shape " + Arrays.toString(shape));
        }
        return shape;
    }

    private static float[] values(String file, String name, BundleEntryProto entry, InputStream in) throws IOException {
        int length = (int) (entry.getSize() / Float.BYTES);
        float[] values = new float[Math.min(length, UNSEEN)];
        byte[] chunk = new byte[CHUNK];
        CRC32C crc = new CRC32C();
        for (int from = 0; from < length; ) {
            int n = Math.min(CHUNK / Float.BYTES, length - from);
            if (in.readNBytes(chunk, 0, n * Float.BYTES) < n * Float.BYTES) {
                throw new EOFException();
            }
            if (from + n > values.length) {
                values = Arrays.copyOf(values, (int) Math.min(length, 2L * values.length));
            }
            crc.update(chunk, 0, n * Float.BYTES);
            ByteBuffer.wrap(chunk)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values, from, n);
            from += n;
        }
        int found = MaskedCrc32c.mask((int) crc.getValue());
        if (found != entry.getCrc32C()) {
            throw InvalidInputException.of(
                    file,
                    "tensor " + name,
                    String.format(java.util.Locale.ROOT, "data of CRC32C %08x", found),
                    String.format(java.util.Locale.ROOT, "%08x, as the index says", entry.getCrc32C()));
        }
        return values;
    }
}
