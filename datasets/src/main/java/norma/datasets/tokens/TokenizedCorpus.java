package norma.datasets.tokens;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.FileDigest;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;

/**
 * A corpus as tokens on disk.
 *
 * @param corpusSha256 SHA-256 of the corpus, see {@link norma.datasets.corpus.CorpusSummary}
 * @param training the split to train on
 * @param validation the held-out split
 */
public record TokenizedCorpus(String corpusSha256, TokenSplit training, TokenSplit validation) {
    static final String TRAINING = "training";
    static final String VALIDATION = "validation";
    static final String META = "meta.json";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * What the tokens were made of, and how wide one is.
     *
     * @param corpusSha256 of the text
     * @param tokenizerSha256 of the {@code tokenizer.json}
     * @param tokenBytes 2 where the vocabulary has at most 65,536 tokens, else 4
     */
    record Origin(String corpusSha256, String tokenizerSha256, int tokenBytes) {
        static Origin of(String corpusSha256, String tokenizerSha256, int vocabularySize) {
            return new Origin(
                    corpusSha256, tokenizerSha256, vocabularySize <= 1 << Short.SIZE ? Short.BYTES : Integer.BYTES);
        }
    }

    /** Completes a folder whose other files are written: origin, and size and SHA-256 of each file. */
    static void describe(Path folder, Origin origin) throws IOException {
        Map<String, FileDigest> digests = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                digests.put(file.getFileName().toString(), FileDigest.of(file));
            }
        }
        ObjectNode meta = MAPPER.valueToTree(origin);
        meta.set("files", MAPPER.valueToTree(digests));
        DurableFiles.write(
                folder.resolve(META), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(meta));
    }

    /**
     * What is wrong with a folder: the first file that is missing, or not as it was written. Reads all of it.
     *
     * @param origin that it must have
     * @return empty if nothing is
     */
    static Optional<String> damage(Path folder, Origin origin) throws IOException {
        Path meta = folder.resolve(META);
        if (!Files.isRegularFile(meta)) {
            return Optional.of(meta + " is missing");
        }
        try {
            JsonObject json = JsonFile.read(meta);
            Origin written = new Origin(
                    json.text("corpusSha256"), json.text("tokenizerSha256"), json.count("tokenBytes", Short.BYTES));
            if (!written.equals(origin)) {
                return Optional.of(meta + " is of " + written + ", expected " + origin);
            }
            JsonObject files = json.object("files");
            for (String split : List.of(TRAINING, VALIDATION)) {
                for (String name : TokenSplit.files(split)) {
                    JsonObject listed = files.object(name);
                    FileDigest digest = new FileDigest(listed.wholeNumber("bytes", 0), listed.text("sha256"));
                    Optional<String> damage = digest.damage(folder.resolve(name), META);
                    if (damage.isPresent()) {
                        return damage;
                    }
                }
            }
            return Optional.empty();
        } catch (InvalidInputException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Maps a folder that is whole. */
    static TokenizedCorpus open(Path folder, Origin origin) throws IOException {
        return new TokenizedCorpus(
                origin.corpusSha256(),
                new TokenSplit(folder, TRAINING, origin.tokenBytes()),
                new TokenSplit(folder, VALIDATION, origin.tokenBytes()));
    }
}
