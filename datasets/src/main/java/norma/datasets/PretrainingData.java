package norma.datasets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import norma.datasets.batches.BatchSource;
import norma.datasets.batches.TokenBatches;
import norma.datasets.corpus.Corpus;
import norma.datasets.corpus.Documents;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.datasets.tokenizer.TokenizerTraining;
import norma.datasets.tokens.TokenCache;

/** Everything between a configuration and its batches: corpus, tokenizer, tokens. */
public final class PretrainingData implements AutoCloseable {
    private final Tokenizer tokenizer;
    private final TokenCache.Tokens tokens;
    private final BatchSource batches;

    private PretrainingData(Tokenizer tokenizer, TokenCache.Tokens tokens, BatchSource batches) {
        this.tokenizer = tokenizer;
        this.tokens = tokens;
        this.batches = batches;
    }

    /**
     * Prepares data, or finds it prepared: reads the corpus, trains or loads the tokenizer, tokenises.
     *
     * @param seed of order and masks
     * @param cacheFolder where trained tokenizers and tokens are kept
     * @throws InvalidInputException if the corpus or the tokenizer cannot be used
     */
    public static PretrainingData prepare(
            DataConfig data, TokenizerConfig tokenizerConfig, long seed, Path cacheFolder, Progress progress) {
        Corpus corpus = Corpus.of(data);
        Tokenizer tokenizer = tokenizer(corpus, tokenizerConfig, cacheFolder.resolve("tokenizers"), progress);
        try {
            TokenCache.Options options = new TokenCache.Options(data.validationFraction(), data.needsSentences());
            TokenCache.Tokens tokens =
                    new TokenCache(cacheFolder.resolve("tokens")).prepare(corpus, tokenizer, options, progress);
            BatchSource batches = new TokenBatches(data, tokenizer, tokens.training(), tokens.validation(), seed);
            return new PretrainingData(tokenizer, tokens, batches);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    private static Tokenizer tokenizer(Corpus corpus, TokenizerConfig config, Path cache, Progress progress) {
        if (config.type().equals("file")) {
            return Tokenizer.load(Path.of(config.path()), config.lowercase());
        }
        Path cached = cache.resolve(
                Hashes.sha256(corpus.fingerprint() + "\n" + config).substring(0, 32) + ".json");
        if (Files.exists(cached)) {
            return Tokenizer.load(cached);
        }
        try (Documents documents = corpus.open()) {
            Tokenizer trained = TokenizerTraining.train(config, documents, progress);
            Files.createDirectories(cache);
            Path temporary = Files.createTempFile(cache, ".writing-", ".json");
            trained.save(temporary);
            Files.move(temporary, cached, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return trained;
        } catch (IOException e) {
            throw new UncheckedIOException("the tokenizer cannot be kept at " + cached, e);
        }
    }

    /**
     * Checks that a run of this batch size has enough text.
     *
     * @throws InvalidInputException if the training split is shorter than a batch, or nothing is held out
     */
    public void requireBatch(int batchSize) {
        if (batches.trainingExamples() < batchSize) {
            throw InvalidInputException.of(
                    "training",
                    "batch_size",
                    batchSize,
                    "at most " + batches.trainingExamples() + ", the sequences that the corpus gives ("
                            + trainingTokens() + " tokens)");
        }
        if (batches.validationExamples() == 0) {
            throw new InvalidInputException("data.validation_fraction: the " + validationTokens()
                    + " tokens held out fill no sequence, expected a larger fraction or a longer corpus");
        }
    }

    /** The batches. */
    public BatchSource batches() {
        return batches;
    }

    /** The tokenizer, closed with this. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** SHA-256 over the corpus's documents. */
    public String corpusSha256() {
        return tokens.corpusSha256();
    }

    /** Documents of both splits. */
    public long documents() {
        return tokens.training().documents() + tokens.validation().documents();
    }

    /** Tokens to train on. */
    public long trainingTokens() {
        return tokens.training().tokens();
    }

    /** Tokens held out. */
    public long validationTokens() {
        return tokens.validation().tokens();
    }

    @Override
    public void close() {
        batches.close();
        tokenizer.close();
    }
}
