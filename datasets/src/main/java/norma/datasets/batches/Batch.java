package norma.datasets.batches;

/**
 * Sequences ready for a model, as plain arrays; B = {@link #rows}, S = {@link #length}, M = number of predicted
 * positions in the whole batch.
 *
 * @param rows B, the number of sequences
 * @param length S, the padded length
 * @param inputIds (B*S) token ids as the model reads them, row by row, masks applied, padding at the right
 * @param tokenTypeIds (B*S) 0 for the first segment and for padding, 1 for the second, others as the model's
 *     {@link norma.datasets.tokenizer.SequenceFormat} has them
 * @param lengths (B) real tokens of each row; a row is padding from there on
 * @param predictedPositions (M) where something is predicted, as indices into {@code inputIds}, ascending
 * @param predictedLabels (M) the correct token ids there
 * @param nextSentenceLabels (B) 0 where the second segment follows the first and 1 where it is random (Hugging Face's
 *     convention), or null when the objective has no next-sentence part
 * @param hidden which tokens are hidden from which, where tokens that are predicted stand in {@code inputIds}; null
 *     where every token is shown to every other one
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
        HiddenTokens hidden) {

    /** A batch whose tokens are shown to each other. */
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
                tokens);
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
