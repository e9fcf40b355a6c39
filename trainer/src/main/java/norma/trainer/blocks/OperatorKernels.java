package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Kernels;
import norma.trainer.model.TransformerShape;

/** DJL's operators one by one in float32, dropout by masks that are at hand: the fastest way on a CPU. */
record OperatorKernels(TransformerShape shape, ScriptOperators scripted) implements Kernels {
    @Override
    public NDArray selfAttention(
            ForwardPass pass, AttentionWeights weights, AttentionInput input, DeviceBatch batch, AttentionPlace place) {
        NDArray qkv = Operators.linear(input.x(), weights.qkvWeight(), weights.qkvBias()); // (B*S, 3H)
        NDArray context = gated(attention(pass, qkv, batch, place), input.gate()); // (B*S, H)
        NDArray projected = Operators.linear(context, weights.outputWeight(), weights.outputBias()); // (B*S, H)
        return Operators.added(pass, projected, input.residual(), place.dropout() + 1); // (B*S, H)
    }

    @Override
    public NDArray crossAttention(
            ForwardPass pass,
            CrossAttentionWeights weights,
            CrossAttentionInput input,
            DeviceBatch source,
            AttentionPlace place) {
        NDArray q = Operators.linear(input.x(), weights.queryWeight(), weights.queryBias()); // (B*T, H)
        NDArray kv = Operators.linear(input.memory(), weights.keyValueWeight(), weights.keyValueBias()); // (B*S, 2H)
        NDArray queries = split(q, source, 1).singletonOrThrow(); // (B, T, 1, A, D)
        NDList keysValues = split(kv, source, 2); // 2 x (B, S, 1, A, D)
        NDArray context = attention(pass, queries, keysValues.get(0), keysValues.get(1), source, place); // (B*T, H)
        NDArray projected = Operators.linear(context, weights.outputWeight(), weights.outputBias()); // (B*T, H)
        return Operators.added(pass, projected, input.residual(), place.dropout() + 1); // (B*T, H)
    }

    private NDArray attention(ForwardPass pass, NDArray qkv, DeviceBatch batch, AttentionPlace place) {
        NDList parts = split(qkv, batch, 3); // 3 x (B, S, 1, A, D)
        return attention(pass, parts.get(0), parts.get(1), parts.get(2), batch, place);
    }

    /** What projections made together, apart: (B*S, n*H) to n of (B, S, 1, A, D). */
    private NDList split(NDArray together, DeviceBatch batch, int parts) {
        return together.reshape(batch.rows(), -1, parts, shape.numAttentionHeads(), shape.headSize())
                .split(parts, 2);
    }

    /**
     * softmax(Q K^T / sqrt(D) + mask) V for A heads (Vaswani et al. 2017, section 3.2).
     *
     * @param queries (B, T, 1, A, D)
     * @param keys (B, S, 1, A, D)
     * @param values (B, S, 1, A, D)
     * @param attended the batch that keys and values are of
     * @return (B*T, H)
     */
    private NDArray attention(
            ForwardPass pass,
            NDArray queries,
            NDArray keys,
            NDArray values,
            DeviceBatch attended,
            AttentionPlace place) {
        long rows = attended.rows();
        long t = queries.getShape().get(1);
        long s = attended.length();
        long a = shape.numAttentionHeads();
        long d = shape.headSize();
        NDArray q = Operators.scale(heads(queries), 1 / Math.sqrt(shape.headSize())); // (B*A, T, D)
        NDArray k = heads(keys); // (B*A, S, D)
        NDArray v = heads(values); // (B*A, S, D)

        NDArray products = q.matMul(k.swapAxes(1, 2)); // (B*A, T, S), which no gradient needs
        if (place.kind() == AttentionKind.DECODER) {
            products.addi(attended.causalMask()); // (S, S)
        }
        NDArray scores = products.reshape(rows, a, t, s); // (B, A, T, S)
        if (attended.host().hasPadding()) {
            scores = scores.add(attended.additiveMask()); // (B, A, T, S)
        }
        NDArray probs = stretched(scores.softmax(-1)); // (B, A, T, S)
        pass.attentionProbs(place.kind(), place.layer(), probs);
        NDArray context = pass.dropout(probs, place.dropout()).reshape(-1, t, s).matMul(v); // (B*A, T, D)
        return context.reshape(rows, a, t, d).swapAxes(1, 2).reshape(rows * t, a * d); // (B*T, H)
    }

    /** A head's D positions by the head's gate: (B*S, H), (B*S, A) to (B*S, H). */
    private NDArray gated(NDArray context, NDArray gate) {
        return gate == null
                ? context
                : context.reshape(-1, shape.numAttentionHeads(), shape.headSize())
                        .mul(gate.expandDims(2)) // (B*S, A, D)
                        .reshape(context.getShape());
    }

    private NDArray stretched(NDArray probs) {
        return shape.stretch().isNone() ? probs : Operators.stretched(probs, shape.stretch());
    }

    /** Copies what a projection made into one block per head: (B, S, 1, A, D) to (B*A, S, D). */
    private static NDArray heads(NDArray part) {
        Shape shape = part.getShape();
        return part.squeeze(2).swapAxes(1, 2).reshape(-1, shape.get(1), shape.get(4)); // (B*A, S, D)
    }

    @Override
    public NDArray feedForward(ForwardPass pass, FeedForwardWeights weights, NDArray x, NDArray residual, int dropout) {
        NDArray inner = Operators.linear(x, weights.innerWeight(), weights.innerBias()); // (B*S, F)
        NDArray activated = activation(inner); // (B*S, F)
        NDArray outer = Operators.linear(activated, weights.outerWeight(), weights.outerBias()); // (B*S, H)
        return Operators.added(pass, outer, residual, dropout); // (B*S, H)
    }

    @Override
    public NDArray feedForwardDroppedInside(
            ForwardPass pass, FeedForwardWeights weights, NDArray x, NDArray residual, int dropout) {
        NDArray inner = Operators.linear(x, weights.innerWeight(), weights.innerBias()); // (N, F)
        NDArray activated = activation(inner); // (N, F)
        NDArray kept = shape.activation().equals("relu") // whose gradient reads what it gave
                ? pass.dropout(activated, dropout)
                : Operators.dropped(pass, activated, dropout); // (N, F)
        NDArray outer = Operators.linear(kept, weights.outerWeight(), weights.outerBias()); // (N, H)
        return Operators.added(pass, outer, residual, dropout + 1); // (N, H)
    }

    @Override
    public NDArray activation(NDArray x) {
        return switch (shape.activation()) {
            case "gelu" -> Activation.gelu(x);
            case "gelu_new" -> scripted.geluTanh(x);
            case "relu" -> Activation.relu(x);
            default -> throw new IllegalArgumentException(shape.activation());
        };
    }

    @Override
    public NDArray relativeAttention(
            ForwardPass pass,
            RelativeWeights weights,
            RelativeKeys keys,
            NDArray x,
            Reach reach,
            AttentionPlace place) {
        return new RelativeAttention(shape, scripted).of(pass, weights, keys, x, reach, place); // (B*Q, H)
    }

    @Override
    public NDArray vocabularyLogits(VocabularyWeights weights, NDArray hidden) {
        NDArray dense = Operators.linear(hidden, weights.transformWeight(), weights.transformBias()); // (N, E)
        NDArray activated = activation(dense); // (N, E)
        NDArray normed = Operators.layerNorm(
                activated, weights.normWeight(), weights.normBias(), shape.layerNormEps()); // (N, E)
        return Operators.linear(normed, weights.wordEmbeddings(), weights.bias()); // (N, V)
    }

    @Override
    public NDArray product(NDArray x, NDArray weight) {
        return Operators.linear(x, weight); // (N, out)
    }

    @Override
    public NDArray dropout(ForwardPass pass, NDArray x, int site) {
        return pass.dropout(x, site);
    }

    @Override
    public NDArray dropoutOfShared(ForwardPass pass, NDArray x, int rows, int site) {
        return Operators.droppedForEach(pass, x, rows, site);
    }

    @Override
    public void close() {
        scripted.close();
    }
}
