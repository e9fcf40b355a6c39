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
 * @param scripted for the shift
 */
record RelativeAttention(TransformerShape shape, ScriptOperators scripted) {
    NDArray of(
            ForwardPass pass,
            Kernels.RelativeWeights weights,
            Kernels.RelativeKeys keys,
            NDArray x,
            Kernels.Reach reach,
            Kernels.AttentionPlace place) {
        double factor = 1 / Math.sqrt(shape.headSize());
        NDArray asking = Operators.linear(x, Operators.scale(weights.query(), factor)); // (B*Q, A*D)
        NDArray q = Operators.heads(asking, keys.keys().getShape().get(0), shape); // (B, A, Q, D)
        NDArray content = biased(q, weights.contentBias(), factor).matMul(columns(keys.keys())); // (B, A, Q, S)
        NDArray wide = biased(q, weights.positionBias(), factor).matMul(columns(keys.positions())); // (B, A, Q, 2S)
        NDArray position =
                reach.distances() == null ? scripted.shifted(wide) : picked(wide, reach.distances()); // (B, A, Q, S)
        NDArray scores = content.addi(position); // no product's gradient needs its result
        if (reach.otherSegment() != null) {
            scores = scores.addi(segment(biased(q, weights.segmentBias(), factor), weights, reach.otherSegment()));
        }
        NDArray probs = (reach.mask() == null ? scores : scores.addi(reach.mask())).softmax(-1); // (B, A, Q, S)
        pass.attentionProbs(place.kind(), place.layer(), probs);
        NDArray vectors =
                pass.dropout(probs, place.dropout()).matMul(keys.values()).swapAxes(1, 2); // (B, Q, A, D)
        NDArray context = vectors.reshape(x.getShape().get(0), -1); // (B*Q, A*D)
        NDArray kept = reach.present() == null ? context : context.mul(reach.present());
        return Operators.added(pass, Operators.linear(kept, weights.output()), x, place.dropout() + 1); // (B*Q, H)
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

    /** (B, A, Q, 2S) and (B, 1, Q, S) to (B, A, Q, S). */
    private static NDArray picked(NDArray wide, NDArray distances) {
        Shape shape = distances.getShape();
        NDArray index = distances.broadcast(shape.get(0), wide.getShape().get(1), shape.get(2), shape.get(3));
        return wide.gather(with(wide, index), 3);
    }

    /**
     * By how much more a key of another segment counts than one of the same, whose own term, the same for all keys of a
     * query, no softmax sees: (B, A, Q, S).
     */
    private static NDArray segment(NDArray q, Kernels.RelativeWeights weights, NDArray otherSegment) {
        NDArray segments = weights.segments(); // (2, A, D)
        NDArray change = with(q, segments.get(1)).sub(with(q, segments.get(0))); // (A, D)
        return q.matMul(change.expandDims(2)).mul(otherSegment); // (B, A, Q, 1) times (B, 1, Q, S)
    }
}
