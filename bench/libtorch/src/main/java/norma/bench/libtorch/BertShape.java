package norma.bench.libtorch;

import com.google.gson.JsonObject;

/**
 * BERT's shape by Hugging Face's names.
 *
 * @param vocabSize V
 * @param hiddenSize H
 * @param numHiddenLayers number of encoder layers
 * @param numAttentionHeads A
 * @param intermediateSize width of the feed-forward layer
 * @param maxPositionEmbeddings longest sequence
 * @param typeVocabSize number of segment ids
 * @param hiddenDropoutProb after embeddings, attention output and feed-forward output
 * @param attentionProbsDropoutProb on attention probabilities
 * @param layerNormEps added to the variance in every LayerNorm
 * @param initializerRange standard deviation of the normal that matrices and embeddings start from
 */
record BertShape(
        long vocabSize,
        long hiddenSize,
        int numHiddenLayers,
        long numAttentionHeads,
        long intermediateSize,
        long maxPositionEmbeddings,
        long typeVocabSize,
        double hiddenDropoutProb,
        double attentionProbsDropoutProb,
        double layerNormEps,
        double initializerRange) {

    /** From {@code model} of the JSON that {@code norma bench --json} prints. */
    static BertShape of(JsonObject model) {
        return new BertShape(
                model.get("vocab_size").getAsLong(),
                model.get("hidden_size").getAsLong(),
                model.get("num_hidden_layers").getAsInt(),
                model.get("num_attention_heads").getAsLong(),
                model.get("intermediate_size").getAsLong(),
                model.get("max_position_embeddings").getAsLong(),
                model.get("type_vocab_size").getAsLong(),
                model.get("hidden_dropout_prob").getAsDouble(),
                model.get("attention_probs_dropout_prob").getAsDouble(),
                model.get("layer_norm_eps").getAsDouble(),
                model.get("initializer_range").getAsDouble());
    }

    /** The same shape without dropout. */
    BertShape withoutDropout() {
        return new BertShape(
                vocabSize,
                hiddenSize,
                numHiddenLayers,
                numAttentionHeads,
                intermediateSize,
                maxPositionEmbeddings,
                typeVocabSize,
                0,
                0,
                layerNormEps,
                initializerRange);
    }
}
