package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Kernels;
import norma.trainer.model.TransformerShape;

/**
 * {@link Kernels#relativeAttention} by DJL's operators.
 *
 * @param shape of the layer
 */
record RelativeAttention(TransformerShape shape) {
    NDArray of(
            ForwardPass pass,
            Kernels.RelativeWeights weights,
            Kernels.RelativeKeys keys,
            NDArray x,
            Kernels.Reach reach,
            Kernels.AttentionPlace place) {
        double factor = 1 / Math.sqrt(shape.headSize());
        NDArray scaled = Operators.scale(Operators.linear(x, weights.query()), factor); // (B*Q, A*D)
        NDArray q = Operators.heads(scaled, keys.keys().getShape().get(0), shape); // (B, A, Q, D)
        NDArray content = biased(q, weights.contentBias(), factor).matMul(columns(keys.keys())); // (B, A, Q, S)
        NDArray wide = biased(q, weights.positionBias(), factor).matMul(columns(keys.positions())); // (B, A, Q, 2S)
        NDArray position = reach.distances() == null ? shifted(wide) : picked(wide, reach.distances()); // (B, A, Q, S)
        NDArray segment = segments(biased(q, weights.segmentBias(), factor), weights, reach); // (B, A, Q, S)
        NDArray scores = content.addi(position).addi(segment); // no product's gradient needs its result
        NDArray probs = (reach.mask() == null ? scores : scores.addi(reach.mask())).softmax(-1); // (B, A, Q, S)
        pass.attentionProbs(place.kind(), place.layer(), probs);
        NDArray vectors =
                pass.dropout(probs, place.dropout()).matMul(keys.values()).swapAxes(1, 2); // (B, Q, A, D)
        NDArray context = vectors.reshape(x.getShape().get(0), -1); // (B*Q, A*D)
        NDArray kept = reach.present() == null ? context : context.mul(reach.present());
        return pass.dropout(Operators.linear(kept, weights.output()), place.dropout() + 1)
                .add(x); // (B*Q, H)
    }

    /** (B, A, N, D) to (B, A, D, N), as a matrix product reads it without a copy. */
    private static NDArray columns(NDArray heads) {
        return heads.swapAxes(2, 3);
    }

    /** (B, A, Q, D) and (A, D). */
    private static NDArray biased(NDArray q, NDArray bias, double factor) {
        return q.add(Operators.scale(with(q, bias.expandDims(1)), factor));
    }

    /** A view of a parameter, or of what the batch owns, that goes when x does. */
    private static NDArray with(NDArray x, NDArray view) {
        view.attach(x.getManager());
        return view;
    }

    /**
     * Of query i the columns S - i to 2S - i - 1: (B, A, S, 2S) to (B, A, S, S). Without the first S numbers of a
     * matrix, in rows that are one shorter, those columns stand at the beginning (Dai et al. 2019, appendix B).
     */
    static NDArray shifted(NDArray wide) {
        Shape shape = wide.getShape();
        long s = shape.get(2);
        return wide.reshape(shape.get(0), shape.get(1), 2 * s, s)
                .get(":, :, 1:")
                .reshape(shape.get(0), shape.get(1), s, 2 * s - 1)
                .get(":, :, :, 0:{}", s);
    }

    /** (B, A, Q, 2S) and (B, 1, Q, S) to (B, A, Q, S). */
    private static NDArray picked(NDArray wide, NDArray distances) {
        Shape shape = distances.getShape();
        NDArray index = distances.broadcast(shape.get(0), wide.getShape().get(1), shape.get(2), shape.get(3));
        return wide.gather(with(wide, index), 3);
    }

    private static NDArray segments(NDArray q, Kernels.RelativeWeights weights, Kernels.Reach reach) {
        NDArray sides = q.matMul(with(q, weights.segments().transpose(1, 2, 0))); // (B, A, Q, 2)
        NDArray same = sides.get(":, :, :, 0:1"); // (B, A, Q, 1)
        NDArray other = sides.get(":, :, :, 1:2");
        return other.sub(same).mul(reach.otherSegment()).add(same); // (B, A, Q, S)
    }
}
