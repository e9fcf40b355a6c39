package norma.datasets.batches;

import java.util.Arrays;
import java.util.Objects;
import norma.datasets.base.InvalidInputException;
import norma.datasets.config.DataConfig;
import norma.datasets.random.CounterHash;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.Tokenizer;
import norma.datasets.tokens.TokenSplit;

/**
 * Batches of tokenised splits. Held-out sequences come in a fixed random order, so that the first few are a sample of
 * all of them.
 */
public final class TokenBatches implements BatchSource {
    private static final long VALIDATION_SEED = 0; // the same held-out order and masks whatever the run's seed
    private static final long VALIDATION_EPOCH = -1; // and however often they are asked for

    private final Examples training;
    private final Examples validation;
    private final Masking masking;
    private final SequenceFrame frame;
    private final long seed;
    private final boolean nextSentence;
    private final Permutation validationOrder;

    /**
     * Batches of two splits.
     *
     * @param config packing, objective and masking
     * @param format how the model's sequences are framed
     * @param seed of order, masks and pairs
     */
    public TokenBatches(
            DataConfig config,
            SequenceFormat format,
            Tokenizer tokenizer,
            TokenSplit training,
            TokenSplit validation,
            long seed) {
        this.frame = format.with(tokenizer);
        this.training = examples(config, frame, training);
        this.validation = examples(config, frame, validation);
        this.masking = new Masking(tokenizer, config.maskProbability(), config.wholeWordMasking());
        this.seed = seed;
        this.nextSentence = config.nextSentence();
        this.validationOrder = new Permutation(this.validation.size(), CounterHash.key(VALIDATION_SEED, "order"));
    }

    private static Examples examples(DataConfig config, SequenceFrame frame, TokenSplit split) {
        if (config.nextSentence()) {
            if (!frame.format().takesPairs()) {
                throw InvalidInputException.of(
                        "config",
                        "data.objective",
                        config.objective(),
                        "one for single texts, because " + frame.format().name() + " has no sequences of two");
            }
            return new SentencePairExamples(split, frame, config.sequenceLength());
        }
        return config.packing().equals("full")
                ? new PackedExamples(split, frame, config.sequenceLength())
                : new SentenceExamples(split, frame, config.sequenceLength());
    }

    @Override
    public long trainingExamples() {
        return training.size();
    }

    @Override
    public int validationExamples() {
        return (int) Math.min(Integer.MAX_VALUE, validation.size());
    }

    @Override
    public Batch trainingBatch(long firstExample, int rows) {
        Assembly assembly = new Assembly(rows, training.maxLength());
        for (int row = 0; row < rows; row++) {
            long epoch = (firstExample + row) / training.size();
            Permutation order = new Permutation(training.size(), CounterHash.key(seed, "order", epoch));
            long example = order.at((firstExample + row) % training.size());
            assembly.add(training, example, seed, epoch);
        }
        return assembly.batch();
    }

    @Override
    public Batch validationBatch(int first, int rows) {
        Objects.checkFromIndexSize(first, rows, validationExamples());
        Assembly assembly = new Assembly(rows, validation.maxLength());
        for (int row = 0; row < rows; row++) {
            assembly.add(validation, validationOrder.at(first + (long) row), VALIDATION_SEED, VALIDATION_EPOCH);
        }
        return assembly.batch();
    }

    @Override
    public void close() {
        // mapped files go when nothing refers to them any more
    }

    /** Rows of full width, cut to the longest at the end. */
    private final class Assembly {
        private final int width;
        private final int[] ids;
        private final int[] types;
        private final int[] lengths;
        private final int[] labels;
        private final long[] keys;
        private int rows;

        Assembly(int capacity, int width) {
            this.width = width;
            ids = new int[capacity * width];
            types = new int[capacity * width];
            lengths = new int[capacity];
            labels = nextSentence ? new int[capacity] : null;
            keys = new long[capacity];
        }

        void add(Examples examples, long example, long seed, long epoch) {
            long key = CounterHash.key(seed, "pairs", epoch, example);
            Examples.Written written = examples.write(example, key, ids, types, rows * width);
            lengths[rows] = written.length();
            if (nextSentence) {
                labels[rows] = written.nextSentenceLabel();
            }
            keys[rows] = CounterHash.key(seed, "mask", epoch, example);
            rows++;
        }

        Batch batch() {
            int longest = Arrays.stream(lengths).max().orElse(0);
            if (Arrays.stream(lengths, 0, rows).anyMatch(length -> length < longest)) {
                pad(longest);
            }
            int[] cutIds = longest == width ? ids : cut(ids, longest);
            int[] cutTypes = longest == width ? types : cut(types, longest);
            Masking.Predictions predictions = new Masking.Predictions();
            for (int row = 0; row < rows; row++) {
                masking.apply(cutIds, row * longest, lengths[row], keys[row], predictions);
            }
            return new Batch(
                    rows, longest, cutIds, cutTypes, lengths, predictions.positions(), predictions.labels(), labels);
        }

        private void pad(int longest) {
            int padId = frame.padId();
            for (int row = 0; row < rows; row++) {
                Arrays.fill(ids, row * width + lengths[row], row * width + longest, padId);
            }
        }

        private int[] cut(int[] wide, int longest) {
            int[] narrow = new int[rows * longest];
            for (int row = 0; row < rows; row++) {
                System.arraycopy(wide, row * width, narrow, row * longest, longest);
            }
            return narrow;
        }
    }
}
