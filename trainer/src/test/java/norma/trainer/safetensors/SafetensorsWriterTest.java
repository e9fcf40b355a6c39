package norma.trainer.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import norma.trainer.golden.GoldenFixture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class SafetensorsWriterTest {
    @TempDir
    Path folder;

    @Test
    void smallFile_hasTheDocumentedBytes() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        tensors.put("z", new HostTensor(new long[] {2, 1}, new float[] {1f, -2f}));
        tensors.put("ä", new HostTensor(new long[] {}, new float[] {0.5f}));
        SafetensorsWriter.write(file, tensors, Map.of("format", "pt"));

        String header = "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"z\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
                + "\"ä\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}";
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        int padded = (text.length + 7) / 8 * 8;
        byte[] spaces = new byte[padded - text.length];
        Arrays.fill(spaces, (byte) ' ');
        ByteBuffer expected = ByteBuffer.allocate(8 + padded + 12).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(padded).put(text).put(spaces);
        expected.putInt(0x3f800000).putInt(0xc0000000).putInt(0x3f000000);
        assertThat(Files.readAllBytes(file)).isEqualTo(expected.array());
    }

    @Test
    void existingFile_isNotOverwritten() throws IOException {
        Path file = Files.writeString(folder.resolve("a.safetensors"), "mine");
        assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(), Map.of()))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(file).hasContent("mine");
    }

    @Test
    void everyBitPattern_survivesInTensorsLongerThanAChunk() throws IOException {
        float[] values = new float[700_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(i * 0x9e3779b9);
        }
        Path file = folder.resolve("a.safetensors");
        SafetensorsWriter.write(file, Map.of("a", new HostTensor(new long[] {700_001}, values)), Map.of());
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            float[] back = read.read("a").values();
            for (int i = 0; i < values.length; i++) {
                assertThat(Float.floatToRawIntBits(back[i])).isEqualTo(Float.floatToRawIntBits(values[i]));
            }
            assertThat(read.metadata()).isEmpty();
        }
    }

    @Test
    void referenceModels_areWrittenAgainWithEqualNamesShapesAndDataBytes() throws IOException {
        List<Path> models;
        try (Stream<Path> files = Files.walk(GoldenFixture.root())) {
            models = files.filter(f -> f.endsWith("model.safetensors")).sorted().toList();
        }
        assertThat(models).as("model.safetensors under the golden folder").isNotEmpty();
        for (Path model : models) {
            Path copy = folder.resolve(models.indexOf(model) + ".safetensors");
            try (SafetensorsFile original = SafetensorsFile.open(model)) {
                Map<String, HostTensor> tensors = new LinkedHashMap<>();
                for (String name : original.names()) {
                    tensors.put(name, original.read(name));
                }
                SafetensorsWriter.write(copy, tensors, original.metadata());
                try (SafetensorsFile again = SafetensorsFile.open(copy)) {
                    assertThat(again.names()).isEqualTo(original.names());
                    assertThat(again.metadata()).isEqualTo(original.metadata());
                    for (String name : original.names()) {
                        assertThat(again.shape(name)).isEqualTo(original.shape(name));
                    }
                }
            }
            assertThat(data(copy)).as("%s", model).isEqualTo(data(model));
        }
        System.out.println("written again byte for byte: " + models.size() + " reference models");
    }

    private static byte[] data(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        long header = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return Arrays.copyOfRange(all, (int) (8 + header), all.length);
    }
}
