package norma.trainer.toy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.TransformerShape;

/** The shape of a {@link ToyNetwork}. */
public record ToyConfig(Integer vocabSize, Integer hiddenSize, int embeddingSize, Integer numAttentionHeads)
        implements ModelConfig {
    @Override
    public String modelType() {
        return "toy";
    }

    @Override
    public ToyConfig withVocabSize(int size) {
        return new ToyConfig(size, hiddenSize, embeddingSize, numAttentionHeads);
    }

    @Override
    public Integer numHiddenLayers() {
        return 1;
    }

    @Override
    public Integer intermediateSize() {
        return hiddenSize;
    }

    @Override
    public TransformerShape shape() {
        return new TransformerShape(hiddenSize, numAttentionHeads, "gelu", 0, 0, 1e-12);
    }

    @Override
    public int longestSequence() {
        return 64;
    }

    @Override
    public Integer typeVocabSize() {
        return 1;
    }

    @Override
    public Integer padTokenId() {
        return 0;
    }

    @Override
    public List<DropoutSite> dropoutSites(long length, long longest) {
        return List.of();
    }

    @Override
    public double multiplications(long rows, long length, long predictions, boolean nextSentence) {
        return 0;
    }

    @Override
    public double parameters() {
        return 0;
    }

    @Override
    public ToyConfig wider(int factor) {
        return new ToyConfig(vocabSize, hiddenSize * factor, embeddingSize, numAttentionHeads * factor);
    }

    @Override
    public ToyConfig deeper(int factor) {
        return this;
    }

    @Override
    public ObjectNode toJson() {
        return JsonNodeFactory.instance.objectNode().put("model_type", modelType());
    }
}
