package norma.datasets.tokens;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.InnerPath;
import norma.datasets.json.JsonFile;

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

    private static final String META = "meta.json";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What stands beside the tokens: enough to read them, and the length that each file must have. */
    record Meta(String corpusSha256, String tokenizerSha256, int tokenBytes, Map<String, Long> fileBytes) {}

    /** Completes a folder whose other files are written. */
    static void describe(Path folder, String corpusSha256, String tokenizerSha256, int tokenBytes) throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                sizes.put(file.getFileName().toString(), Files.size(file));
            }
        }
        Meta meta = new Meta(corpusSha256, tokenizerSha256, tokenBytes, sizes);
        DurableFiles.write(
                folder.resolve(META), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(meta));
    }

    /** Maps a folder; empty if there is none, or a file of it is missing, cut short or not what it should be. */
    static Optional<TokenizedCorpus> open(Path folder) throws IOException {
        Path file = folder.resolve(META);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        Meta meta;
        try {
            meta = MAPPER.treeToValue(JsonFile.read(file).node(), Meta.class);
        } catch (InvalidInputException | JsonProcessingException e) {
            return Optional.empty();
        }
        if (!isWhole(folder, meta)) {
            return Optional.empty();
        }
        TokenSplit training = new TokenSplit(folder, TRAINING, meta.tokenBytes());
        TokenSplit validation = new TokenSplit(folder, VALIDATION, meta.tokenBytes());
        return training.isConsistent() && validation.isConsistent()
                ? Optional.of(new TokenizedCorpus(meta.corpusSha256(), training, validation))
                : Optional.empty();
    }

    /** Whether every file of both splits is listed and has the length that it was written with. */
    private static boolean isWhole(Path folder, Meta meta) throws IOException {
        boolean complete = meta.corpusSha256() != null
                && meta.fileBytes() != null
                && (meta.tokenBytes() == Short.BYTES || meta.tokenBytes() == Integer.BYTES)
                && meta.fileBytes().keySet().containsAll(TokenSplit.files(TRAINING))
                && meta.fileBytes().keySet().containsAll(TokenSplit.files(VALIDATION));
        if (!complete) {
            return false;
        }
        for (var size : meta.fileBytes().entrySet()) {
            Optional<Path> file = InnerPath.resolve(folder, size.getKey()).filter(Files::isRegularFile);
            if (file.isEmpty() || size.getValue() == null || Files.size(file.get()) != size.getValue()) {
                return false;
            }
        }
        return true;
    }
}
