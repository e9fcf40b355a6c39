package norma.trainer.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.MistakenContent;

/**
 * The header of a safetensors file, believed only after every number in it has been checked against the file: the
 * tensors' byte ranges tile the data without gap or overlap, and each is as long as its shape and type say.
 *
 * @param tensors in the order of their data
 * @param metadata the free-form {@code __metadata__}
 */
record SafetensorsHeader(List<TensorEntry> tensors, Map<String, String> metadata) {
    /** The reference implementation's limit. */
    static final long MAX_HEADER_BYTES = 100_000_000;

    static final int LENGTH_BYTES = 8;
    private static final int START = 1024; // bytes that tell another kind of file
    private static final String EXPECTED = "a safetensors file";
    static final String METADATA = "__metadata__";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static SafetensorsHeader read(FileChannel channel, String file) throws IOException {
        long fileBytes = channel.size();
        if (fileBytes < LENGTH_BYTES) {
            refuseMistaken(channel, file);
            throw InvalidInputException.of(
                    file, "header length", "a file of " + fileBytes + " bytes", "at least 8: a safetensors file");
        }
        long headerBytes = read(channel, 0, LENGTH_BYTES).getLong();
        String found = Long.toUnsignedString(headerBytes) + " bytes";
        if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES || headerBytes > fileBytes - LENGTH_BYTES) {
            refuseMistaken(channel, file);
        }
        if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
            throw InvalidInputException.of(file, "header length", found, "at most " + MAX_HEADER_BYTES);
        }
        if (headerBytes > fileBytes - LENGTH_BYTES) {
            throw InvalidInputException.of(
                    file, "header length", found, "at most the " + (fileBytes - LENGTH_BYTES) + " that follow it");
        }
        JsonNode root = parse(read(channel, LENGTH_BYTES, (int) headerBytes), file);
        return check(root, LENGTH_BYTES + headerBytes, fileBytes, file);
    }

    /** Another kind of file has no length at its start; text is one of terabytes. */
    private static void refuseMistaken(FileChannel channel, String file) throws IOException {
        byte[] start = read(channel, 0, (int) Math.min(channel.size(), START)).array();
        MistakenContent.refuse(start, file, EXPECTED);
        String text = new String(start, StandardCharsets.UTF_8).stripLeading();
        if (text.startsWith("{") || text.startsWith("[")) {
            throw new InvalidInputException(file + ": is JSON, expected " + EXPECTED);
        }
    }

    private static ByteBuffer read(FileChannel channel, long position, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
        }
        return buffer.flip();
    }

    private static JsonNode parse(ByteBuffer bytes, String file) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new InvalidInputException(file + ": header: found bytes that are not UTF-8, expected JSON", e);
        }
        if (!text.startsWith("{")) {
            throw new InvalidInputException(file + ": header: found no '{' at its start, expected a JSON object");
        }
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(
                    file + ": header: found " + e.getOriginalMessage() + ", expected a JSON object with unique names",
                    e);
        }
    }

    private static SafetensorsHeader check(JsonNode root, long dataStart, long fileBytes, String file) {
        Map<String, String> metadata = new LinkedHashMap<>();
        List<TensorEntry> tensors = new ArrayList<>();
        root.fields().forEachRemaining(field -> {
            if (field.getKey().equals(METADATA)) {
                readMetadata(field.getValue(), file, metadata);
            } else {
                tensors.add(entry(field.getKey(), field.getValue(), dataStart, fileBytes, file));
            }
        });
        tensors.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
        long expected = dataStart;
        String before = "the header";
        for (TensorEntry tensor : tensors) {
            if (tensor.begin() != expected) {
                throw invalid(
                        file,
                        tensor.name(),
                        "data_offsets that start at " + (tensor.begin() - dataStart),
                        (expected - dataStart) + ", where " + before + " ends: "
                                + (tensor.begin() < expected ? "the ranges overlap" : "there is a hole"));
            }
            expected = tensor.end();
            before = "tensor " + tensor.name();
        }
        if (expected != fileBytes) {
            throw InvalidInputException.of(
                    file,
                    "data",
                    (fileBytes - dataStart) + " bytes",
                    (expected - dataStart) + ", where " + before + " ends");
        }
        return new SafetensorsHeader(List.copyOf(tensors), metadata);
    }

    private static void readMetadata(JsonNode node, String file, Map<String, String> into) {
        if (!node.isObject()) {
            throw InvalidInputException.of(file, METADATA, node, "an object of strings");
        }
        node.fields().forEachRemaining(field -> {
            if (!field.getValue().isTextual()) {
                throw InvalidInputException.of(file, METADATA + "." + field.getKey(), field.getValue(), "a string");
            }
            into.put(field.getKey(), field.getValue().textValue());
        });
    }

    private static TensorEntry entry(String name, JsonNode node, long dataStart, long fileBytes, String file) {
        if (!node.isObject()) {
            throw invalid(file, name, node, "an object with dtype, shape and data_offsets");
        }
        JsonNode dtype = node.path("dtype");
        DType type = dtype.isTextual() ? DType.named(dtype.textValue()) : null;
        if (type == null) {
            throw invalid(file, name, "dtype " + shown(dtype), DType.names());
        }
        List<Long> shape = wholeNumbers(node.path("shape"), file, name, "shape");
        List<Long> offsets = wholeNumbers(node.path("data_offsets"), file, name, "data_offsets");
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw invalid(file, name, "data_offsets " + offsets, "a begin and an end that is not before it");
        }
        if (offsets.get(1) > fileBytes - dataStart) {
            throw invalid(
                    file,
                    name,
                    "data_offsets " + offsets,
                    "an end within the " + (fileBytes - dataStart) + " data bytes");
        }
        long range = offsets.get(1) - offsets.get(0);
        long needed = type.bytes();
        try {
            for (long dimension : shape) {
                needed = Math.multiplyExact(needed, dimension);
            }
        } catch (ArithmeticException e) {
            throw new InvalidInputException(
                    file + ": tensor " + name + ": found shape " + shape + " whose product overflows, expected " + range
                            + " bytes of " + type,
                    e);
        }
        if (needed != range) {
            throw invalid(
                    file,
                    name,
                    "data_offsets " + offsets + " of " + range + " bytes",
                    needed + " bytes for " + type + " " + shape);
        }
        return new TensorEntry(name, type, shape, dataStart + offsets.get(0), dataStart + offsets.get(1));
    }

    private static List<Long> wholeNumbers(JsonNode node, String file, String name, String key) {
        if (!node.isArray()) {
            throw invalid(file, name, key + " " + shown(node), "a list of whole numbers");
        }
        List<Long> numbers = new ArrayList<>();
        for (JsonNode item : node) {
            if (!item.isIntegralNumber() || !item.canConvertToLong() || item.longValue() < 0) {
                throw invalid(file, name, key + " " + node, "whole numbers from 0 to " + Long.MAX_VALUE);
            }
            numbers.add(item.longValue());
        }
        return List.copyOf(numbers);
    }

    private static String shown(JsonNode node) {
        return node.isMissingNode() ? "(none)" : node.toString();
    }

    private static InvalidInputException invalid(String file, String tensor, Object found, String expected) {
        return InvalidInputException.of(file, "tensor " + tensor, found, expected);
    }
}
