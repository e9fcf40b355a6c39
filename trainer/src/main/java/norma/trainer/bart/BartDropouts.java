package norma.trainer.bart;

import java.util.ArrayList;
import java.util.List;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.model.BatchLengths;

/** The numbers of BART's dropout sites, in the order of the pass: the encoder's, the decoder's, those of a head. */
record BartDropouts(BartConfig config) {
    /** Attention probabilities, attention output, activation, feed-forward output. */
    private static final int ENCODER_LAYER = 4;

    /** The same with those of the attention to the encoder. */
    private static final int DECODER_LAYER = 6;

    /** That of the encoder's embeddings. */
    int encoderEmbeddings() {
        return 0;
    }

    /** The first of a layer of the encoder. */
    int encoderLayer(int layer) {
        return encoderEmbeddings() + 1 + ENCODER_LAYER * layer;
    }

    /** That of the decoder's embeddings. */
    int decoderEmbeddings() {
        return encoderLayer(config.encoderLayers());
    }

    /** The first of a layer of the decoder. */
    int decoderLayer(int layer) {
        return decoderEmbeddings() + 1 + DECODER_LAYER * layer;
    }

    /** The first of a head. */
    int head() {
        return decoderLayer(config.decoderLayers());
    }

    /**
     * All but those of a head.
     *
     * @param lengths of a micro-batch
     * @param longest of the step
     */
    List<DropoutSite> sites(BatchLengths lengths, BatchLengths longest) {
        long s = lengths.source();
        long t = lengths.target();
        long mostS = longest.source();
        long mostT = longest.target();
        double attention = config.attentionDropout();
        double activation = config.activationDropout();
        List<DropoutSite> sites = new ArrayList<>();
        DropoutSite source = DropoutSite.ofHiddenStates(s, mostS, config.dModel(), config.dropout());
        sites.add(source);
        for (int layer = 0; layer < config.encoderLayers(); layer++) {
            sites.addAll(List.of(
                    DropoutSite.ofAttentionProbs(config.encoderAttentionHeads(), s, mostS, attention),
                    source,
                    DropoutSite.ofHiddenStates(s, mostS, config.encoderFfnDim(), activation),
                    source));
        }
        DropoutSite target = DropoutSite.ofHiddenStates(t, mostT, config.dModel(), config.dropout());
        int heads = config.decoderAttentionHeads();
        sites.add(target);
        for (int layer = 0; layer < config.decoderLayers(); layer++) {
            sites.addAll(List.of(
                    DropoutSite.ofAttentionProbs(heads, t, mostT, attention),
                    target,
                    DropoutSite.ofAttentionProbs(
                            heads, new DropoutSite.Extent(t, mostT), new DropoutSite.Extent(s, mostS), attention),
                    target,
                    DropoutSite.ofHiddenStates(t, mostT, config.decoderFfnDim(), activation),
                    target));
        }
        return sites;
    }
}
