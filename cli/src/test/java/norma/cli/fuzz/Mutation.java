package norma.cli.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A file that something has damaged.
 *
 * @param what was done to it
 * @param bytes what is left
 */
@SuppressWarnings("ArrayRecordComponent") // a hand-over, nothing to compare
record Mutation(String what, byte[] bytes) {
    private static final Pattern VALUE =
            Pattern.compile("\"(?:[^\"\\\\\n]|\\\\.)*\"|-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null");
    private static final List<String> OTHER_VALUES = List.of(
            "null",
            "true",
            "0",
            "-1",
            "1",
            "1.5",
            "2147483647",
            "2147483648",
            "9223372036854775807",
            "99999999999999999999",
            "1e999",
            "NaN",
            "\"\"",
            "\"x\"",
            "\"1\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"../x\"",
            "\"/\"",
            "\"" + "y".repeat(300) + "\"",
            "[]",
            "{}",
            "[[1]]",
            "{\"a\": 1}",
            "[".repeat(2000));

    /** What a file is made of, which decides what can happen to it. */
    enum Content {
        /** Bytes. */
        BINARY,
        /** Text with values in it: JSON, YAML, tables. */
        TEXT,
        /** Eight bytes of length, JSON of that length, bytes. */
        SAFETENSORS
    }

    /** Damages a file that is not empty. */
    static Mutation of(byte[] whole, Content content, SplittableRandom random) {
        if (content != Content.BINARY && random.nextInt(3) > 0) {
            return value(whole, content, random);
        }
        return switch (random.nextInt(5)) {
            case 0 -> flipped(whole, random);
            case 1 -> cut(whole, random);
            case 2 -> inserted(whole, random);
            case 3 -> removed(whole, random);
            default -> swapped(whole, random);
        };
    }

    private static Mutation flipped(byte[] whole, SplittableRandom random) {
        byte[] bytes = whole.clone();
        int bits = 1 << random.nextInt(5);
        StringBuilder what = new StringBuilder("bits flipped:");
        for (int i = 0; i < bits; i++) {
            int bit = random.nextInt(8 * bytes.length);
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            what.append(' ').append(bit);
        }
        return new Mutation(what.toString(), bytes);
    }

    private static Mutation cut(byte[] whole, SplittableRandom random) {
        int length = random.nextInt(whole.length);
        return new Mutation("cut to " + length + " bytes", java.util.Arrays.copyOf(whole, length));
    }

    private static Mutation inserted(byte[] whole, SplittableRandom random) {
        int at = random.nextInt(whole.length + 1);
        byte[] more = new byte[1 + random.nextInt(Math.min(64, whole.length))];
        String kind = "zeros";
        switch (random.nextInt(3)) {
            case 0 -> {
                kind = "random bytes";
                random.nextBytes(more);
            }
            case 1 -> {
                kind = "bytes of its own";
                System.arraycopy(whole, random.nextInt(whole.length - more.length + 1), more, 0, more.length);
            }
            default -> {}
        }
        ByteBuffer bytes = ByteBuffer.allocate(whole.length + more.length);
        bytes.put(whole, 0, at).put(more).put(whole, at, whole.length - at);
        return new Mutation(more.length + " " + kind + " inserted at " + at, bytes.array());
    }

    private static Mutation removed(byte[] whole, SplittableRandom random) {
        int at = random.nextInt(whole.length);
        int length = 1 + random.nextInt(Math.min(64, whole.length - at));
        ByteBuffer bytes = ByteBuffer.allocate(whole.length - length);
        bytes.put(whole, 0, at).put(whole, at + length, whole.length - at - length);
        return new Mutation(length + " bytes removed at " + at, bytes.array());
    }

    private static Mutation swapped(byte[] whole, SplittableRandom random) {
        byte[] bytes = whole.clone();
        int length = 1 + random.nextInt(Math.max(1, Math.min(64, whole.length / 2)));
        int first = random.nextInt(whole.length - length + 1);
        int second = random.nextInt(whole.length - length + 1);
        System.arraycopy(whole, second, bytes, first, length);
        System.arraycopy(whole, first, bytes, second, length);
        return new Mutation(length + " bytes at " + first + " and " + second + " swapped", bytes);
    }

    private static Mutation value(byte[] whole, Content content, SplittableRandom random) {
        int start = 0;
        int end = whole.length;
        if (content == Content.SAFETENSORS) {
            start = Long.BYTES;
            end = start
                    + (int) ByteBuffer.wrap(whole)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong();
        }
        String text = new String(whole, start, end - start, StandardCharsets.ISO_8859_1);
        List<MatchResult> values = VALUE.matcher(text).results().toList();
        if (values.isEmpty()) {
            return flipped(whole, random);
        }
        MatchResult value = values.get(random.nextInt(values.size()));
        String other = OTHER_VALUES.get(random.nextInt(OTHER_VALUES.size()));
        String changed = text.substring(0, value.start()) + other + text.substring(value.end());
        byte[] middle = changed.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer bytes = ByteBuffer.allocate(whole.length - text.length() + middle.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        if (content == Content.SAFETENSORS) {
            bytes.putLong(middle.length);
        }
        bytes.put(middle).put(whole, end, whole.length - end);
        String what = String.format(Locale.ROOT, "at %d %s replaced by %s", value.start(), value.group(), other);
        return new Mutation(what.length() > 200 ? what.substring(0, 200) + "\u2026" : what, bytes.array());
    }

    /** The content that a file's name tells. */
    static Content contentOf(String name) {
        if (name.endsWith(".safetensors")) {
            return Content.SAFETENSORS;
        }
        List<String> endings = new ArrayList<>(List.of(
                ".json", ".jsonl", ".yaml", ".csv", ".tsv", ".txt", ".zattrs", ".zarray", ".zgroup", ".zmetadata"));
        return endings.stream().anyMatch(name::endsWith) ? Content.TEXT : Content.BINARY;
    }
}
