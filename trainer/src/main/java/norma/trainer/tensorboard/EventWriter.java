package norma.trainer.tensorboard;

import com.google.protobuf.ByteString;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import norma.datasets.files.FileProblem;
import org.tensorflow.framework.DataType;
import org.tensorflow.framework.Summary;
import org.tensorflow.framework.SummaryMetadata;
import org.tensorflow.framework.TensorProto;
import org.tensorflow.framework.TensorShapeProto;
import org.tensorflow.util.Event;
import org.tensorflow.util.SessionLog;

/**
 * Writes a TensorBoard event file, {@code events.out.tfevents.<seconds>.<host>.<process>}.
 *
 * <p>Every method throws {@link UncheckedIOException} when the disk refuses. What was written since the last
 * {@link #flush} is lost on a kill; TensorBoard skips a record that was cut off. One thread uses it.
 */
public final class EventWriter implements AutoCloseable {
    private static final String PREFIX = "events.out.tfevents.";
    private static final String DESCRIPTION = ".description";
    private static final byte[] PNG_MAGIC = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final int PNG_HEADER = 26; // magic, IHDR's length and name, width, height, depth, colour type

    private final Path file;
    private final FileChannel channel;
    private final OutputStream out;

    private EventWriter(Path file) throws IOException {
        this.file = file;
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
    }

    /**
     * Starts an event file in a folder, which is made if need be.
     *
     * @param folder the run's {@code tensorboard} folder
     */
    public static EventWriter open(Path folder) {
        try {
            Files.createDirectories(folder);
            return start(folder.resolve(nextName(folder)));
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot start an event file: " + FileProblem.sentence(e), e);
        }
    }

    private static EventWriter start(Path file) throws IOException {
        EventWriter writer = new EventWriter(file);
        writer.write(Event.newBuilder().setFileVersion("brain.Event:2"));
        writer.flush();
        return writer;
    }

    /**
     * Writes what a run is into an event file of its own: its configuration as a text, and its settings for
     * TensorBoard's HParams page. It comes before the files of the curves, since TensorBoard no longer reads a file
     * once there is a later one, and by itself, since a fork takes over its parent's curves but not what its parent is.
     *
     * @param yaml the configuration
     * @param settings numbers, truth values and texts by key
     */
    public static void describe(Path folder, String yaml, Map<String, Object> settings) {
        try {
            Files.createDirectories(folder);
            try (EventWriter writer = start(folder.resolve(nextName(folder) + DESCRIPTION))) {
                writer.text("config", "```yaml\n" + yaml + "```\n", 0);
                writer.write(
                        0,
                        Summary.Value.newBuilder()
                                .setTag(HParams.TAG)
                                .setMetadata(HParams.metadata(settings, System.currentTimeMillis() / 1e3)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot write an event file: " + FileProblem.sentence(e), e);
        }
    }

    /** Whether {@link #describe} has been here. */
    public static boolean isDescribed(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(EventWriter::isDescription);
        }
    }

    /** Whether an event file is one of {@link #describe}. */
    public static boolean isDescription(Path file) {
        return file.getFileName().toString().endsWith(DESCRIPTION);
    }

    /**
     * Starts a further event file for a run that is resumed; TensorBoard drops what older files of the folder hold from
     * {@code firstNewStep} on.
     *
     * @param firstNewStep the first step that will be written again: that of the checkpoint, plus one
     */
    public static EventWriter resume(Path folder, long firstNewStep) {
        EventWriter writer = open(folder);
        writer.write(Event.newBuilder()
                .setStep(firstNewStep)
                .setSessionLog(SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START)));
        writer.flush();
        return writer;
    }

    /** Later files sort after earlier ones, even within a second or with a clock put back. */
    private static String nextName(Path folder) throws IOException {
        long seconds = System.currentTimeMillis() / 1000;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith(PREFIX)) {
                    String digits = name.substring(PREFIX.length()).split("\\.", -1)[0];
                    if (digits.matches("\\d{1,18}")) {
                        seconds = Math.max(seconds, Long.parseLong(digits) + 1);
                    }
                }
            }
        }
        return PREFIX + seconds + "." + host() + "." + ProcessHandle.current().pid();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9_.-]", "_");
        } catch (UnknownHostException e) {
            return "localhost"; // only a part of the file's name
        }
    }

    /** The file written to. */
    public Path file() {
        return file;
    }

    /** One number; it is kept as a float. */
    public void scalar(String tag, double value, long step) {
        write(step, Summary.Value.newBuilder().setTag(tag).setSimpleValue((float) value));
    }

    /**
     * The distribution of a vector, in 64 bins of equal width; NaN and infinities are left out.
     *
     * @param from where the vector begins in {@code values}
     * @param length its length
     */
    public void histogram(String tag, float[] values, int from, int length, long step) {
        write(step, Summary.Value.newBuilder().setTag(tag).setHisto(Histograms.of(values, from, length)));
    }

    /** A picture, as the bytes of a PNG file. */
    public void image(String tag, byte[] png, long step) {
        if (png.length < PNG_HEADER || !Arrays.equals(png, 0, PNG_MAGIC.length, PNG_MAGIC, 0, PNG_MAGIC.length)) {
            throw new IllegalArgumentException("image " + tag + " is not a PNG file");
        }
        ByteBuffer header = ByteBuffer.wrap(png);
        write(
                step,
                Summary.Value.newBuilder()
                        .setTag(tag)
                        .setImage(Summary.Image.newBuilder()
                                .setWidth(header.getInt(16))
                                .setHeight(header.getInt(20))
                                .setColorspace(channels(png[25]))
                                .setEncodedImageString(ByteString.copyFrom(png))));
    }

    /** The message's colour space is the number of channels; so PNG's colour types translate. */
    private static int channels(byte pngColourType) {
        return switch (pngColourType) {
            case 0 -> 1;
            case 4 -> 2;
            case 6 -> 4;
            default -> 3;
        };
    }

    /** A text; TensorBoard shows it as Markdown. */
    public void text(String tag, String markdown, long step) {
        write(
                step,
                Summary.Value.newBuilder()
                        .setTag(tag)
                        .setMetadata(SummaryMetadata.newBuilder()
                                .setPluginData(
                                        SummaryMetadata.PluginData.newBuilder().setPluginName("text")))
                        .setTensor(TensorProto.newBuilder()
                                .setDtype(DataType.DT_STRING)
                                .setTensorShape(TensorShapeProto.newBuilder()
                                        .addDim(TensorShapeProto.Dim.newBuilder()
                                                .setSize(1)))
                                .addStringVal(ByteString.copyFromUtf8(markdown))));
    }

    private void write(long step, Summary.Value.Builder value) {
        write(Event.newBuilder().setStep(step).setSummary(Summary.newBuilder().addValue(value)));
    }

    private void write(Event.Builder event) {
        event.setWallTime(System.currentTimeMillis() / 1e3);
        try {
            RecordFraming.write(out, event.build().toByteArray());
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Returns when everything so far is on the disk. */
    public void flush() {
        try {
            out.flush();
            channel.force(false);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        try (channel) {
            if (channel.isOpen()) {
                out.flush();
                channel.force(false);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private UncheckedIOException failed(IOException e) {
        return new UncheckedIOException(file + ": cannot write events: " + FileProblem.reason(e), e);
    }
}
