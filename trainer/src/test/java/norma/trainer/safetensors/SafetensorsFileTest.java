package norma.trainer.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.golden.GoldenFixture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("unit")
class SafetensorsFileTest {
    @TempDir
    Path folder;

    private static String tensor(String dtype, String shape, String offsets) {
        return "{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
    }

    /** Each lie in a header over 16 data bytes, and what the message must say about it. */
    static Stream<Arguments> lies() {
        String good = tensor("F32", "[2]", "[0,8]");
        return Stream.of(
                Arguments.of("{\"a\":" + tensor("F32", "[4]", "[8,24]") + "}", "tensor a", "[8, 24]", "16 data bytes"),
                Arguments.of(
                        "{\"a\":" + tensor("F32", "[2]", "[9223372036854775800,9223372036854775807]") + "}",
                        "tensor a",
                        "9223372036854775807",
                        "16 data bytes"),
                Arguments.of(
                        "{\"a\":" + good + ",\"b\":" + tensor("F32", "[3]", "[4,16]") + "}",
                        "tensor b",
                        "start at 4",
                        "8, where tensor a ends: the ranges overlap"),
                Arguments.of(
                        "{\"a\":" + tensor("F32", "[1]", "[0,4]") + ",\"b\":" + tensor("F32", "[2]", "[8,16]") + "}",
                        "tensor b",
                        "start at 8",
                        "there is a hole"),
                Arguments.of("{\"a\":" + tensor("F32", "[2]", "[8,16]") + "}", "tensor a", "start at 8", "a hole"),
                Arguments.of("{\"a\":" + good + "}", "data", "16 bytes", "8, where tensor a ends"),
                Arguments.of("{}", "data", "16 bytes", "0, where the header ends"),
                Arguments.of("{\"a\":" + tensor("F32", "[4]", "[-16,0]") + "}", "tensor a", "[-16,0]", "whole numbers"),
                Arguments.of("{\"a\":" + tensor("F32", "[-4]", "[0,16]") + "}", "tensor a", "[-4]", "whole numbers"),
                Arguments.of("{\"a\":" + tensor("F32", "[-2,-2]", "[0,16]") + "}", "tensor a", "[-2,-2]", "shape"),
                Arguments.of("{\"a\":" + tensor("F32", "[4]", "[16,0]") + "}", "tensor a", "[16, 0]", "not before"),
                Arguments.of("{\"a\":" + tensor("F32", "[4]", "[0,16,16]") + "}", "tensor a", "[0, 16, 16]", "begin"),
                Arguments.of(
                        "{\"a\":" + tensor("F32", "[4294967296,4294967296]", "[0,0]") + "}",
                        "tensor a",
                        "overflows",
                        "0 bytes"),
                Arguments.of(
                        "{\"a\":" + tensor("F32", "[4611686018427387904]", "[0,0]") + "}",
                        "tensor a",
                        "overflows",
                        "F32"),
                Arguments.of("{\"a\":" + tensor("F32", "[3]", "[0,16]") + "}", "tensor a", "16 bytes", "12 bytes"),
                Arguments.of("{\"a\":" + tensor("F64", "[4]", "[0,16]") + "}", "tensor a", "16 bytes", "32 bytes"),
                Arguments.of("{\"a\":" + good + ",\"a\":" + good + "}", "header", "Duplicate field 'a'", "unique"),
                Arguments.of("{\"a\":" + tensor("F33", "[4]", "[0,16]") + "}", "tensor a", "\"F33\"", "BF16"),
                Arguments.of("{\"a\":" + tensor("f32", "[4]", "[0,16]") + "}", "tensor a", "\"f32\"", "F32"),
                Arguments.of("{\"a\":{\"shape\":[4],\"data_offsets\":[0,16]}}", "tensor a", "dtype (none)", "F32"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,16]}}", "tensor a", "shape (none)", "list"),
                Arguments.of("{\"a\":{\"dtype\":\"F32\",\"shape\":[4]}}", "tensor a", "data_offsets (none)", "list"),
                Arguments.of("{\"a\":" + tensor("F32", "[4.0]", "[0,16]") + "}", "tensor a", "[4.0]", "whole numbers"),
                Arguments.of("{\"a\":" + tensor("F32", "[\"4\"]", "[0,16]") + "}", "tensor a", "[\"4\"]", "whole"),
                Arguments.of(
                        "{\"a\":" + tensor("F32", "[99999999999999999999]", "[0,16]") + "}",
                        "tensor a",
                        "99999999999999999999",
                        "whole numbers from 0"),
                Arguments.of("{\"a\":7}", "tensor a", "found 7", "an object"),
                Arguments.of(
                        "{\"__metadata__\":{\"n\":1},\"a\":" + good + "}", "__metadata__.n", "found 1", "a string"),
                Arguments.of("{\"__metadata__\":[]}", "__metadata__", "found []", "object of strings"),
                Arguments.of("{\"a\":" + good, "header", "Unexpected end", "JSON"),
                Arguments.of("[1]", "header", "no '{'", "JSON object"),
                Arguments.of(" {}", "header", "no '{'", "JSON object"),
                Arguments.of("", "header", "no '{'", "JSON object"),
                Arguments.of("{} {}", "header", "Trailing token", "JSON object"));
    }

    @ParameterizedTest
    @MethodSource("lies")
    void lyingHeader_isRefusedNamingFileTensorAndNumbers(String header, String where, String found, String expected)
            throws IOException {
        Path file = write(header.getBytes(StandardCharsets.UTF_8), new byte[16]);
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(file + ": " + where)
                .hasMessageContaining(found)
                .hasMessageContaining(expected);
    }

    @Test
    void headerOf100Gigabytes_isRefusedWithoutAllocating() throws IOException {
        Path file = raw(ByteBuffer.allocate(24)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(100L << 30)
                .array());
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": header length: found 107374182400 bytes, expected at most 100000000");
    }

    @Test
    void headerLengthWithTheTopBit_isReadAsUnsigned() throws IOException {
        Path file = raw(ByteBuffer.allocate(24).putLong(-1).array());
        assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("found 18446744073709551615 bytes");
    }

    @Test
    void headerOver100Megabytes_isRefusedEvenWhenTheFileHasThem() throws IOException {
        Path file = folder.resolve("sparse.safetensors");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.writeLong(Long.reverseBytes(100_000_001));
            sparse.setLength(200_000_000);
        }
        assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("found 100000001 bytes");
    }

    @Test
    void truncatedFiles_areRefusedAtEveryLength() throws IOException {
        byte[] whole = Files.readAllBytes(write(
                ("{\"a\":" + tensor("F32", "[4]", "[0,16]") + "}").getBytes(StandardCharsets.UTF_8), new byte[16]));
        for (int length = 0; length < whole.length; length++) {
            Path file = folder.resolve("cut" + length);
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> SafetensorsFile.open(file))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith(file + ": ");
        }
    }

    @Test
    void headerThatIsNotUtf8_isRefused() throws IOException {
        Path file = write(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}', ' '}, new byte[0]);
        assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("not UTF-8");
    }

    @Test
    void missingFileAndFolder_areRefused() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("found none");
        assertThatThrownBy(() -> SafetensorsFile.open(folder)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void emptyTensorsScalarsAndMetadata_areAllowed() throws IOException {
        String header = "{\"__metadata__\":{\"format\":\"pt\"},\"none\":" + tensor("F32", "[0,3]", "[0,0]")
                + ",\"one\":" + tensor("I64", "[]", "[0,8]") + "}   ";
        byte[] data = {42, 0, 0, 0, 0, 0, 0, 0};
        try (SafetensorsFile file = SafetensorsFile.open(write(header.getBytes(StandardCharsets.UTF_8), data))) {
            assertThat(file.names()).containsExactly("none", "one");
            assertThat(file.read("none").values()).isEmpty();
            assertThat(file.shape("one")).isEmpty();
            assertThat(file.readLongs("one")).containsExactly(42);
            assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
        }
    }

    @Test
    void everyFloatType_decodesItsKnownBitPatterns() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putDouble(0.1).putDouble(-0.0);
        for (int half : new int[] {0x3c00, 0xc000, 0x3555, 0x7bff, 0x0400, 0x03ff, 0x0001, 0x8001, 0x7c00, 0xfc00}) {
            data.putShort((short) half);
        }
        for (int brain : new int[] {0x3f80, 0xc049, 0x7f80, 0x0001, 0x7fc0, 0x8000}) {
            data.putShort((short) brain);
        }
        String header = "{\"d\":" + tensor("F64", "[2]", "[0,16]") + ",\"h\":" + tensor("F16", "[10]", "[16,36]")
                + ",\"b\":" + tensor("BF16", "[6]", "[36,48]") + ",\"i\":" + tensor("U8", "[16]", "[48,64]") + "}";
        Path path = write(header.getBytes(StandardCharsets.UTF_8), data.array());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.read("d").values()).containsExactly(0.1f, -0.0f);
            // IEEE 754-2019, table 3.5 and the largest, smallest normal and subnormal numbers of binary16
            assertThat(file.read("h").values())
                    .containsExactly(
                            1f,
                            -2f,
                            0x1.554p-2f,
                            65504f,
                            0x1p-14f,
                            0x1.ff8p-15f,
                            0x1p-24f,
                            -0x1p-24f,
                            Float.POSITIVE_INFINITY,
                            Float.NEGATIVE_INFINITY);
            assertThat(file.read("b").values())
                    .containsExactly(1f, -3.140625f, Float.POSITIVE_INFINITY, 0x1p-133f, Float.NaN, -0.0f);
            assertThatThrownBy(() -> file.read("i"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("tensor i: found dtype U8, expected F32, F16, BF16 or F64");
            assertThatThrownBy(() -> file.readLongs("h")).hasMessageContaining("expected a type of whole numbers");
            assertThatThrownBy(() -> file.read("x"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("tensor x: found none");
        }
        assertThat(Float.isNaN(HalfPrecision.fromFloat16((short) 0x7e01))).isTrue();
    }

    @Test
    void everyWholeType_isReadWithItsSign() throws IOException {
        String[] types = {"BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "I64"};
        int[] bytes = {1, 1, 1, 2, 2, 4, 4, 8};
        long[] expected = {255, 255, -1, 65535, -1, 4294967295L, -1, -1};
        for (int i = 0; i < types.length; i++) {
            byte[] ones = new byte[bytes[i]];
            Arrays.fill(ones, (byte) 0xff);
            String header = "{\"a\":" + tensor(types[i], "[1]", "[0," + bytes[i] + "]") + "}";
            try (SafetensorsFile file = SafetensorsFile.open(write(header.getBytes(StandardCharsets.UTF_8), ones))) {
                assertThat(file.readLongs("a")).as(types[i]).containsExactly(expected[i]);
            }
        }
        byte[] huge = new byte[8];
        huge[7] = (byte) 0x80;
        String header = "{\"a\":" + tensor("U64", "[1]", "[0,8]") + "}";
        try (SafetensorsFile file = SafetensorsFile.open(write(header.getBytes(StandardCharsets.UTF_8), huge))) {
            assertThatThrownBy(() -> file.readLongs("a")).hasMessageContaining("found 9223372036854775808");
        }
    }

    /** The bytes of a file that another implementation wrote, mapped and read. */
    @Test
    void mappedTensors_holdWhatReadingGives() throws IOException {
        Path path = GoldenFixture.of("bert").folder().resolve("model.safetensors");
        int mapped = 0;
        Map<String, ByteBuffer> maps = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (String name : file.names()) {
                maps.put(name, file.map(name));
            }
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) { // the maps outlive the first opening
            for (String name : file.names()) {
                if (maps.get(name) != null) {
                    float[] values = file.read(name).values();
                    float[] theirs = new float[values.length];
                    maps.get(name).asFloatBuffer().get(theirs);
                    assertThat(theirs).as(name).containsExactly(values);
                    assertThat(maps.get(name).isDirect()).isTrue();
                    mapped++;
                }
            }
            assertThat(mapped).isEqualTo(file.names().size());
        }
    }

    @Test
    void whatCannotBeUsedAsItLies_isNotMapped() throws IOException {
        String header = "{\"h\":" + tensor("F16", "[2]", "[0,4]") + ",\"b\":" + tensor("U8", "[1]", "[4,5]") + ",\"f\":"
                + tensor("F32", "[1]", "[5,9]") + "}";
        while (header.length() % 8 != 0) {
            header += " ";
        }
        ByteBuffer data = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat(5, 6.5f);
        try (SafetensorsFile file =
                SafetensorsFile.open(write(header.getBytes(StandardCharsets.UTF_8), data.array()))) {
            assertThat(file.map("h")).isNull();
            assertThat(file.map("f")).as("not aligned").isNull();
            assertThat(file.read("f").values()).containsExactly(6.5f);
            assertThatThrownBy(() -> file.map("x")).isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void tensorBeyondFourGigabytes_isReadAtItsPlace() throws IOException {
        long gap = 5L << 30;
        String header = "{\"gap\":" + tensor("U8", "[" + gap + "]", "[0," + gap + "]") + ",\"a\":"
                + tensor("F32", "[1]", "[" + gap + "," + (gap + 4) + "]") + "}";
        Path path = folder.resolve("large.safetensors");
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.writeLong(Long.reverseBytes(text.length));
            sparse.write(text);
            sparse.seek(8 + text.length + gap);
            sparse.writeInt(Integer.reverseBytes(Float.floatToIntBits(6.5f)));
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.read("a").values()).containsExactly(6.5f);
            ByteBuffer mapped = file.map("a");
            assertThat(mapped == null ? 6.5f : mapped.getFloat(0))
                    .isEqualTo(6.5f); // null if the header leaves it unaligned
            assertThatThrownBy(() -> file.readLongs("gap")).hasMessageContaining(gap + " elements");
        }
    }

    private Path raw(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("raw.safetensors"), bytes);
    }

    private Path write(byte[] header, byte[] data) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        return raw(all.putLong(header.length).put(header).put(data).array());
    }
}
