package norma.trainer.bart;

import ai.djl.ndarray.NDArray;
import java.util.List;
import norma.trainer.blocks.Norm;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.LayerNormSite;

/**
 * One LayerNorm of a stack, with the part of a layer that leads to it.
 *
 * @param sum from what the LayerNorm before gives to this one's sum; null for the first, which takes the embeddings
 * @param reads names of the parameters of the sum
 * @param norm this LayerNorm
 * @param site its site
 */
record BartLink(Sum sum, List<String> reads, Norm norm, LayerNormSite site) {
    /** A part of a layer with its residual. */
    interface Sum {
        /**
         * From (B*S, H) to (B*S, H); in the decoder T instead of S.
         *
         * @param memory what the encoder gives (B*S, H); null in the encoder
         * @param batch of sources and targets
         */
        NDArray of(ForwardPass pass, NDArray normed, NDArray memory, DeviceBatch batch);
    }

    BartLink {
        reads = List.copyOf(reads);
    }
}
