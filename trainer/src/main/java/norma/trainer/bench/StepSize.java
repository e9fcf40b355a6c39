package norma.trainer.bench;

import norma.trainer.config.TrainingConfig;
import norma.trainer.model.ModelConfig;

/**
 * What decides how much work a training step is, at one sequence length.
 *
 * @param model the shape; the vocabulary size is known
 * @param rows of the batch
 * @param microRows rows that a device has in memory at once; divides {@code rows}
 * @param devices that share the batch
 */
record StepSize(ModelConfig model, int rows, int microRows, int devices) {
    static StepSize of(ModelConfig model, TrainingConfig training, int devices) {
        return new StepSize(
                model, training.batchSize(), training.microBatchSize().rows(), devices);
    }

    /** So many times the rows; a batch that was in memory at once still is. */
    StepSize withMoreRows(int factor) {
        boolean atOnce = microRows * devices == rows;
        return new StepSize(model, rows * factor, atOnce ? microRows * factor : microRows, devices);
    }

    /** So many times as wide: the feed-forward layer too, and as many more heads, of the same size. */
    StepSize wider(int factor) {
        return new StepSize(model.wider(factor), rows, microRows, devices);
    }

    /** So many times the layers. */
    StepSize deeper(int factor) {
        return new StepSize(model.deeper(factor), rows, microRows, devices);
    }

    /** So many times the vocabulary; a tokenizer never uses the rows that are added. */
    StepSize withMoreWords(int factor) {
        return new StepSize(model.withVocabSize(model.vocabSize() * factor), rows, microRows, devices);
    }
}
