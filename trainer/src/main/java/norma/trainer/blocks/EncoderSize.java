package norma.trainer.blocks;

import java.util.ArrayList;
import java.util.List;
import norma.trainer.dropout.DropoutSite;

/**
 * The counts that decide how much work a post-LayerNorm encoder of BERT's kind does.
 *
 * @param vocabSize V
 * @param hiddenSize H
 * @param layers number of layers
 * @param heads attention heads of a layer
 * @param intermediateSize F
 */
public record EncoderSize(int vocabSize, int hiddenSize, int layers, int heads, int intermediateSize) {
    /** Dropout sites of a layer: attention probabilities, attention output, feed-forward output. */
    public static final int DROPOUTS_PER_LAYER = 3;

    /** Number of a layer's first dropout site, after that of the embeddings. */
    public static int firstDropout(int layer) {
        return 1 + DROPOUTS_PER_LAYER * layer;
    }

    /** After the embeddings; then per layer on attention probabilities, attention output and feed-forward output. */
    public List<DropoutSite> dropoutSites(long length, long longest, double hiddenProb, double attentionProb) {
        DropoutSite hidden = DropoutSite.ofHiddenStates(length, longest, hiddenSize, hiddenProb);
        DropoutSite attention = DropoutSite.ofAttentionProbs(heads, length, longest, attentionProb);
        List<DropoutSite> sites = new ArrayList<>();
        sites.add(hidden);
        for (int layer = 0; layer < layers; layer++) {
            sites.addAll(List.of(attention, hidden, hidden));
        }
        return sites;
    }

    /** Elements of the word embeddings and of the layers' matrices. */
    public double parameters() {
        double h = hiddenSize;
        return h * vocabSize + layers * (4 * h * h + 2 * h * intermediateSize);
    }

    /** See {@link norma.trainer.model.ModelConfig#multiplications}. */
    public double multiplications(long rows, long length, long predictions, boolean nextSentence) {
        double h = hiddenSize;
        double perToken = 4 * h * h + 2 * h * intermediateSize + 2 * length * h;
        double encoder = (double) layers * rows * length * perToken;
        double head = predictions * (h * h + h * vocabSize);
        double relation = nextSentence ? rows * (h * h + 2 * h) : 0;
        return encoder + head + relation;
    }
}
