package norma.trainer.dropout;

/**
 * One place of dropout in a model, whose array is (B, planes, lines, width). Its draws are counted as if every sequence
 * of the step were as long as the longest: through an array (B, planes, mostLines, mostWidth), of which it has a corner
 * of each plane.
 *
 * @param planes matrices of each sequence: attention heads, or 1
 * @param lines of a matrix
 * @param width elements of a line
 * @param mostLines lines of the longest sequence of the step
 * @param mostWidth elements of its lines
 * @param probability that an element is dropped
 * @param attention whether the array is one of attention probabilities
 */
public record DropoutSite(
        long planes, long lines, long width, long mostLines, long mostWidth, double probability, boolean attention) {
    /** Refuses sequences longer than the longest, whose draws would overlap. */
    public DropoutSite {
        if (lines > mostLines || width > mostWidth) {
            throw new IllegalArgumentException(
                    "(" + lines + ", " + width + ") is not within (" + mostLines + ", " + mostWidth + ")");
        }
    }

    /**
     * Hidden states, (B, S, H).
     *
     * @param length S
     * @param longest length of the step's longest sequence
     * @param hidden H
     */
    public static DropoutSite ofHiddenStates(long length, long longest, long hidden, double probability) {
        return new DropoutSite(1, length, hidden, longest, hidden, probability, false);
    }

    /**
     * Attention probabilities, (B, A, S, S).
     *
     * @param heads A
     * @param length S
     * @param longest length of the step's longest sequence
     */
    public static DropoutSite ofAttentionProbs(long heads, long length, long longest, double probability) {
        return ofAttentionProbs(heads, new Extent(length, longest), new Extent(length, longest), probability);
    }

    /**
     * Attention probabilities of other queries than keys, (B, A, Q, S).
     *
     * @param heads A
     * @param queries Q
     * @param keys S
     */
    public static DropoutSite ofAttentionProbs(long heads, Extent queries, Extent keys, double probability) {
        return new DropoutSite(
                heads, queries.length(), keys.length(), queries.longest(), keys.longest(), probability, true);
    }

    /**
     * How many there are.
     *
     * @param length in each sequence of the batch
     * @param longest in the step's longest sequence
     */
    public record Extent(long length, long longest) {}

    /** One vector a sequence, (B, H). */
    public static DropoutSite ofVectors(long hidden, double probability) {
        return new DropoutSite(1, 1, hidden, 1, hidden, probability, false);
    }

    /** Sequences that one mask can be made for. */
    public long mostRows() {
        return probability == 0 ? Long.MAX_VALUE : DropoutMasks.MOST_ELEMENTS / elementsPerRow();
    }

    /** Elements of the masked array per sequence. */
    long elementsPerRow() {
        return planes * lines * width;
    }

    /**
     * The number of an element's draw within the step.
     *
     * @param firstRow first sequence of the array within the step's batch
     * @param element of the array, counted through it
     */
    long draw(long firstRow, long element) {
        long line = element / width;
        long plane = firstRow * planes + line / lines;
        return (plane * mostLines + line % lines) * mostWidth + element % width;
    }

    /** How many elements from this one on, itself included, have draws that follow one another. */
    long withoutGap(long element) {
        if (width < mostWidth) {
            return width - element % width;
        }
        return lines < mostLines ? lines * width - element % (lines * width) : Long.MAX_VALUE;
    }
}
