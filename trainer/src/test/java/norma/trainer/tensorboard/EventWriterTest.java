package norma.trainer.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.Descriptors;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.StructProto;
import com.google.protobuf.Value;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.HistogramProto;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;
import org.tensorflow.util.SessionLog;

/** What we write, read back by a decoder made from the format's description, with a CRC of its own. */
@Tag("unit")
class EventWriterTest {
    @TempDir
    Path folder;

    @Test
    void theDecodersOwnCrc_givesThePublishedCheckValue() {
        assertThat(crc32c("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xE3069283L);
    }

    @Test
    void theFirstRecordIsTheFileVersion() throws IOException {
        Path file;
        try (EventWriter events = EventWriter.open(folder)) {
            file = events.file();
        }
        List<Event> read = decode(file);
        assertThat(read).hasSize(1);
        assertThat(read.get(0).getFileVersion()).isEqualTo("brain.Event:2");
        assertThat(Math.abs(read.get(0).getWallTime() - System.currentTimeMillis() / 1e3))
                .isLessThan(600);
        assertThat(file.getFileName().toString()).matches("events\\.out\\.tfevents\\.\\d{10}\\.[A-Za-z0-9_.-]+");
    }

    @Test
    void scalars_keepTagStepAndValue() throws IOException {
        List<Event> read = write(events -> {
            events.scalar("train/loss", 9.25, 0);
            events.scalar("train/loss", 1e-30, 3_000_000_000L);
            events.scalar("train/loss", Double.NaN, 5);
        });
        assertThat(read).hasSize(4);
        assertThat(read.get(1).getSummary().getValue(0).getTag()).isEqualTo("train/loss");
        assertThat(read.get(1).getSummary().getValue(0).getSimpleValue()).isEqualTo(9.25f);
        assertThat(read.get(2).getStep()).isEqualTo(3_000_000_000L);
        assertThat(read.get(2).getSummary().getValue(0).getSimpleValue()).isEqualTo(1e-30f);
        assertThat(read.get(3).getSummary().getValue(0).getSimpleValue()).isNaN();
    }

    @Test
    void histogram_ofKnownValues() throws IOException {
        float[] values = {100, 1, 2, 2, 4, 5, -7};
        HistogramProto histogram =
                only(write(events -> events.histogram("h", values, 1, 5, 7))).getHisto();
        assertThat(histogram.getMin()).isEqualTo(1);
        assertThat(histogram.getMax()).isEqualTo(5);
        assertThat(histogram.getNum()).isEqualTo(5);
        assertThat(histogram.getSum()).isEqualTo(14);
        assertThat(histogram.getSumSquares()).isEqualTo(1 + 4 + 4 + 16 + 25);
        assertThat(histogram.getBucketList()).hasSameSizeAs(histogram.getBucketLimitList());
        // Count for each bin again, from what the message says that a bin is: (limit before, limit].
        double below = Double.NEGATIVE_INFINITY;
        for (int bin = 0; bin < histogram.getBucketCount(); bin++) {
            double limit = histogram.getBucketLimit(bin);
            assertThat(limit).isGreaterThan(below);
            int expected = 0;
            for (int i = 1; i <= 5; i++) {
                expected += values[i] > below && values[i] <= limit ? 1 : 0;
            }
            assertThat(histogram.getBucket(bin)).as("bin %s", bin).isEqualTo(expected);
            below = limit;
        }
        assertThat(below).isEqualTo(5);
    }

    @Test
    void histogram_ofOneValueAndOfNone() throws IOException {
        HistogramProto constant = only(write(events -> events.histogram("h", new float[] {1, 1, Float.NaN}, 0, 3, 0)))
                .getHisto();
        assertThat(constant.getNum()).isEqualTo(2);
        assertThat(constant.getMin()).isEqualTo(1);
        assertThat(constant.getBucketList()).containsExactly(2.0);
        assertThat(constant.getBucketLimitList()).containsExactly(1.0);
        HistogramProto none = only(write(events -> events.histogram("h", new float[] {Float.NaN}, 0, 1, 0)))
                .getHisto();
        assertThat(none.getNum()).isZero();
    }

    @Test
    void image_carriesItsSizeAndItsBytes() throws IOException {
        byte[] png = png(37, 11);
        Summary.Image image =
                only(write(events -> events.image("figure", png, 200))).getImage();
        assertThat(image.getWidth()).isEqualTo(37);
        assertThat(image.getHeight()).isEqualTo(11);
        assertThat(image.getColorspace()).isEqualTo(3);
        BufferedImage back = ImageIO.read(
                new ByteArrayInputStream(image.getEncodedImageString().toByteArray()));
        assertThat(back.getWidth()).isEqualTo(37);
        assertThatThrownBy(() -> write(events -> events.image("figure", new byte[50], 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("figure");
    }

    @Test
    void text_isAStringTensorOfTheTextPlugin() throws IOException {
        Summary.Value value = only(write(events -> events.text("config", "**größe** 💡", 0)));
        assertThat(value.getMetadata().getPluginData().getPluginName()).isEqualTo("text");
        assertThat(value.getTensor().getDtype()).isEqualTo(DataType.DT_STRING);
        assertThat(value.getTensor().getTensorShape().getDim(0).getSize()).isEqualTo(1);
        assertThat(value.getTensor().getStringVal(0).toStringUtf8()).isEqualTo("**größe** 💡");
    }

    /** TensorBoard's plugin_data.proto, which is not among TensorFlow's published messages. */
    private static Descriptors.Descriptor hparamsPluginData() throws Descriptors.DescriptorValidationException {
        FileDescriptorProto file = FileDescriptorProto.newBuilder()
                .setName("plugin_data.proto")
                .setSyntax("proto3")
                .addDependency("google/protobuf/struct.proto")
                .addMessageType(DescriptorProto.newBuilder()
                        .setName("HParamsPluginData")
                        .addField(field("version", 1, FieldDescriptorProto.Type.TYPE_INT32, ""))
                        .addField(field(
                                "session_start_info", 3, FieldDescriptorProto.Type.TYPE_MESSAGE, ".SessionStartInfo")))
                .addMessageType(DescriptorProto.newBuilder()
                        .setName("SessionStartInfo")
                        .addNestedType(DescriptorProto.newBuilder()
                                .setName("HparamsEntry")
                                .setOptions(MessageOptions.newBuilder().setMapEntry(true))
                                .addField(field("key", 1, FieldDescriptorProto.Type.TYPE_STRING, ""))
                                .addField(field(
                                        "value", 2, FieldDescriptorProto.Type.TYPE_MESSAGE, ".google.protobuf.Value")))
                        .addField(field(
                                        "hparams",
                                        1,
                                        FieldDescriptorProto.Type.TYPE_MESSAGE,
                                        ".SessionStartInfo.HparamsEntry")
                                .toBuilder()
                                .setLabel(FieldDescriptorProto.Label.LABEL_REPEATED))
                        .addField(field("group_name", 4, FieldDescriptorProto.Type.TYPE_STRING, ""))
                        .addField(field("start_time_secs", 5, FieldDescriptorProto.Type.TYPE_DOUBLE, "")))
                .build();
        Descriptors.FileDescriptor[] needed = {StructProto.getDescriptor()};
        return Descriptors.FileDescriptor.buildFrom(file, needed).findMessageTypeByName("HParamsPluginData");
    }

    private static FieldDescriptorProto field(String name, int number, FieldDescriptorProto.Type type, String message) {
        FieldDescriptorProto.Builder field = FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(type)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
        return message.isEmpty() ? field.build() : field.setTypeName(message).build();
    }

    private static Object get(Message message, String field) {
        return message.getField(message.getDescriptorForType().findFieldByName(field));
    }

    @Test
    void description_hasTheConfigurationAsText_andItsSettingsForTheHparamsPage() throws Exception {
        Map<String, Object> settings = Map.of(
                "optimizer.learning_rate", 2e-3, "seed", 7, "data.corpus", "wordnet", "data.whole_word_masking", true);
        EventWriter.describe(folder, "seed: 7\n", settings);
        Path file;
        try (var files = Files.list(folder)) {
            file = files.filter(EventWriter::isDescription).findFirst().orElseThrow();
        }
        List<Event> events = decode(file);
        assertThat(events).hasSize(3);
        Summary.Value text = events.get(1).getSummary().getValue(0);
        assertThat(text.getTag()).isEqualTo("config");
        assertThat(text.getTensor().getStringVal(0).toStringUtf8()).isEqualTo("```yaml\nseed: 7\n```\n");
        Summary.Value hparams = events.get(2).getSummary().getValue(0);
        assertThat(hparams.getTag()).isEqualTo("_hparams_/session_start_info");
        assertThat(hparams.getMetadata().getPluginData().getPluginName()).isEqualTo("hparams");
        DynamicMessage data = DynamicMessage.parseFrom(
                hparamsPluginData(), hparams.getMetadata().getPluginData().getContent());
        assertThat(data.getUnknownFields().asMap()).isEmpty();
        Message session = (Message) get(data, "session_start_info");
        Map<Object, Value> found = new TreeMap<>();
        for (Object entry : (List<?>) get(session, "hparams")) {
            found.put(
                    get((Message) entry, "key"),
                    Value.parseFrom(((Message) get((Message) entry, "value")).toByteString()));
        }
        assertThat(found.keySet())
                .containsExactly("data.corpus", "data.whole_word_masking", "optimizer.learning_rate", "seed");
        assertThat(found.get("data.corpus").getStringValue()).isEqualTo("wordnet");
        assertThat(found.get("data.whole_word_masking").getBoolValue()).isTrue();
        assertThat(found.get("optimizer.learning_rate").getNumberValue()).isEqualTo(2e-3);
        assertThat(found.get("seed").getNumberValue()).isEqualTo(7);
        assertThat((double) get(session, "start_time_secs")).isCloseTo(System.currentTimeMillis() / 1e3, within(600.0));
    }

    @Test
    void description_sortsBeforeTheCurvesThatFollow() throws IOException {
        EventWriter.describe(folder, "", Map.of());
        assertThat(EventWriter.isDescribed(folder)).isTrue();
        try (EventWriter events = EventWriter.open(folder);
                var files = Files.list(folder)) {
            assertThat(files.sorted().toList()).hasSize(2).last().isEqualTo(events.file());
        }
    }

    @Test
    void resume_startsAFileThatSortsLaterAndTellsTensorBoardToDropTheNewSteps() throws IOException {
        Path first;
        try (EventWriter events = EventWriter.open(folder)) {
            events.scalar("a", 1, 100);
            first = events.file();
        }
        Path second;
        try (EventWriter events = EventWriter.resume(folder, 51)) {
            second = events.file();
        }
        assertThat(second.getFileName().toString())
                .isGreaterThan(first.getFileName().toString());
        Event start = decode(second).get(1);
        assertThat(start.getStep()).isEqualTo(51);
        assertThat(start.getSessionLog().getStatus()).isEqualTo(SessionLog.SessionStatus.START);
        assertThat(decode(first)).hasSize(2);
    }

    @Test
    void whatWasFlushed_isOnDiskBeforeClosing() throws IOException {
        try (EventWriter events = EventWriter.open(folder)) {
            events.scalar("a", 1, 1);
            assertThat(decode(events.file())).hasSize(1);
            events.flush();
            assertThat(decode(events.file())).hasSize(2);
        }
    }

    @Test
    void aFullDisk_isReportedWithTheFilesName() throws IOException {
        Path full = Path.of("/dev/full");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(full), "skipped: no /dev/full on this system");
        try (var out = Files.newOutputStream(full)) {
            assertThatThrownBy(() -> RecordFraming.write(out, new byte[10])).isInstanceOf(IOException.class);
        }
        Path notAFolder = Files.writeString(folder.resolve("tensorboard"), "x");
        assertThatThrownBy(() -> EventWriter.open(notAFolder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(notAFolder.toString());
    }

    private interface Writes {
        void to(EventWriter events);
    }

    private List<Event> write(Writes writes) throws IOException {
        Path file;
        try (EventWriter events = EventWriter.open(folder)) {
            writes.to(events);
            file = events.file();
        }
        return decode(file);
    }

    private static Summary.Value only(List<Event> events) {
        assertThat(events).hasSize(2);
        assertThat(events.get(1).getSummary().getValueCount()).isEqualTo(1);
        return events.get(1).getSummary().getValue(0);
    }

    /** Length, masked CRC of it, data, masked CRC of them; checks every CRC and that nothing is left over. */
    static List<Event> decode(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[8];
            in.get(length);
            assertThat(unmask(in.getInt())).as("CRC of a length").isEqualTo(crc32c(length));
            byte[] data = new byte
                    [Math.toIntExact(ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong())];
            in.get(data);
            assertThat(unmask(in.getInt())).as("CRC of the data").isEqualTo(crc32c(data));
            events.add(Event.parseFrom(data));
        }
        return events;
    }

    /** The inverse of the mask: subtract the constant, rotate left by 15. */
    private static long unmask(int masked) {
        long rotated = (masked & 0xffffffffL) - 0xa282ead8L & 0xffffffffL;
        return (rotated << 15 | rotated >>> 17) & 0xffffffffL;
    }

    /** Castagnoli's polynomial, reflected, bit by bit. */
    private static long crc32c(byte[] data) {
        long crc = 0xffffffffL;
        for (byte b : data) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 1 ? crc >>> 1 ^ 0x82F63B78L : crc >>> 1;
            }
        }
        return crc ^ 0xffffffffL;
    }

    private static byte[] png(int width, int height) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", bytes);
        return bytes.toByteArray();
    }
}
