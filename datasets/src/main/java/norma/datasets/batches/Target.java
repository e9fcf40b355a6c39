package norma.datasets.batches;

import java.util.Arrays;

/**
 * What a decoder reads beside the sequences that an encoder reads, as many rows; T = {@link #length}.
 *
 * @param length T, the padded length
 * @param inputIds (B*T) token ids row by row, each row's predictions shifted right by one, padding at the right
 * @param lengths (B) real tokens of each row; a row is padding from there on
 */
@SuppressWarnings("ArrayRecordComponent") // as those of Batch
public record Target(int length, int[] inputIds, int[] lengths) {
    /**
     * Rows shifted right by one token, as a decoder reads what it is to say (Hugging Face's shift_tokens_right): the
     * start comes first, and the last place of each row falls away.
     *
     * @param length S
     * @param ids (B*S), padding at the right
     * @param lengths (B)
     * @param startId the token that stands before the first
     */
    public static Target shiftedRight(int length, int[] ids, int[] lengths, int startId) {
        int[] shifted = new int[ids.length];
        for (int row = 0; row < lengths.length; row++) {
            int from = row * length;
            System.arraycopy(ids, from, shifted, from + 1, length - 1);
            shifted[from] = startId;
        }
        return new Target(length, shifted, lengths);
    }

    /** Rows {@code from} to {@code to}, as a target of the same length. */
    public Target rows(int from, int to) {
        return new Target(
                length,
                Arrays.copyOfRange(inputIds, from * length, to * length),
                Arrays.copyOfRange(lengths, from, to));
    }
}
