package norma.datasets.tasks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.tokenizer.SequenceFormat;
import norma.datasets.tokenizer.SequenceFrame;
import norma.datasets.tokenizer.Tokenizer;

/** The examples of a split as token ids, cut to a length ({@link PairTruncation}) and framed as a model takes them. */
public final class EncodedSplit {
    private static final int[] NONE = {};

    private final TaskKind kind;
    private final List<LabelledExample> examples;
    private final SequenceFrame frame;
    private final boolean pairs;
    private final boolean labelled;
    private final int[][] texts; // of each example the ids that are left
    private final int[][] textPairs;
    private int truncated;

    /**
     * Encodes all texts, on all cores.
     *
     * @param format how the model's sequences are framed
     * @param kind the task's
     * @param maxLength tokens of an example at most, special tokens counted
     * @throws InvalidInputException if the examples are pairs and the format has none, the tokenizer lacks a token of
     *     it, or no text fits into the length
     */
    public EncodedSplit(Tokenizer tokenizer, SequenceFormat format, TaskKind kind, LabelledSplit split, int maxLength) {
        this.kind = kind;
        this.examples = split.examples();
        this.frame = format.with(tokenizer);
        this.pairs = examples.get(0).textPair() != null;
        this.labelled = examples.get(0).label() != null;
        if (pairs && !format.takesPairs()) {
            throw InvalidInputException.of(
                    split.source(),
                    "examples",
                    "pairs of texts",
                    "single texts, because " + format.name() + " takes no pairs");
        }
        int room = maxLength - format.specialTokens(pairs);
        int least = pairs ? 2 : 1;
        if (room < least) {
            throw InvalidInputException.of(
                    split.source(),
                    "longest sequence",
                    maxLength + " tokens",
                    "at least " + (format.specialTokens(pairs) + least) + ", for special tokens and one of each text");
        }
        texts = encoded(tokenizer, LabelledExample::text);
        textPairs = pairs ? encoded(tokenizer, LabelledExample::textPair) : new int[texts.length][0];
        for (int i = 0; i < texts.length; i++) {
            PairTruncation kept = PairTruncation.longestFirst(texts[i].length, textPairs[i].length, room);
            truncated += kept.first() + kept.second() < texts[i].length + textPairs[i].length ? 1 : 0;
            texts[i] = Arrays.copyOf(texts[i], kept.first());
            textPairs[i] = Arrays.copyOf(textPairs[i], kept.second());
        }
    }

    private int[][] encoded(Tokenizer tokenizer, Function<LabelledExample, String> text) {
        return tokenizer.encode(examples.stream().map(text).toList()).toArray(int[][]::new);
    }

    /** How many examples. */
    public int size() {
        return texts.length;
    }

    /** How many examples have lost tokens. */
    public int truncated() {
        return truncated;
    }

    /** Tokens of an example, special ones counted. */
    public int length(int example) {
        return texts[example].length
                + textPairs[example].length
                + frame.format().specialTokens(pairs);
    }

    /** Tokens of the longest example. */
    public int longest() {
        return IntStream.range(0, size()).map(this::length).max().orElseThrow();
    }

    /** Examples in one batch, padded at the right to the longest of them. */
    public LabelledBatch batch(int[] exampleIndices) {
        int rows = exampleIndices.length;
        int longest = Arrays.stream(exampleIndices).map(this::length).max().orElseThrow();
        int[] inputIds = new int[rows * longest];
        int[] tokenTypeIds = new int[rows * longest];
        int[] lengths = new int[rows];
        Arrays.fill(inputIds, frame.padId());
        for (int row = 0; row < rows; row++) {
            int example = exampleIndices[row];
            lengths[row] = length(example);
            write(example, inputIds, tokenTypeIds, row * longest);
        }
        Batch inputs = new Batch(rows, longest, inputIds, tokenTypeIds, lengths, NONE, NONE, null);
        return new LabelledBatch(inputs, classes(exampleIndices), targets(exampleIndices), exampleIndices.clone());
    }

    private void write(int example, int[] inputIds, int[] tokenTypeIds, int from) {
        int[] text = texts[example];
        int[] textPair = textPairs[example];
        SequenceFrame.Places places = pairs
                ? frame.pair(text.length, textPair.length, inputIds, tokenTypeIds, from)
                : frame.single(text.length, inputIds, tokenTypeIds, from);
        System.arraycopy(text, 0, inputIds, places.first(), text.length);
        System.arraycopy(textPair, 0, inputIds, places.second(), textPair.length);
    }

    private int[] classes(int[] exampleIndices) {
        return labelled && kind instanceof TaskKind.Classification
                ? Arrays.stream(exampleIndices)
                        .map(example -> ((Label.OneClass) examples.get(example).label()).index())
                        .toArray()
                : NONE;
    }

    private float[] targets(int[] exampleIndices) {
        if (!labelled || kind instanceof TaskKind.Classification) {
            return new float[0];
        }
        float[] targets = new float[exampleIndices.length * kind.outputs()];
        for (int row = 0; row < exampleIndices.length; row++) {
            Label label = examples.get(exampleIndices[row]).label();
            if (label instanceof Label.Target target) {
                targets[row] = (float) target.value();
            } else {
                for (int index : ((Label.Several) label).indices()) {
                    targets[row * kind.outputs() + index] = 1;
                }
            }
        }
        return targets;
    }

    /** All examples once, the longest first, so that a batch has little padding and too long a one is met at once. */
    public List<LabelledBatch> evaluationBatches(int batchSize) {
        List<LabelledBatch> batches = new ArrayList<>();
        for (int[] indices : TaskOrder.byLength(this, batchSize)) {
            batches.add(batch(indices));
        }
        return batches;
    }
}
