package norma.trainer.model;

import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.tokenizer.SequenceFormat;

/**
 * The tables in which a model looks up its inputs: word, position and token-type embeddings, and the classes of its
 * heads. Whatever is put to a model, from wherever it comes, is checked here; for an id without a row libtorch would
 * throw in the middle, or on a GPU read what lies beside the table.
 *
 * @param model what messages call it: its folder
 * @param config its shape
 */
public record InputTables(String model, ModelConfig config) {
    /**
     * Refuses a tokenizer that can make ids without an embedding.
     *
     * @param source its file, or the model's folder
     * @param tokens one more than its largest id
     */
    public void requireVocabulary(String source, int tokens) {
        if (tokens > config.vocabSize()) {
            throw InvalidInputException.of(
                    source,
                    "vocabulary",
                    tokens + " tokens",
                    "at most vocab_size of " + model + " (" + config.vocabSize() + ")");
        }
    }

    /**
     * Refuses pairs of texts where the second text's token type has no embedding.
     *
     * @param task what has the pairs
     * @param format how the model's sequences are framed
     */
    public void requirePairs(String task, SequenceFormat format) {
        if (config.typeVocabSize() < format.types()) {
            throw InvalidInputException.of(
                    model + "/config.json",
                    "type_vocab_size",
                    config.typeVocabSize(),
                    "at least " + format.types() + ", for " + task + " has pairs of texts");
        }
    }

    /**
     * Refuses a batch with an id, a position, a token type or a label that the model has no row for.
     *
     * @param source where its examples come from
     */
    public void require(String source, Batch batch) {
        int longest = Math.max(batch.length(), batch.predictedLength());
        if (longest > config.longestSequence()) {
            throw InvalidInputException.of(
                    source,
                    "sequence length",
                    longest,
                    "at most " + config.positionsKey() + " of " + model + " (" + config.longestSequence() + ")");
        }
        requireBelow(source, "token id", batch.inputIds(), "vocab_size", config.vocabSize());
        requireBelow(source, "token type", batch.tokenTypeIds(), "type_vocab_size", config.typeVocabSize());
        if (batch.target() != null) {
            requireBelow(source, "token id", batch.target().inputIds(), "vocab_size", config.vocabSize());
        }
        requireBelow(source, "label", batch.predictedLabels(), "vocab_size", config.vocabSize());
    }

    private void requireBelow(String source, String what, int[] ids, String key, int rows) {
        for (int id : ids) {
            if (id < 0 || id >= rows) {
                throw InvalidInputException.of(
                        source, what, id, "0 to " + (rows - 1) + ", for " + key + " of " + model + " is " + rows);
            }
        }
    }
}
