package norma.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import norma.datasets.config.DataConfig;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;

/** Text and tokenizers for tests. */
public final class Samples {
    private static final List<String> WORDS = List.of(
            "time",
            "year",
            "people",
            "way",
            "day",
            "man",
            "thing",
            "woman",
            "life",
            "child",
            "world",
            "school",
            "state",
            "family",
            "student",
            "group",
            "country",
            "problem",
            "hand",
            "part",
            "place",
            "case",
            "week",
            "company",
            "system",
            "program",
            "question",
            "work",
            "number",
            "night",
            "point",
            "home",
            "water",
            "room",
            "mother",
            "area",
            "money",
            "story",
            "fact",
            "month",
            "lot",
            "right",
            "study",
            "book",
            "eye",
            "job",
            "word",
            "unwordly");

    private Samples() {}

    /** Sentences of random words that a seed decides. */
    public static String sentences(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        StringJoiner text = new StringJoiner(" ");
        for (int i = 0; i < count; i++) {
            StringJoiner sentence = new StringJoiner(" ");
            int words = random.nextInt(4, 12);
            for (int w = 0; w < words; w++) {
                sentence.add(WORDS.get(random.nextInt(WORDS.size())));
            }
            String s = sentence.toString();
            text.add(Character.toUpperCase(s.charAt(0)) + s.substring(1) + ".");
        }
        return text.toString();
    }

    /** A text file of paragraphs with one to {@code longest} sentences each. */
    public static Path textFile(Path file, int paragraphs, int longest) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < paragraphs; i++) {
            lines.add(sentences(i, 1 + i % longest));
            lines.add("");
        }
        return write(file, String.join("\n", lines));
    }

    /** A file of a text. */
    public static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An uncased WordPiece tokenizer that knows the words of the sentences, three of them as two tokens. */
    public static Tokenizer tokenizer(Path folder) {
        List<String> vocabulary = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "'"));
        vocabulary.addAll(WORDS.subList(0, WORDS.size() - 1));
        vocabulary.addAll(List.of("un", "##word", "##ly"));
        return Tokenizer.load(write(folder.resolve("vocab.txt"), String.join("\n", vocabulary)));
    }

    /** A tokenizer like GPT-2's, of 20 tokens and {@code <|endoftext|>}. */
    public static Tokenizer gpt2Tokenizer() {
        try (InputStream in = Samples.class.getResourceAsStream("/gpt2/tokenizer.json")) {
            return Tokenizer.fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8), "gpt2/tokenizer.json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The configuration of GPT-2's, as a file in a folder. */
    public static TokenizerConfig gpt2TokenizerConfig(Path folder) {
        Path file = folder.resolve("gpt2.json");
        try (Tokenizer gpt2 = gpt2Tokenizer()) {
            gpt2.save(file);
        }
        return new TokenizerConfig("file", null, null, file.toString(), null);
    }

    /** The configuration of the WordPiece tokenizer. */
    public static TokenizerConfig tokenizerConfig(Path folder) {
        tokenizer(folder).close();
        return new TokenizerConfig(
                "file", null, null, folder.resolve("vocab.txt").toString(), null);
    }

    /** A configuration of a text corpus with short sequences. */
    public static DataConfig data(Path text, String packing, String objective, int length) {
        return new DataConfig(
                "text", List.of(text.toString()), null, null, 0.1, length, packing, objective, null, null);
    }
}
