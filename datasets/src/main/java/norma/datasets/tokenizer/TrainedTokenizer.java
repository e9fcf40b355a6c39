package norma.datasets.tokenizer;

/**
 * A tokenizer that was trained.
 *
 * @param tokenizer to be closed by whoever takes it
 * @param coverage of the text by its alphabet; byte-level BPE spells everything
 */
public record TrainedTokenizer(Tokenizer tokenizer, AlphabetCoverage coverage) {}
