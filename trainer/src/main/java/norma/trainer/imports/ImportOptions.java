package norma.trainer.imports;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import norma.datasets.files.DurableFiles;
import norma.datasets.tokenizer.Tokenizer;

/**
 * What the user knows and a source may not say.
 *
 * @param heads number of attention heads; 0: as the source says, or hidden_size / 64
 * @param casing whether a {@code vocab.txt} distinguishes upper case; {@link Casing#FROM_SOURCE}: as the source says,
 *     or else as names and tokens suggest
 */
public record ImportOptions(int heads, Casing casing) {
    /** Whether text is lower-cased before it is tokenised. */
    public enum Casing {
        FROM_SOURCE,
        CASED,
        UNCASED
    }

    /** Nothing known. */
    public static final ImportOptions NONE = new ImportOptions(0, Casing.FROM_SOURCE);

    /** Whether a vocabulary is cased: by the option, the source's name, or whether it has words with capitals. */
    boolean cased(String name, byte[] vocabulary, List<String> assumptions) {
        if (casing != Casing.FROM_SOURCE) {
            return casing == Casing.CASED;
        }
        String lower = name.toLowerCase(Locale.ROOT);
        boolean cased = lower.contains("uncased")
                ? false
                : lower.contains("cased")
                        || new String(vocabulary, StandardCharsets.UTF_8)
                                .lines()
                                .anyMatch(token -> token.matches("\\p{Lu}\\p{L}+"));
        assumptions.add((cased ? "a cased" : "an uncased") + " vocabulary, by "
                + (lower.contains("cased") ? "its name" : "its tokens") + " (casing sets it)");
        return cased;
    }

    /** The tokenizer of a {@code vocab.txt}. */
    static Tokenizer tokenizer(byte[] vocabulary, boolean lowercase, Path source) throws IOException {
        Path folder = Files.createTempDirectory("norma-vocabulary");
        try {
            Path file = Files.write(folder.resolve("vocab.txt"), vocabulary);
            return Tokenizer.load(file, lowercase);
        } catch (norma.datasets.base.InvalidInputException e) {
            throw new norma.datasets.base.InvalidInputException(
                    e.getMessage().replace(folder.toString(), source.toString()), e);
        } finally {
            DurableFiles.delete(folder);
        }
    }
}
