package norma.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A safetensors file of I64 matrices with one row, laid out by hand. */
final class LongTensors {
    private LongTensors() {}

    static void write(Path file, Map<String, long[]> tensors) throws IOException {
        write(file, tensors, 1);
    }

    /** The same with several rows. */
    static void write(Path file, Map<String, long[]> tensors, int rows) throws IOException {
        write(file, tensors, rows, "");
    }

    /** The same, of which one holds a square matrix for each row. */
    static void write(Path file, Map<String, long[]> tensors, int rows, String square) throws IOException {
        ObjectNode header = new ObjectMapper().createObjectNode();
        int bytes = 0;
        for (Map.Entry<String, long[]> tensor : tensors.entrySet()) {
            int end = bytes + tensor.getValue().length * Long.BYTES;
            ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", "I64");
            int ofRow = tensor.getValue().length / rows;
            if (tensor.getKey().equals(square)) {
                int side = (int) Math.round(Math.sqrt(ofRow));
                entry.putArray("shape").add(rows).add(side).add(side);
            } else {
                entry.putArray("shape").add(rows).add(ofRow);
            }
            entry.putArray("data_offsets").add(bytes).add(end);
            bytes = end;
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer all = ByteBuffer.allocate(Long.BYTES + json.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
        all.putLong(json.length).put(json);
        tensors.values().forEach(values -> {
            for (long value : values) {
                all.putLong(value);
            }
        });
        Files.write(file, all.array());
    }
}
