package norma.datasets.objectives;

import java.util.Arrays;
import java.util.Objects;

/**
 * One sequence while it is made: {@link Examples} write its text, then a {@link PredictionRule} says what is predicted.
 */
public final class Sequence {
    private final int[] ids;
    private final int[] types;
    private int length;
    private int remembered;
    private int nextSentenceLabel = -1;
    private int[] positions = new int[64];
    private int[] labels = new int[64];
    private int predictions;
    private int[] order = {};
    private int[] target;

    /** An empty sequence. */
    public Sequence(int maxLength) {
        ids = new int[maxLength];
        types = new int[maxLength];
    }

    /** Token ids as the model reads them, of which {@link #length} count; written to while the sequence is made. */
    public int[] ids() {
        return ids;
    }

    /** Token types, of which {@link #length} count; written to while the sequence is made. */
    public int[] types() {
        return types;
    }

    /** Tokens. */
    public int length() {
        return length;
    }

    /** How many of the first tokens are the text before the sequence, which it remembers. */
    public int remembered() {
        return remembered;
    }

    /** 0 if the second part follows the first, 1 if it is random, -1 if the objective does not ask. */
    public int nextSentenceLabel() {
        return nextSentenceLabel;
    }

    /** What a decoder is to say, which is predicted at its positions; null where nothing is decoded. */
    public int[] target() {
        return target;
    }

    /** Keeps the tokens as they are now as what a decoder is to say. */
    void keepAsTarget() {
        target = Arrays.copyOf(ids, length);
    }

    /** How many positions are predicted, in ascending order. */
    public int predictions() {
        return predictions;
    }

    /** The position of a prediction. */
    public int predictedPosition(int prediction) {
        return positions[Objects.checkIndex(prediction, predictions)];
    }

    /** The correct token id there. */
    public int predictedLabel(int prediction) {
        return labels[Objects.checkIndex(prediction, predictions)];
    }

    /**
     * The place of each prediction in the order in which they are made, counted from 0; empty where each is made
     * without the others.
     */
    public int[] order() {
        return order.clone();
    }

    void remember(int tokens) {
        remembered = tokens;
    }

    void end(int newLength) {
        length = newLength;
    }

    void relate(int label) {
        nextSentenceLabel = label;
    }

    void predict(int position, int label) {
        if (predictions == positions.length) {
            positions = Arrays.copyOf(positions, 2 * predictions);
            labels = Arrays.copyOf(labels, 2 * predictions);
        }
        positions[predictions] = position;
        labels[predictions++] = label;
    }

    void permute(int[] places) {
        order = places.clone();
    }
}
