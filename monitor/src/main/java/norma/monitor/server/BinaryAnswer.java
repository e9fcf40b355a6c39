package norma.monitor.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import norma.monitor.recording.Recordings;

/**
 * Numbers as a browser takes them without parsing: little-endian, the length of a JSON text as 32 bits, the text,
 * filled up with spaces to a multiple of 4 bytes, then float32 values.
 */
final class BinaryAnswer {
    private BinaryAnswer() {}

    static void send(Context context, ObjectNode header, Recordings.Values values) {
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 3) / 4 * 4;
        int floats = values.arrays().stream().mapToInt(array -> array.length).sum();
        ByteBuffer out = ByteBuffer.allocate(Integer.BYTES + padded + floats * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(padded).put(json);
        for (int i = json.length; i < padded; i++) {
            out.put((byte) ' ');
        }
        for (float[] array : values.arrays()) {
            out.asFloatBuffer().put(array);
            out.position(out.position() + array.length * Float.BYTES);
        }
        context.contentType("application/octet-stream");
        context.result(out.array());
    }
}
