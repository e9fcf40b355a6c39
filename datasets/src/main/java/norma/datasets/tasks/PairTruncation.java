package norma.datasets.tasks;

/**
 * How many tokens of two texts remain: the longer one loses tokens at its end until both fit ("longest first"). What is
 * left of two long texts is half of the room each, and an odd token goes to the longer text, of equally long ones to
 * the second: so does Hugging Face's tokenizers library ({@code truncate_encodings}), which all "fast" tokenizers use.
 * (The older Python code of Transformers gives the odd token to the first text always.)
 *
 * @param first tokens of the first text
 * @param second tokens of the second text
 */
record PairTruncation(int first, int second) {

    /**
     * What remains of two texts.
     *
     * @param room tokens that both may have together
     */
    static PairTruncation longestFirst(int first, int second, int room) {
        if (first + second <= room) {
            return new PairTruncation(first, second);
        }
        int shorter = Math.min(first, second);
        int ofShorter = Math.min(shorter, room / 2);
        int ofLonger = room - ofShorter;
        return first > second ? new PairTruncation(ofLonger, ofShorter) : new PairTruncation(ofShorter, ofLonger);
    }
}
