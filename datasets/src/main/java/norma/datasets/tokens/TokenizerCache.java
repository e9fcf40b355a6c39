package norma.datasets.tokens;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import norma.datasets.base.Hashes;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.corpus.Corpus;
import norma.datasets.corpus.Documents;
import norma.datasets.files.DurableFiles;
import norma.datasets.files.ProcessLock;
import norma.datasets.tokenizer.Casing;
import norma.datasets.tokenizer.PublishedTokenizer;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerChoices;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.datasets.tokenizer.TokenizerFiles;
import norma.datasets.tokenizer.TokenizerTraining;
import norma.datasets.tokenizer.TrainedTokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of tokenizers trained before, each named by the hash of the corpus and of how it was trained, with its
 * SHA-256 in a file beside it. One that was damaged since is trained again, with a warning.
 */
public final class TokenizerCache {
    private static final Logger LOG = LoggerFactory.getLogger(TokenizerCache.class);
    private static final int FORMAT = 1; // of the training; raise it when it comes to give another vocabulary

    private final Path folder;
    private final CorpusIndex index;

    /** A cache in a folder, which is made when something is put there. */
    public TokenizerCache(Path folder, CorpusIndex index) {
        this.folder = folder;
        this.index = index;
    }

    /**
     * The tokenizer of a configuration: given, trained before, or trained now.
     *
     * @param format of the sequences that Hugging Face's library shall make with a trained one
     * @throws InvalidInputException if a given file is not a tokenizer, or the corpus does not do to train one
     */
    public Tokenizer prepare(Corpus corpus, TokenizerConfig config, SequenceFormat format, Progress progress)
            throws IOException {
        if (config.type().equals("file")) {
            return given(config);
        }
        String corpusSha256 = index.summary(corpus, progress).sha256();
        String framed = format.equals(SequenceFormat.BERT) ? "" : "\n" + format; // the first caches know BERT's alone
        String key = Hashes.sha256(FORMAT + "\n" + corpusSha256 + "\n" + config + framed)
                .substring(0, 32);
        Path trained = folder.resolve(key + ".json");
        Optional<Tokenizer> kept = kept(trained);
        if (kept.isPresent()) {
            return kept.get();
        }
        Files.createDirectories(folder);
        Runnable waiting = () -> progress.update("waiting for another process to train", 0, -1, "documents");
        return new ProcessLock(folder.resolve(key + ".lock")).whileHeld(waiting, () -> {
            Optional<Tokenizer> made = kept(trained); // by another while this one waited
            if (made.isPresent()) {
                return made.get();
            }
            if (Files.exists(trained)) {
                LOG.warn(
                        Files.exists(sum(trained))
                                ? "damaged: {} differs from its SHA-256; the vocabulary is trained again"
                                : "{} has no SHA-256 beside it; the vocabulary is trained again",
                        trained);
            }
            return train(corpus, config, format, trained, progress);
        });
    }

    /** A tokenizer trained before, if it is as it was written. */
    private static Optional<Tokenizer> kept(Path trained) throws IOException {
        if (!Files.exists(trained) || !Files.exists(sum(trained))) {
            return Optional.empty();
        }
        return Files.readString(sum(trained), StandardCharsets.ISO_8859_1).equals(sum(trained, Hashes.sha256(trained)))
                ? Optional.of(Tokenizer.load(trained))
                : Optional.empty();
    }

    /** The file beside a tokenizer that {@code sha256sum -c} reads. */
    private static Path sum(Path trained) {
        return trained.resolveSibling(trained.getFileName() + ".sha256");
    }

    private static String sum(Path trained, String sha256) {
        return sha256 + "  " + trained.getFileName() + "\n";
    }

    private static Tokenizer given(TokenizerConfig config) {
        Casing casing = config.path().endsWith(".txt") ? Casing.of(config.lowercase()) : Casing.FROM_SOURCE;
        PublishedTokenizer given = PublishedTokenizer.read(
                TokenizerFiles.of(Path.of(config.path())), new TokenizerChoices(casing, Casing.UNCASED, "", false));
        given.decisions().forEach(decision -> LOG.info("{}: {}", config.path(), decision));
        return given.tokenizer();
    }

    private static Tokenizer train(
            Corpus corpus, TokenizerConfig config, SequenceFormat format, Path into, Progress progress)
            throws IOException {
        try (Documents documents = corpus.open()) {
            TrainedTokenizer trained = TokenizerTraining.train(config, format, documents, progress);
            if (trained.coverage().isLimited()) {
                LOG.warn("vocabulary: {}", trained.coverage());
            }
            Tokenizer tokenizer = trained.tokenizer();
            DurableFiles.write(sum(into), sum(into, Hashes.sha256(tokenizer.json())));
            DurableFiles.write(into, tokenizer.json());
            return tokenizer;
        }
    }
}
