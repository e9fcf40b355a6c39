package norma.trainer.tensorboard;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.framework.SummaryMetadata;

/**
 * The message that TensorBoard's HParams page reads. It is not among TensorFlow's published messages, so its fields are
 * written by their numbers.
 *
 * <p>Source: TensorBoard, {@code tensorboard/plugins/hparams/plugin_data.proto}: an {@code HParamsPluginData} with a
 * {@code SessionStartInfo}.
 */
final class HParams {
    static final String TAG = "_hparams_/session_start_info";
    private static final String PLUGIN = "hparams";
    private static final int SESSION_START_INFO = 3;
    private static final int HPARAMS = 1;
    private static final int KEY = 1;
    private static final int VALUE = 2;
    private static final int START_TIME = 5;

    private HParams() {}

    /**
     * The metadata of a summary that starts a session.
     *
     * @param settings numbers, truth values and texts by key
     * @param startSeconds since 1970
     */
    static SummaryMetadata metadata(Map<String, Object> settings, double startSeconds) throws IOException {
        ByteString session = message(out -> {
            for (Map.Entry<String, Object> setting : new TreeMap<>(settings).entrySet()) {
                out.writeBytes(HPARAMS, message(entry -> {
                    entry.writeString(KEY, setting.getKey());
                    entry.writeMessage(VALUE, value(setting.getValue()));
                }));
            }
            out.writeDouble(START_TIME, startSeconds);
        });
        ByteString data = message(out -> out.writeBytes(SESSION_START_INFO, session));
        return SummaryMetadata.newBuilder()
                .setPluginData(SummaryMetadata.PluginData.newBuilder()
                        .setPluginName(PLUGIN)
                        .setContent(data))
                .build();
    }

    private static Value value(Object setting) {
        Value.Builder value = Value.newBuilder();
        if (setting instanceof Boolean truth) {
            return value.setBoolValue(truth).build();
        }
        if (setting instanceof Number number) {
            return value.setNumberValue(number.doubleValue()).build();
        }
        return value.setStringValue(setting.toString()).build();
    }

    private static ByteString message(Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        fields.write(out);
        out.flush();
        return ByteString.copyFrom(bytes.toByteArray());
    }

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }
}
