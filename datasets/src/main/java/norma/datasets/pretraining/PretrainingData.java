package norma.datasets.pretraining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import norma.datasets.base.Counted;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.datasets.batches.BatchSource;
import norma.datasets.batches.TokenBatches;
import norma.datasets.config.DataConfig;
import norma.datasets.corpus.Corpus;
import norma.datasets.corpus.SentenceRule;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.SpecialToken;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokenizer.TokenizerConfig;
import norma.datasets.tokens.CorpusIndex;
import norma.datasets.tokens.SentenceMarks;
import norma.datasets.tokens.TokenCache;
import norma.datasets.tokens.TokenizedCorpus;
import norma.datasets.tokens.TokenizerCache;

/** Everything between a configuration and its batches: corpus, tokenizer, tokens. */
public final class PretrainingData implements AutoCloseable {
    private static final int COUNTED_ROWS = 32;
    private static final double LONG_DOCUMENT = 30; // tokens, on the average, if nowhere an end of a sentence was found
    private static final double LONG_SENTENCE = 60; // twice that of English books

    private final Corpus corpus;
    private final DataConfig data;
    private final Tokenizer tokenizer;
    private final TokenizedCorpus tokens;
    private final TokenBatches batches;
    private final long textless;
    private final SequenceFrame frame;

    private PretrainingData(
            Corpus corpus,
            DataConfig data,
            Tokenizer tokenizer,
            TokenizedCorpus tokens,
            TokenBatches batches,
            SequenceFrame frame,
            long textless) {
        this.corpus = corpus;
        this.data = data;
        this.tokenizer = tokenizer;
        this.tokens = tokens;
        this.batches = batches;
        this.frame = frame;
        this.textless = textless;
    }

    /**
     * Prepares data, or finds it prepared: reads the corpus, trains or loads the tokenizer, tokenises. A vocabulary is
     * trained on the whole corpus, the held-out documents too.
     *
     * @param format how the model's sequences are framed
     * @param seed of order and masks
     * @param cacheFolder where trained tokenizers and tokens are kept
     * @throws InvalidInputException if the corpus or the tokenizer cannot be used, or gives not one sequence
     */
    public static PretrainingData prepare(
            DataConfig data,
            TokenizerConfig tokenizerConfig,
            SequenceFormat format,
            long seed,
            Path cacheFolder,
            Progress progress) {
        return prepare(data, tokenizerConfig, format, seed, cacheFolder, progress, false);
    }

    /**
     * The same for a text that is only evaluated on: the whole of it is the training split and the held-out one too, so
     * {@link BatchSource#validationBatch} gives all of it under the masks that never change.
     */
    public static PretrainingData prepareEvaluation(
            DataConfig data,
            TokenizerConfig tokenizerConfig,
            SequenceFormat format,
            Path cacheFolder,
            Progress progress) {
        return prepare(data.withValidationFraction(0), tokenizerConfig, format, 0, cacheFolder, progress, true);
    }

    private static PretrainingData prepare(
            DataConfig data,
            TokenizerConfig tokenizerConfig,
            SequenceFormat format,
            long seed,
            Path cacheFolder,
            Progress progress,
            boolean allHeldOut) {
        Corpus corpus = data.toCorpus();
        CorpusIndex index = new CorpusIndex(cacheFolder.resolve("corpora"));
        try {
            Tokenizer tokenizer = new TokenizerCache(cacheFolder.resolve("tokenizers"), index)
                    .prepare(corpus, tokenizerConfig, format, progress);
            try {
                TokenCache.Options options =
                        new TokenCache.Options(data.validationFraction(), data.sentenceMarks(), format.documentEnd());
                TokenCache cache = new TokenCache(cacheFolder.resolve("tokens"), index);
                TokenizedCorpus tokens = data.subsampling() == null
                        ? cache.prepare(corpus, tokenizer, options, progress)
                        : cache.prepareSubsampled(corpus, tokenizer, options, data.subsampling(), progress);
                TokenBatches batches = new TokenBatches(
                        data,
                        format,
                        tokenizer,
                        tokens.training(),
                        allHeldOut ? tokens.training() : tokens.validation(),
                        seed);
                PretrainingData prepared = new PretrainingData(
                        corpus,
                        data,
                        tokenizer,
                        tokens,
                        batches,
                        format.with(tokenizer),
                        index.summary(corpus, progress).textless());
                prepared.requireSequence();
                return prepared;
            } catch (IOException | RuntimeException e) {
                tokenizer.close();
                throw e;
            }
        } catch (AccessDeniedException e) {
            throw new InvalidInputException(
                    cacheFolder + ": no permission to read or write " + e.getMessage() + ", expected a folder of yours",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("the cache " + cacheFolder + " cannot be written or read", e);
        }
    }

    private void requireSequence() {
        if (batches.trainingExamples() > 0) {
            return;
        }
        if (data.nextSentence()) {
            throw InvalidInputException.of(
                    corpus.name(),
                    "data.objective",
                    data.objective() + " but only " + tokens.training().documents() + " training documents with "
                            + tokens.training().sentences() + " sentences",
                    "at least two documents, one of them with two sentences (data.documents: sentence-per-line makes each"
                            + " line a sentence, file makes long documents)");
        }
        throw InvalidInputException.of(
                corpus.name(),
                "data.sequence_length",
                data.sequenceLength() + " but only " + trainingTokens() + " training tokens",
                "text for at least one sequence");
    }

    /**
     * Checks that a run of this batch size has enough text.
     *
     * @throws InvalidInputException if the training split is shorter than a batch, or nothing is held out
     */
    public void requireBatch(int batchSize) {
        if (batches.trainingExamples() < batchSize) {
            throw InvalidInputException.of(
                    corpus.name(),
                    "training.batch_size",
                    batchSize,
                    "at most " + batches.trainingExamples() + ", the training sequences that the corpus gives ("
                            + trainingTokens() + " tokens)");
        }
        if (batches.validationExamples() == 0) {
            throw InvalidInputException.of(
                    corpus.name(),
                    "data.validation_fraction",
                    data.validationFraction() + ", which holds out " + validationTokens() + " tokens",
                    "a share that fills at least one sequence (whole documents are held out, of "
                            + Counted.of(documents(), "document") + ")");
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

    /** SHA-256 of the tokenizer's {@code tokenizer.json}. */
    public String tokenizerSha256() {
        return tokenizer.sha256();
    }

    /** Documents of both splits. */
    public long documents() {
        return tokens.training().documents() + tokens.validation().documents();
    }

    /** Sentences of both splits; none where nobody cut the documents. */
    public OptionalLong sentences() {
        return data.sentenceMarks() == SentenceMarks.NONE
                ? OptionalLong.empty()
                : OptionalLong.of(
                        tokens.training().sentences() + tokens.validation().sentences());
    }

    /** How much there is, for people, such as {@code 40 documents, 240 sentences, 2,100 tokens to train on …}. */
    public String size() {
        String cut = sentences().isPresent() ? ", " + Counted.of(sentences().getAsLong(), "sentence") : "";
        return String.format(
                "%s%s, %s to train on in %s, %s held out",
                Counted.of(documents(), "document"),
                cut,
                Counted.of(trainingTokens(), "token"),
                Counted.of(batches.trainingExamples(), "sequence"),
                Counted.of(validationTokens(), "token"));
    }

    /** What a person should worry about: text that could not be cut into sentences, or that is left out. */
    public List<String> doubts() {
        List<String> doubts = new ArrayList<>();
        if (sentences().isPresent() && corpus.sentences() == SentenceRule.PUNCTUATION) {
            uncut(sentences().getAsLong()).ifPresent(doubts::add);
        }
        if (textless > 0) {
            doubts.add(corpus.name() + ": " + Counted.of(textless, "row") + " without a text in data.column: "
                    + data.column() + " left out");
        }
        doubts.addAll(batches.trainingOmissions());
        return doubts;
    }

    /** What to say where the text has hardly any ends of sentences that the rule would know. */
    private Optional<String> uncut(long sentences) {
        double mean = (trainingTokens() + validationTokens()) / (double) sentences;
        return mean > (sentences == documents() ? LONG_DOCUMENT : LONG_SENTENCE)
                ? Optional.of(String.format(
                        Locale.ROOT,
                        "%s: found %s of %.0f tokens in %s, so the text hardly has the full stops, question and exclamation"
                                + " marks that end sentences; data.documents: sentence-per-line makes each line a sentence",
                        corpus.name(),
                        Counted.of(sentences, "sentence"),
                        mean,
                        Counted.of(documents(), "document")))
                : Optional.empty();
    }

    /** The files of its text; none where the text is fetched or comes with the program. */
    public List<Path> files() {
        return corpus.files();
    }

    /** Tokens to train on. */
    public long trainingTokens() {
        return tokens.training().tokens();
    }

    /** Tokens held out. */
    public long validationTokens() {
        return tokens.validation().tokens();
    }

    /**
     * What can be predicted of held-out sequences without context. Counts the whole training split: about a second for
     * 100 million tokens.
     *
     * @param examples how many of them, from the first
     */
    public ContextFreeLosses contextFreeLosses(int examples) {
        boolean masked = data.toObjective().masks().isPresent();
        boolean ordinary = data.toObjective().fillsBlanks();
        TokenFrequencies ofText = TokenFrequencies.of(
                tokens.training(), tokenizer.vocabularySize(), id -> !ordinary || !tokenizer.isSpecial(id));
        TokenFrequencies frequencies =
                data.toObjective().decodes() ? ofText.with(frame.specialIds(), batches.trainingExamples()) : ofText;
        Iterable<Batch> counted = () -> LongStream.iterate(0, first -> first < examples, first -> first + COUNTED_ROWS)
                .mapToObj(first -> batches.validationBatch(
                        (int) first, (int) Math.min(COUNTED_ROWS, examples - first))) // one at a time, however many
                .iterator();
        int maskId =
                masked ? tokenizer.require("to hide what a masked language model predicts", SpecialToken.MASK) : -1;
        return frequencies.losses(counted, maskId);
    }

    @Override
    public void close() {
        batches.close();
        tokenizer.close();
    }
}
