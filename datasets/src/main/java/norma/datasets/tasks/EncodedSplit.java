package norma.datasets.tasks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import norma.datasets.batches.Batch;
import norma.datasets.tokenizer.Tokenizer;

/**
 * The examples of a split as token ids: {@code [CLS] a [SEP]}, pairs as {@code [CLS] a [SEP] b [SEP]} with token type 1
 * from the second text on, cut to a length ({@link PairTruncation}).
 */
public final class EncodedSplit {
    private static final int[] NONE = {};

    private final TaskKind kind;
    private final List<LabelledExample> examples;
    private final int padId;
    private final int[][] ids;
    private final int[] firstSegment; // tokens of type 0 of each example
    private int truncated;

    /**
     * Encodes all texts, on all cores.
     *
     * @param kind the task's
     * @param maxLength tokens of an example at most, special tokens counted
     */
    public EncodedSplit(Tokenizer tokenizer, TaskKind kind, LabelledSplit split, int maxLength) {
        this.kind = kind;
        this.examples = split.examples();
        this.padId = tokenizer.padId();
        boolean pairs = examples.get(0).textPair() != null;
        int room = maxLength - (pairs ? 3 : 2);
        if (room < (pairs ? 2 : 1)) {
            throw new IllegalArgumentException("no text fits into " + maxLength + " tokens");
        }
        List<int[]> texts =
                tokenizer.encode(examples.stream().map(LabelledExample::text).toList());
        List<int[]> textPairs = pairs
                ? tokenizer.encode(
                        examples.stream().map(LabelledExample::textPair).toList())
                : List.of();
        ids = new int[examples.size()][];
        firstSegment = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            int[] text = texts.get(i);
            int[] textPair = pairs ? textPairs.get(i) : NONE;
            PairTruncation kept = PairTruncation.longestFirst(text.length, textPair.length, room);
            truncated += kept.first() + kept.second() < text.length + textPair.length ? 1 : 0;
            firstSegment[i] = kept.first() + 2;
            ids[i] = new int[firstSegment[i] + (pairs ? kept.second() + 1 : 0)];
            ids[i][0] = tokenizer.clsId();
            System.arraycopy(text, 0, ids[i], 1, kept.first());
            ids[i][firstSegment[i] - 1] = tokenizer.sepId();
            if (pairs) {
                System.arraycopy(textPair, 0, ids[i], firstSegment[i], kept.second());
                ids[i][ids[i].length - 1] = tokenizer.sepId();
            }
        }
    }

    /** How many examples. */
    public int size() {
        return ids.length;
    }

    /** How many examples have lost tokens. */
    public int truncated() {
        return truncated;
    }

    /** Tokens of an example, special ones counted. */
    public int length(int example) {
        return ids[example].length;
    }

    /** Tokens of the longest example. */
    public int longest() {
        return Arrays.stream(ids).mapToInt(example -> example.length).max().orElseThrow();
    }

    /** Examples in one batch, padded at the right to the longest of them. */
    public LabelledBatch batch(int[] exampleIndices) {
        int rows = exampleIndices.length;
        int longest = Arrays.stream(exampleIndices).map(this::length).max().orElseThrow();
        int[] inputIds = new int[rows * longest];
        int[] tokenTypeIds = new int[rows * longest];
        int[] lengths = new int[rows];
        Arrays.fill(inputIds, padId);
        for (int row = 0; row < rows; row++) {
            int example = exampleIndices[row];
            int start = row * longest;
            lengths[row] = length(example);
            System.arraycopy(ids[example], 0, inputIds, start, lengths[row]);
            Arrays.fill(tokenTypeIds, start + firstSegment[example], start + lengths[row], 1);
        }
        Batch inputs = new Batch(rows, longest, inputIds, tokenTypeIds, lengths, NONE, NONE, null);
        return new LabelledBatch(inputs, classes(exampleIndices), targets(exampleIndices), exampleIndices.clone());
    }

    private int[] classes(int[] exampleIndices) {
        return kind instanceof TaskKind.Classification
                ? Arrays.stream(exampleIndices)
                        .map(example -> ((Label.OneClass) examples.get(example).label()).index())
                        .toArray()
                : NONE;
    }

    private float[] targets(int[] exampleIndices) {
        if (kind instanceof TaskKind.Classification) {
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
