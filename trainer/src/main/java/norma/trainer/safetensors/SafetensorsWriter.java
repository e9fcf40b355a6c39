package norma.trainer.safetensors;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import norma.datasets.files.FileProblem;

/** Writes float32 safetensors files; equal input gives equal bytes. */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;
    private static final JsonMapper JSON = new JsonMapper();

    private SafetensorsWriter() {}

    /**
     * Writes a new file and forces it to the disk. The header is padded with spaces to a multiple of 8 bytes.
     *
     * @param path a file that does not exist yet
     * @param tensors by name, in the order they shall have in the file
     * @param metadata for {@code __metadata__}; Hugging Face expects {@code format: pt}; none when empty
     * @throws IOException naming the file if it cannot be written, {@link java.nio.file.FileAlreadyExistsException} if
     *     it exists
     */
    public static void write(Path path, Map<String, HostTensor> tensors, Map<String, String> metadata)
            throws IOException {
        byte[] header = header(tensors, metadata);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            ByteBuffer prefix = ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
            writeFully(channel, prefix.putLong(header.length).put(header).flip());
            ByteBuffer chunk =
                    ByteBuffer.allocate(HostTensor.PART * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (HostTensor tensor : tensors.values()) {
                for (long from = 0; from < tensor.elements(); from += HostTensor.PART) {
                    int n = (int) Math.min(HostTensor.PART, tensor.elements() - from);
                    chunk.clear().asFloatBuffer().put(tensor.values(from, n), 0, n);
                    writeFully(channel, chunk.limit(n * Float.BYTES));
                }
            }
            channel.force(true);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            throw FileProblem.of(path, e);
        }
    }

    private static byte[] header(Map<String, HostTensor> tensors, Map<String, String> metadata) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode node = root.putObject(SafetensorsHeader.METADATA);
            metadata.forEach(node::put);
        }
        long offset = 0;
        for (Map.Entry<String, HostTensor> tensor : tensors.entrySet()) {
            if (tensor.getKey().equals(SafetensorsHeader.METADATA)) {
                throw new IllegalArgumentException("a tensor cannot be named " + SafetensorsHeader.METADATA);
            }
            ObjectNode node = root.putObject(tensor.getKey()).put("dtype", DType.F32.name());
            ArrayNode shape = node.putArray("shape");
            for (long dimension : tensor.getValue().shape()) {
                shape.add(dimension);
            }
            long end = offset + Float.BYTES * tensor.getValue().elements();
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = JSON.writeValueAsBytes(root);
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (padded > SafetensorsHeader.MAX_HEADER_BYTES) {
            throw new IllegalArgumentException("a header of " + padded + " bytes: too many tensors");
        }
        return (new String(json, StandardCharsets.UTF_8) + " ".repeat(padded - json.length))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
