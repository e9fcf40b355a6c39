package norma.datasets.tokenizer;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.nio.file.Path;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.PathText;

/**
 * Which tokenizer a run uses. A component that is null takes its default.
 *
 * @param type {@code wordpiece} or {@code bpe}: trained on the run's corpus; {@code file}: given
 * @param vocabSize tokens of a trained vocabulary, special ones included
 * @param lowercase whether WordPiece lower-cases and strips accents (BERT uncased); also for a given {@code vocab.txt},
 *     whose settings decide where this is left out
 * @param path path of a given {@code tokenizer.json} or {@code vocab.txt}
 * @param limitAlphabet characters that a trained WordPiece vocabulary starts from, the most frequent ones; a word with
 *     another is unknown (Hugging Face's trainers have the same option, their BertWordPieceTokenizer the same default)
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record TokenizerConfig(String type, Integer vocabSize, Boolean lowercase, String path, Integer limitAlphabet) {
    private static final int ALPHABET = 1000;

    public TokenizerConfig {
        type = type == null ? "wordpiece" : type;
        vocabSize = vocabSize == null ? 8192 : vocabSize;
        if (lowercase == null && !type.equals("file")) {
            lowercase = true;
        }
        if (limitAlphabet != null && !type.equals("wordpiece")) {
            throw InvalidInputException.of(
                    "tokenizer", "limit_alphabet", limitAlphabet, "none, because only type wordpiece has an alphabet");
        }
        if (limitAlphabet == null && type.equals("wordpiece")) {
            limitAlphabet = ALPHABET;
        }
        switch (type) {
            case "wordpiece", "bpe" -> {
                if (path != null) {
                    throw InvalidInputException.of(
                            "tokenizer", "path", path, "no path, because type " + type + " is trained (or type: file)");
                }
            }
            case "file" -> {
                if (path == null || path.isBlank()) {
                    throw InvalidInputException.of(
                            "tokenizer", "path", path, "a tokenizer.json or vocab.txt, because type is file");
                }
                PathText.require("tokenizer", "path", path);
            }
            default -> throw InvalidInputException.of("tokenizer", "type", type, "wordpiece, bpe or file");
        }
        if (limitAlphabet != null && limitAlphabet < 1) {
            throw InvalidInputException.of(
                    "tokenizer", "limit_alphabet", limitAlphabet, "a whole number of at least 1");
        }
        if (vocabSize < 1) {
            throw InvalidInputException.of("tokenizer", "vocab_size", vocabSize, "a whole number of at least 1");
        }
    }

    /** The same tokenizer, found from any folder. */
    public TokenizerConfig withAbsolutePath() {
        return path == null
                ? this
                : new TokenizerConfig(
                        type,
                        vocabSize,
                        lowercase,
                        Path.of(path).toAbsolutePath().normalize().toString(),
                        limitAlphabet);
    }

    /**
     * Refuses WordPiece, which has BERT's special tokens, for a format whose documents end with another.
     *
     * @throws InvalidInputException if the type does not go with the format
     */
    public void requireFits(SequenceFormat format) {
        if (type.equals("wordpiece") && format.documentEnd() != SpecialToken.SEP) {
            throw InvalidInputException.of(
                    "tokenizer",
                    "type",
                    type,
                    "bpe or file, because texts of " + format.name() + " end with "
                            + format.documentEnd().spellings().get(1) + ", which WordPiece has not");
        }
    }
}
