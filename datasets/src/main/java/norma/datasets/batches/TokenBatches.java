package norma.datasets.batches;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import norma.datasets.config.DataConfig;
import norma.datasets.objectives.Examples;
import norma.datasets.objectives.Objective;
import norma.datasets.objectives.PredictionRule;
import norma.datasets.objectives.Sequence;
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
    private final PredictionRule predictions;
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
     * @throws norma.datasets.base.InvalidInputException if the tokenizer lacks a token that format or objective need,
     *     or the format has no pairs and the objective makes them
     */
    public TokenBatches(
            DataConfig config,
            SequenceFormat format,
            Tokenizer tokenizer,
            TokenSplit training,
            TokenSplit validation,
            long seed) {
        Objective objective = config.toObjective();
        this.frame = format.with(tokenizer);
        this.training = objective.examples(config.toPacking(), training, frame, config.sequenceLength());
        this.validation = objective.examples(config.toPacking(), validation, frame, config.sequenceLength());
        this.predictions = objective.predictions(tokenizer);
        this.nextSentence = objective.nextSentence();
        this.seed = seed;
        this.validationOrder = new Permutation(this.validation.size(), CounterHash.key(VALIDATION_SEED, "order"));
    }

    @Override
    public long trainingExamples() {
        return training.size();
    }

    /** What of the text to train on stands in no sequence and why, a sentence each. */
    public List<String> trainingOmissions() {
        return training.omissions();
    }

    @Override
    public int validationExamples() {
        return (int) Math.min(Integer.MAX_VALUE, validation.size());
    }

    @Override
    public Batch trainingBatch(long firstExample, int rows) {
        List<Sequence> sequences = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            long epoch = (firstExample + row) / training.size();
            Permutation order = new Permutation(training.size(), CounterHash.key(seed, "order", epoch));
            long example = order.at((firstExample + row) % training.size());
            sequences.add(sequence(training, example, seed, epoch));
        }
        return batch(sequences);
    }

    @Override
    public Batch validationBatch(int first, int rows) {
        Objects.checkFromIndexSize(first, rows, validationExamples());
        List<Sequence> sequences = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            long example = validationOrder.at(first + (long) row);
            sequences.add(sequence(validation, example, VALIDATION_SEED, VALIDATION_EPOCH));
        }
        return batch(sequences);
    }

    private Sequence sequence(Examples examples, long example, long ofSeed, long epoch) {
        Sequence sequence = new Sequence(examples.maxLength());
        examples.write(example, CounterHash.key(ofSeed, "pairs", epoch, example), sequence);
        predictions.apply(sequence, CounterHash.key(ofSeed, "mask", epoch, example));
        return sequence;
    }

    /** Rows of the longest one's width. */
    private Batch batch(List<Sequence> sequences) {
        int rows = sequences.size();
        int[] lengths = sequences.stream().mapToInt(Sequence::length).toArray();
        int longest = Arrays.stream(lengths).max().orElse(0);
        int[] ids = new int[rows * longest];
        int[] types = new int[rows * longest];
        Target target = sequences.get(0).target() == null ? null : target(sequences);
        int predictedIn = target == null ? longest : target.length();
        int predicted = sequences.stream().mapToInt(Sequence::predictions).sum();
        int[] positions = new int[predicted];
        int[] labels = new int[predicted];
        int at = 0;
        for (int row = 0; row < rows; row++) {
            Sequence sequence = sequences.get(row);
            int from = row * longest;
            System.arraycopy(sequence.ids(), 0, ids, from, lengths[row]);
            System.arraycopy(sequence.types(), 0, types, from, lengths[row]);
            if (lengths[row] < longest) {
                Arrays.fill(ids, from + lengths[row], from + longest, frame.padId());
            }
            for (int i = 0; i < sequence.predictions(); i++) {
                positions[at] = row * predictedIn + sequence.predictedPosition(i);
                labels[at++] = sequence.predictedLabel(i);
            }
        }
        int[] related = nextSentence
                ? sequences.stream().mapToInt(Sequence::nextSentenceLabel).toArray()
                : null;
        return new Batch(
                rows, longest, ids, types, lengths, positions, labels, related, hidden(sequences, longest), target);
    }

    private static HiddenTokens hidden(List<Sequence> sequences, int longest) {
        if (sequences.stream().noneMatch(sequence -> sequence.order().length > 0)) {
            return null;
        }
        int[] order = new int[sequences.size() * longest];
        Arrays.fill(order, HiddenTokens.InOrder.SHOWN);
        for (int row = 0; row < sequences.size(); row++) {
            Sequence sequence = sequences.get(row);
            for (int i = 0; i < sequence.order().length; i++) {
                order[row * longest + sequence.predictedPosition(i)] = sequence.order()[i];
            }
        }
        HiddenTokens inOrder = new HiddenTokens.InOrder(longest, order);
        int[] remembered = sequences.stream().mapToInt(Sequence::remembered).toArray();
        return Arrays.stream(remembered).allMatch(tokens -> tokens == 0)
                ? inOrder
                : new HiddenTokens.Remembering(inOrder, remembered);
    }

    /** What decoders are to say, shifted right: rows of the longest one's width. */
    private Target target(List<Sequence> sequences) {
        int[] lengths = sequences.stream()
                .mapToInt(sequence -> sequence.target().length)
                .toArray();
        int longest = Arrays.stream(lengths).max().orElse(0);
        int[] ids = new int[lengths.length * longest];
        Arrays.fill(ids, frame.padId());
        for (int row = 0; row < lengths.length; row++) {
            System.arraycopy(sequences.get(row).target(), 0, ids, row * longest, lengths[row]);
        }
        return Target.shiftedRight(longest, ids, lengths, frame.endId());
    }

    @Override
    public void close() {
        // mapped files go when nothing refers to them any more
    }
}
