package norma.trainer.bert;

import java.util.ArrayList;
import java.util.List;
import norma.trainer.dropout.DropoutMasks;

/** The dropout sites of BERT in the order of its forward pass, for sequences of any length. */
final class BertDropout {
    private final BertConfig config;
    private final long seed;
    private final boolean pooledToken;
    private DropoutMasks masks;
    private int length = -1;

    /** The sites of the encoder. */
    BertDropout(BertConfig config, long seed) {
        this(config, seed, false);
    }

    private BertDropout(BertConfig config, long seed, boolean pooledToken) {
        this.config = config;
        this.seed = seed;
        this.pooledToken = pooledToken;
    }

    /** The sites of the encoder and, after them, the pooled token before a classifier. */
    static BertDropout withPooledToken(BertConfig config, long seed) {
        return new BertDropout(config, seed, true);
    }

    /** Masks for sequences of a length; the next call with another length ends their use. */
    DropoutMasks forLength(int sequenceLength) {
        if (sequenceLength != length) {
            masks = new DropoutMasks(seed, sites(sequenceLength));
            length = sequenceLength;
        }
        return masks;
    }

    /** After the embeddings; then per layer on attention probabilities, attention output and feed-forward output. */
    private List<DropoutMasks.Site> sites(int sequenceLength) {
        DropoutMasks.Site hidden =
                new DropoutMasks.Site((long) sequenceLength * config.hiddenSize(), config.hiddenDropoutProb());
        DropoutMasks.Site attention = new DropoutMasks.Site(
                (long) sequenceLength * sequenceLength * config.numAttentionHeads(),
                config.attentionProbsDropoutProb());
        List<DropoutMasks.Site> sites = new ArrayList<>();
        sites.add(hidden);
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            sites.addAll(List.of(attention, hidden, hidden));
        }
        if (pooledToken) {
            sites.add(new DropoutMasks.Site(config.hiddenSize(), config.hiddenDropoutProb()));
        }
        return sites;
    }
}
