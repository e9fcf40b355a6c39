package norma.trainer.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.SpecialFile;

/**
 * A safetensors file whose header has been checked; tensors are read one at a time, when they are asked for, so a file
 * of any size opens at once. {@link #map} gives a tensor's bytes without a copy; {@link #read} goes by positional
 * reads, for which a file that shrinks meanwhile is an exception. Several threads may read.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class SafetensorsFile implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final String file;
    private final FileChannel channel;
    private final Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata;

    private SafetensorsFile(String file, FileChannel channel, SafetensorsHeader header) {
        this.file = file;
        this.channel = channel;
        this.metadata = Collections.unmodifiableMap(header.metadata());
        header.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    }

    /**
     * Opens a file and checks its whole header.
     *
     * @throws InvalidInputException if there is no such file, or its header and its data do not agree
     * @throws IOException if it cannot be read
     */
    public static SafetensorsFile open(Path path) throws IOException {
        SpecialFile.refuse(path, "a safetensors file");
        if (!Files.isRegularFile(path)) {
            throw InvalidInputException.of(path.toString(), "file", "none", "a safetensors file");
        }
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new SafetensorsFile(path.toString(), channel, SafetensorsHeader.read(channel, path.toString()));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * All tensors of a file by name, in the order of their data; see {@link #read}.
     *
     * @throws InvalidInputException if there is no such file, it is damaged, or a tensor is not of floating point
     * @throws UncheckedIOException naming the file, if it cannot be read
     */
    public static Map<String, HostTensor> readAll(Path path) {
        try (SafetensorsFile file = open(path)) {
            Map<String, HostTensor> tensors = new LinkedHashMap<>();
            for (String name : file.names()) {
                tensors.put(name, file.read(name));
            }
            return tensors;
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }

    /**
     * The same, each tensor, or a part of it, read from the file when its values are asked for.
     *
     * @throws InvalidInputException if there is no such file or its header is damaged; what is wrong with a tensor is
     *     said when it is read
     */
    public static Map<String, HostTensor> deferred(Path path) {
        try (SafetensorsFile file = open(path)) {
            Map<String, HostTensor> tensors = new LinkedHashMap<>();
            for (String name : file.names()) {
                tensors.put(
                        name, HostTensor.deferred(file.shape(name), (from, count) -> read(path, name, from, count)));
            }
            return tensors;
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }

    private static float[] read(Path path, String name, long from, int count) {
        try (SafetensorsFile file = open(path)) {
            return file.floats(file.entry(name), from, count);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }

    /** The tensors' names in the order of their data. */
    public List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    /** Whether there is a tensor of that name. */
    public boolean contains(String name) {
        return tensors.containsKey(name);
    }

    /** Dimensions, outermost first; empty for a scalar. */
    public long[] shape(String name) {
        return entry(name).shapeArray();
    }

    /** The element type as the format spells it, such as {@code F32} or {@code I64}. */
    public String dtype(String name) {
        return entry(name).type().name();
    }

    /** The header's {@code __metadata__}, empty where it has none. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * A tensor of F32, F16, BF16 or F64 as float32; F64 is rounded to nearest.
     *
     * @throws InvalidInputException if there is no such tensor, or it is of another type, or too long for Java
     * @throws IOException if it cannot be read
     */
    public HostTensor read(String name) throws IOException {
        TensorEntry entry = entry(name);
        return new HostTensor(entry.shapeArray(), floats(entry, 0, length(entry)));
    }

    /** Some elements of a tensor, as {@link #read} gives all. */
    private float[] floats(TensorEntry entry, long first, int count) throws IOException {
        float[] values = new float[count];
        switch (entry.type()) {
            case F32 ->
                chunks(entry, first, count, (chunk, from, n) -> chunk.asFloatBuffer()
                        .get(values, from, n));
            case F64 ->
                chunks(entry, first, count, (chunk, from, n) -> {
                    for (int i = 0; i < n; i++) {
                        values[from + i] = (float) chunk.getDouble(8 * i);
                    }
                });
            case F16 ->
                chunks(entry, first, count, (chunk, from, n) -> {
                    for (int i = 0; i < n; i++) {
                        values[from + i] = HalfPrecision.fromFloat16(chunk.getShort(2 * i));
                    }
                });
            case BF16 ->
                chunks(entry, first, count, (chunk, from, n) -> {
                    for (int i = 0; i < n; i++) {
                        values[from + i] = HalfPrecision.fromBfloat16(chunk.getShort(2 * i));
                    }
                });
            default -> throw wrongType(entry, "F32, F16, BF16 or F64");
        }
        return values;
    }

    /**
     * The memory-mapped bytes of an F32 tensor, in the machine's byte order, for a direct copy to where they are
     * needed. They stay valid after this file is closed, but a file that is made shorter while they are read ends in an
     * error of the JVM, as with every memory map; checkpoints are replaced, never shortened.
     *
     * @return null if they cannot be used as they lie: of another type, 2 GiB or more, not aligned, or on a machine of
     *     the other byte order
     * @throws InvalidInputException if there is no such tensor
     * @throws IOException if it cannot be mapped
     */
    public ByteBuffer map(String name) throws IOException {
        TensorEntry entry = entry(name);
        long bytes = entry.end() - entry.begin();
        if (entry.type() != DType.F32
                || bytes > Integer.MAX_VALUE
                || entry.begin() % Float.BYTES != 0
                || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return null;
        }
        if (channel.size() < entry.end()) {
            throw new EOFException(file + " became shorter before tensor " + name + " was read");
        }
        return channel.map(FileChannel.MapMode.READ_ONLY, entry.begin(), bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * A tensor of whole numbers or BOOL (0 and 1), row-major.
     *
     * @throws InvalidInputException if there is no such tensor, it holds fractions, or a U64 beyond Java's long
     * @throws IOException if it cannot be read
     */
    public long[] readLongs(String name) throws IOException {
        TensorEntry entry = entry(name);
        long[] values = new long[length(entry)];
        int bytes = entry.type().bytes();
        ElementReader element =
                switch (entry.type()) {
                    case BOOL, U8 -> (chunk, at) -> chunk.get(at) & 0xffL;
                    case I8 -> ByteBuffer::get;
                    case U16 -> (chunk, at) -> chunk.getShort(at) & 0xffffL;
                    case I16 -> ByteBuffer::getShort;
                    case U32 -> (chunk, at) -> chunk.getInt(at) & 0xffff_ffffL;
                    case I32 -> ByteBuffer::getInt;
                    case I64, U64 -> ByteBuffer::getLong;
                    default -> throw wrongType(entry, "a type of whole numbers");
                };
        chunks(entry, 0, values.length, (chunk, from, n) -> {
            for (int i = 0; i < n; i++) {
                values[from + i] = element.at(chunk, bytes * i);
                if (entry.type() == DType.U64 && values[from + i] < 0) {
                    throw InvalidInputException.of(
                            file,
                            "tensor " + name,
                            Long.toUnsignedString(values[from + i]),
                            "whole numbers up to " + Long.MAX_VALUE);
                }
            }
        });
        return values;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Feeds the bytes of some of a tensor's elements in order: little-endian chunks of whole elements. */
    private void chunks(TensorEntry entry, long first, int count, ChunkConsumer consumer) throws IOException {
        int size = entry.type().bytes();
        long begin = entry.begin() + first * size;
        long end = begin + (long) count * size;
        ByteBuffer chunk =
                ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, end - begin)).order(ByteOrder.LITTLE_ENDIAN);
        int element = 0;
        for (long position = begin; position < end; position += chunk.limit()) {
            chunk.clear().limit((int) Math.min(chunk.capacity(), end - position));
            while (chunk.hasRemaining()) {
                if (channel.read(chunk, position + chunk.position()) < 0) {
                    throw new EOFException(file + " became shorter while tensor " + entry.name() + " was read");
                }
            }
            chunk.flip();
            consumer.accept(chunk, element, chunk.limit() / size);
            element += chunk.limit() / size;
        }
    }

    private int length(TensorEntry entry) {
        if (entry.elements() > Integer.MAX_VALUE - 8) {
            throw InvalidInputException.of(
                    file,
                    "tensor " + entry.name(),
                    entry.elements() + " elements",
                    "at most " + (Integer.MAX_VALUE - 8));
        }
        return (int) entry.elements();
    }

    private TensorEntry entry(String name) {
        TensorEntry entry = tensors.get(name);
        if (entry == null) {
            throw InvalidInputException.of(file, "tensor " + name, "none", "one of that name among " + names());
        }
        return entry;
    }

    private InvalidInputException wrongType(TensorEntry entry, String expected) {
        return InvalidInputException.of(file, "tensor " + entry.name(), "dtype " + entry.type(), expected);
    }

    private interface ChunkConsumer {
        void accept(ByteBuffer chunk, int firstElement, int elements);
    }

    private interface ElementReader {
        long at(ByteBuffer chunk, int byteIndex);
    }
}
