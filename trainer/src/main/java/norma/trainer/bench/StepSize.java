package norma.trainer.bench;

import norma.trainer.bert.BertConfig;
import norma.trainer.config.TrainingConfig;

/**
 * What decides how much work a training step is, at one sequence length.
 *
 * @param model the shape; the vocabulary size is known
 * @param rows of the batch
 * @param microRows rows that a device has in memory at once; divides {@code rows}
 * @param devices that share the batch
 */
record StepSize(BertConfig model, int rows, int microRows, int devices) {
    static StepSize of(BertConfig model, TrainingConfig training, int devices) {
        return new StepSize(model, training.batchSize(), training.microBatchSize(), devices);
    }

    /** So many times the rows; a batch that was in memory at once still is. */
    StepSize withMoreRows(int factor) {
        boolean atOnce = microRows * devices == rows;
        return new StepSize(model, rows * factor, atOnce ? microRows * factor : microRows, devices);
    }

    /** So many times as wide: the feed-forward layer too, and as many more heads, of the same size. */
    StepSize wider(int factor) {
        return with(
                model.vocabSize(),
                model.hiddenSize() * factor,
                model.numHiddenLayers(),
                model.numAttentionHeads() * factor,
                model.intermediateSize() * factor);
    }

    /** So many times the layers. */
    StepSize deeper(int factor) {
        return with(
                model.vocabSize(),
                model.hiddenSize(),
                model.numHiddenLayers() * factor,
                model.numAttentionHeads(),
                model.intermediateSize());
    }

    /** So many times the vocabulary; a tokenizer never uses the rows that are added. */
    StepSize withMoreWords(int factor) {
        return new StepSize(model.withVocabSize(model.vocabSize() * factor), rows, microRows, devices);
    }

    private StepSize with(int vocabulary, int hidden, int layers, int heads, int intermediate) {
        BertConfig grown = new BertConfig(
                vocabulary,
                hidden,
                layers,
                heads,
                intermediate,
                model.hiddenAct(),
                model.hiddenDropoutProb(),
                model.attentionProbsDropoutProb(),
                model.maxPositionEmbeddings(),
                model.typeVocabSize(),
                model.layerNormEps(),
                model.initializerRange(),
                model.padTokenId());
        return new StepSize(grown, rows, microRows, devices);
    }
}
