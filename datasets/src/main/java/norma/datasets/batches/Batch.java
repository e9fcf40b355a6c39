package norma.datasets.batches;

/**
 * Sequences ready for a model, as plain arrays; B = {@link #rows}, S = {@link #length}, M = number of predicted
 * positions in the whole batch. Where a decoder reads a target beside the sequences, what is predicted stands at
 * positions of the target.
 *
 * @param rows B, the number of sequences
 * @param length S, the padded length
 * @param inputIds (B*S) token ids as the model reads them, row by row, masks applied, padding at the right
 * @param tokenTypeIds (B*S) 0 for the first segment and for padding, 1 for the second
 * @param lengths (B) real tokens of each row; a row is padding from there on
 * @param predictedPositions (M) where something is predicted, as indices into {@code inputIds}, or into those of the
 *     target where there is one, ascending
 * @param predictedLabels (M) the correct token ids there
 * @param nextSentenceLabels (B) 0 where the second segment follows the first and 1 where it is random (Hugging Face's
 *     convention), or null when the objective has no next-sentence part
 * @param hidden which tokens are hidden from which, where tokens that are predicted stand in {@code inputIds}; null
 *     where every token is shown to every other one
 * @param target what a decoder reads; null where nothing is decoded
 */
@SuppressWarnings("ArrayRecordComponent") // read once, by the step that copies them into tensors
public record Batch(
        int rows,
        int length,
        int[] inputIds,
        int[] tokenTypeIds,
        int[] lengths,
        int[] predictedPositions,
        int[] predictedLabels,
        int[] nextSentenceLabels,
        HiddenTokens hidden,
        Target target) {

    /** A batch whose tokens are shown to each other, without a target. */
    public Batch(
            int rows,
            int length,
            int[] inputIds,
            int[] tokenTypeIds,
            int[] lengths,
            int[] predictedPositions,
            int[] predictedLabels,
            int[] nextSentenceLabels) {
        this(
                rows,
                length,
                inputIds,
                tokenTypeIds,
                lengths,
                predictedPositions,
                predictedLabels,
                nextSentenceLabels,
                null,
                null);
    }

    /** The same batch with some tokens hidden from others. */
    public Batch hiding(HiddenTokens tokens) {
        return new Batch(
                rows,
                length,
                inputIds,
                tokenTypeIds,
                lengths,
                predictedPositions,
                predictedLabels,
                nextSentenceLabels,
                tokens,
                target);
    }

    /** The same sequences with what a decoder reads. */
    public Batch with(Target decoded) {
        return new Batch(
                rows,
                length,
                inputIds,
                tokenTypeIds,
                lengths,
                predictedPositions,
                predictedLabels,
                nextSentenceLabels,
                hidden,
                decoded);
    }

    /**
     * What a decoder reads, as sequences of its own in which nothing is predicted.
     *
     * @throws NullPointerException if nothing is decoded
     */
    public Batch decoded() {
        int[] none = {};
        int[] types = new int[target.inputIds().length];
        return new Batch(rows, target.length(), target.inputIds(), types, target.lengths(), none, none, null);
    }

    /** Length of the rows that {@link #predictedPositions} counts in. */
    public int predictedLength() {
        return target == null ? length : target.length();
    }

    /** Whether any row is shorter than S, so that attention needs a mask. */
    public boolean hasPadding() {
        for (int n : lengths) {
            if (n < length) {
                return true;
            }
        }
        return false;
    }

    /** Real tokens, padding not counted. */
    public int tokens() {
        int sum = 0;
        for (int n : lengths) {
            sum += n;
        }
        return sum;
    }
}
