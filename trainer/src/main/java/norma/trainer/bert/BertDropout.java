package norma.trainer.bert;

import java.util.ArrayList;
import java.util.List;
import norma.trainer.dropout.DropoutMasks;

/** The dropout sites of BERT in the order of its forward pass, for sequences of any length. */
final class BertDropout {
    private final BertConfig config;
    private final long seed;
    private DropoutMasks masks;
    private int length = -1;

    BertDropout(BertConfig config, long seed) {
        this.config = config;
        this.seed = seed;
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
        return sites;
    }
}
