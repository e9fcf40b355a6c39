package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.dropout.DropoutMasks;
import norma.trainer.dropout.DropoutSite;

/** The dropout sites of BERT in the order of its forward pass, for sequences of any length. */
public final class BertDropout {
    private final BertConfig config;
    private final DropoutMasks masks;
    private final boolean pooledToken;

    /** The sites of the encoder. */
    public BertDropout(BertConfig config, long seed) {
        this(config, seed, false);
    }

    private BertDropout(BertConfig config, long seed, boolean pooledToken) {
        this.config = config;
        this.masks = new DropoutMasks(seed);
        this.pooledToken = pooledToken;
    }

    /** The sites of the encoder and, after them, the pooled token before a classifier. */
    public static BertDropout withPooledToken(BertConfig config, long seed) {
        return new BertDropout(config, seed, true);
    }

    /**
     * The masks of one micro-batch, see {@link DropoutMasks#masks}.
     *
     * @param length S
     * @param longest length of the longest micro-batch of the step
     */
    public NDArray[] masks(NDManager manager, int length, int longest, long step, long firstRow, int rows) {
        return masks.masks(manager, sites(length, longest), step, firstRow, rows);
    }

    /** After the embeddings; then per layer on attention probabilities, attention output and feed-forward output. */
    private List<DropoutSite> sites(int length, int longest) {
        DropoutSite hidden =
                DropoutSite.ofHiddenStates(length, longest, config.hiddenSize(), config.hiddenDropoutProb());
        DropoutSite attention = DropoutSite.ofAttentionProbs(
                config.numAttentionHeads(), length, longest, config.attentionProbsDropoutProb());
        List<DropoutSite> sites = new ArrayList<>();
        sites.add(hidden);
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            sites.addAll(List.of(attention, hidden, hidden));
        }
        if (pooledToken) {
            sites.add(DropoutSite.ofVectors(config.hiddenSize(), config.hiddenDropoutProb()));
        }
        return sites;
    }
}
