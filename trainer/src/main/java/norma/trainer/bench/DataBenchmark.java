package norma.trainer.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.batches.BatchSource;
import norma.datasets.batches.TokenBatches;
import norma.datasets.config.DataConfig;
import norma.datasets.corpus.Corpus;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.CorpusIndex;
import norma.datasets.tokens.TokenCache;
import norma.datasets.tokens.TokenizedCorpus;
import norma.datasets.tokens.TokenizerCache;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfig;
import norma.trainer.run.RunFiles;

/**
 * Times the way from a run's text to its batches: reading, encoding and writing the whole corpus as tokens, into a
 * folder that is deleted afterwards, and making batches of it.
 */
public final class DataBenchmark {
    private static final int BATCHES = 200;
    private static final int WARMUP_BATCHES = 50;

    private DataBenchmark() {}

    /**
     * What was measured.
     *
     * @param bytes of the corpus's documents in UTF-8
     * @param tokens they became, separators included
     * @param megabytesPerSecond 10^6 bytes of text a second, from opening the corpus to the tokens on disk; each time
     *     with a tokenizer that remembers nothing
     * @param batchRows rows of a training batch
     * @param batchSeconds making one
     */
    public record Result(long bytes, long tokens, Spread megabytesPerSecond, int batchRows, Spread batchSeconds) {}

    /**
     * Measures.
     *
     * @param runs folder of the prepared data; the vocabulary is trained there if it is not yet
     * @param rounds how often the corpus is tokenised, at least once
     * @throws InvalidInputException if the corpus or the tokenizer cannot be used
     */
    public static Result run(RunConfig config, Path runs, int rounds, Progress progress) {
        Path cache = RunFiles.cache(runs);
        Path scratch = runs.resolve(".bench-" + ProcessHandle.current().pid());
        CorpusIndex index = new CorpusIndex(cache.resolve("corpora"));
        Corpus corpus = config.data().toCorpus();
        try (Tokenizer tokenizer = new TokenizerCache(cache.resolve("tokenizers"), index)
                .prepare(
                        corpus,
                        config.tokenizer(),
                        Architectures.of(config.model()).sequences(),
                        progress)) {
            long bytes = index.summary(corpus, progress).bytes();
            List<Double> rates = new ArrayList<>();
            TokenizedCorpus tokens = null;
            for (int round = 0; round < rounds; round++) {
                try (Tokenizer fresh = Tokenizer.fromJson(tokenizer.json(), "tokenizer")) {
                    TokenCache folder = new TokenCache(scratch.resolve(Integer.toString(round)), index);
                    long start = System.nanoTime();
                    tokens = folder.prepare(corpus, fresh, options(config), progress);
                    rates.add(bytes * 1e3 / (System.nanoTime() - start));
                }
            }
            return new Result(
                    bytes,
                    tokens.training().tokens() + tokens.validation().tokens(),
                    Spread.of(rates),
                    config.training().batchSize(),
                    batches(config, tokenizer, tokens));
        } catch (IOException e) {
            throw new UncheckedIOException("the folder " + runs + " cannot be written or read", e);
        } finally {
            ScratchFolder.delete(scratch);
        }
    }

    private static TokenCache.Options options(RunConfig config) {
        DataConfig data = config.data();
        return new TokenCache.Options(
                data.validationFraction(),
                data.sentenceMarks(),
                Architectures.of(config.model()).sequences().documentEnd());
    }

    private static Spread batches(RunConfig config, Tokenizer tokenizer, TokenizedCorpus tokens) {
        int rows = config.training().batchSize();
        List<Double> seconds = new ArrayList<>();
        try (BatchSource source = new TokenBatches(
                config.data(),
                Architectures.of(config.model()).sequences(),
                tokenizer,
                tokens.training(),
                tokens.validation(),
                config.seed())) {
            if (source.trainingExamples() < rows) {
                throw InvalidInputException.of(
                        "training",
                        "batch_size",
                        rows,
                        "at most " + source.trainingExamples() + ", the training sequences that the corpus gives");
            }
            for (int batch = -WARMUP_BATCHES; batch < BATCHES; batch++) {
                long start = System.nanoTime();
                source.trainingBatch((long) (batch + WARMUP_BATCHES) * rows, rows);
                if (batch >= 0) {
                    seconds.add((System.nanoTime() - start) / 1e9);
                }
            }
        }
        return Spread.of(seconds);
    }
}
