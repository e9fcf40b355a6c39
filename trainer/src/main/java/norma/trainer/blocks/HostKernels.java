package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import norma.trainer.device.DeviceBatch;
import norma.trainer.dropout.DropoutMasks;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Precision;
import norma.trainer.model.TransformerShape;
import norma.trainer.torchscript.TorchScript;

/**
 * Each part as one TorchScript function for a CPU: for bf16, which DJL's arrays cannot hold. Unlike
 * {@link FusedKernels} it takes dropout's masks that are at hand, since libtorch draws its own on one thread, and makes
 * attention from its matrix products, since {@code scaled_dot_product_attention} with dropout falls back to float32 on
 * a CPU.
 *
 * <p>In bf16 the inputs, weights and results of linear layers, attention and activation function are rounded; residual
 * stream, LayerNorms, dropout of hidden states and all that comes in or goes out are float32.
 */
final class HostKernels extends ScriptKernels {
    /** An optional array is one without elements where it is absent. */
    private static final String FUNCTIONS = """
              def linear(self: __torch__.Functions, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
                return torch.linear(torch.to(x, LOW), torch.to(w, LOW), torch.to(b, LOW))
              def added(self: __torch__.Functions, x: Tensor, residual: Tensor, drop: Tensor) -> Tensor:
                if torch.eq(torch.numel(drop), 0):
                  sum = torch.add(residual, x)
                else:
                  sum = torch.addcmul(residual, torch.to(x, 6), torch.reshape(drop, torch.size(x)))
                return sum
              def probs(self: __torch__.Functions, q: Tensor, k: Tensor, padding: Tensor, causal: bool) -> Tensor:
                rows = torch.floordiv(torch.size(q, 0), HEADS)
                length = torch.size(q, 1)
                keys = torch.size(k, 1)
                scores = torch.bmm(torch.mul(q, SCALE), torch.transpose(k, 1, 2))
                if causal:
                  later = torch.triu(torch.ones([length, length], dtype=11, layout=None, device=None, pin_memory=None), 1)
                  seen = torch.masked_fill(scores, later, -inf)
                else:
                  if torch.eq(torch.numel(padding), 0):
                    seen = scores
                  else:
                    absent = torch.reshape(torch.eq(padding, 0), [rows, 1, 1, keys])
                    heads = torch.reshape(scores, [rows, HEADS, length, keys])
                    seen = torch.reshape(torch.masked_fill(heads, absent, -inf), torch.size(scores))
                return PROBS
              def tokens(self: __torch__.Functions, probs: Tensor, v: Tensor, drop_probs: Tensor, rows: int, length: int) -> Tensor:
                if torch.eq(torch.numel(drop_probs), 0):
                  context = torch.bmm(probs, v)
                else:
                  kept = torch.reshape(torch.to(drop_probs, LOW), torch.size(probs))
                  context = torch.bmm(torch.mul(probs, kept), torch.mul(v, KEPT_SCALE))
                heads = torch.reshape(context, [rows, HEADS, length, HEAD_SIZE])
                return torch.transpose(heads, 1, 2)
              def attention(self: __torch__.Functions, x: Tensor, residual: Tensor, padding: Tensor, drop_probs: Tensor, drop: Tensor, gate: Tensor, causal: bool, wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                rows = torch.size(x, 0)
                length = torch.size(x, 1)
                qkv = torch.reshape((self).linear(x, wqkv, bqkv, ), [rows, length, 3, HEADS, HEAD_SIZE])
                parts = torch.contiguous(torch.permute(qkv, [2, 0, 3, 1, 4]))
                q, k, v, = torch.unbind(torch.reshape(parts, [3, torch.mul(rows, HEADS), length, HEAD_SIZE]), 0)
                probs = (self).probs(q, k, padding, causal, )
                tokens = (self).tokens(probs, v, drop_probs, rows, length, )
                if torch.eq(torch.numel(gate), 0):
                  gated = tokens
                else:
                  gated = torch.mul(tokens, torch.to(torch.reshape(gate, [rows, length, HEADS, 1]), LOW))
                joined = torch.reshape(gated, [torch.mul(rows, length), HIDDEN])
                return (self).added((self).linear(joined, wo, bo, ), residual, drop, )
              def cross_attention_sum(self: __torch__.Functions, x: Tensor, residual: Tensor, memory: Tensor, padding: Tensor, drop_probs: Tensor, drop: Tensor, wq: Tensor, bq: Tensor, wkv: Tensor, bkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                rows = torch.size(x, 0)
                length = torch.size(x, 1)
                keys = torch.size(memory, 1)
                ofx = torch.reshape((self).linear(x, wq, bq, ), [rows, length, HEADS, HEAD_SIZE])
                q = torch.reshape(torch.contiguous(torch.permute(ofx, [0, 2, 1, 3])), [torch.mul(rows, HEADS), length, HEAD_SIZE])
                kv = torch.reshape((self).linear(memory, wkv, bkv, ), [rows, keys, 2, HEADS, HEAD_SIZE])
                parts = torch.contiguous(torch.permute(kv, [2, 0, 3, 1, 4]))
                k, v, = torch.unbind(torch.reshape(parts, [2, torch.mul(rows, HEADS), keys, HEAD_SIZE]), 0)
                probs = (self).probs(q, k, padding, False, )
                tokens = (self).tokens(probs, v, drop_probs, rows, length, )
                joined = torch.reshape(tokens, [torch.mul(rows, length), HIDDEN])
                return (self).added((self).linear(joined, wo, bo, ), residual, drop, )
              def attention_sum(self: __torch__.Functions, x: Tensor, residual: Tensor, padding: Tensor, drop_probs: Tensor, drop: Tensor, gate: Tensor, wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                return (self).attention(x, residual, padding, drop_probs, drop, gate, False, wqkv, bqkv, wo, bo, )
              def attention_sum_causal(self: __torch__.Functions, x: Tensor, residual: Tensor, padding: Tensor, drop_probs: Tensor, drop: Tensor, gate: Tensor, wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                return (self).attention(x, residual, padding, drop_probs, drop, gate, True, wqkv, bqkv, wo, bo, )
              def output_sum(self: __torch__.Functions, x: Tensor, residual: Tensor, drop: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
                inner = (self).linear(x, w1, b1, )
                return (self).added((self).linear(ACTIVATION_INNER, w2, b2, ), residual, drop, )
              def output_sum_dropped(self: __torch__.Functions, x: Tensor, residual: Tensor, drop_inner: Tensor, drop: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
                inner = (self).linear(x, w1, b1, )
                activated = ACTIVATION_INNER
                if torch.eq(torch.numel(drop_inner), 0):
                  kept = activated
                else:
                  kept = torch.to(torch.mul(torch.to(activated, 6), torch.reshape(drop_inner, torch.size(activated))), LOW)
                return (self).added((self).linear(kept, w2, b2, ), residual, drop, )
              def attended(self: __torch__.Functions, probs: Tensor, values: Tensor, drop: Tensor) -> Tensor:
                if torch.eq(torch.numel(drop), 0):
                  context = torch.matmul(probs, values)
                else:
                  kept = torch.reshape(torch.to(drop, LOW), torch.size(probs))
                  context = torch.matmul(torch.mul(probs, kept), torch.mul(values, KEPT_SCALE))
                return context
              def summed(self: __torch__.Functions, x: Tensor, residual: Tensor, drop: Tensor) -> Tensor:
                return (self).added(x, residual, drop, )
              def activated(self: __torch__.Functions, inner: Tensor) -> Tensor:
                return ACTIVATION_INNER
              def predict(self: __torch__.Functions, x: Tensor, w1: Tensor, b1: Tensor, weight: Tensor, bias: Tensor, table: Tensor, shift: Tensor) -> Tensor:
                inner = (self).linear(x, w1, b1, )
                activated = torch.to(ACTIVATION_INNER, 6)
                normed = torch.layer_norm(activated, [HIDDEN], weight, bias, EPSILON, False)
                return torch.to((self).linear(normed, table, shift, ), 6)
              def product(self: __torch__.Functions, x: Tensor, weight: Tensor) -> Tensor:
                return torch.to(torch.linear(torch.to(x, LOW), torch.to(weight, LOW), None), 6)
            """;

    private static final String SOFTMAX = "torch.softmax(seen, -1)";

    private static final String CLIPPED_SOFTMAX =
            "torch.to(torch.clamp(torch.add(torch.mul(torch.softmax(seen, -1, dtype=6), STRETCH), SHIFT), 0.0, 1.0), LOW)";

    private final NDArray absent;

    private HostKernels(TorchScript script, NDArray absent) {
        super(script);
        this.absent = absent;
    }

    /** Compiles the functions of a shape, whose sizes stand in their source. */
    static HostKernels compile(NDManager manager, TransformerShape shape, Precision precision) {
        String attending = (FUNCTIONS + RelativeScript.of(shape, precision))
                .replace("PROBS", shape.stretch().isNone() ? SOFTMAX : CLIPPED_SOFTMAX);
        String source = sized(attending, shape)
                .replace("LOW", precision == Precision.BF16 ? "15" : "6")
                .replace("KEPT_SCALE", number(DropoutMasks.scale(shape.attentionProbsDropoutProb())))
                .replace("SCALE", number(1 / Math.sqrt(shape.headSize())));
        return new HostKernels(TorchScript.compile(manager, source), manager.create(new Shape(0)));
    }

    @Override
    public NDArray selfAttention(
            ForwardPass pass, AttentionWeights weights, AttentionInput input, DeviceBatch batch, AttentionPlace place) {
        boolean causal = place.kind() == AttentionKind.DECODER; // padding is at the right: no token sees it
        return call(
                causal ? "attention_sum_causal" : "attention_sum",
                new NDList(
                        rows(input.x(), batch), // (B, S, H)
                        input.residual(),
                        causal ? absent : orAbsent(batch.attentionMask()), // (B, S)
                        orAbsent(pass.dropoutMask(place.dropout())), // (B*A*S*S), bytes
                        orAbsent(pass.dropoutMask(place.dropout() + 1)), // (B*S*H)
                        orAbsent(input.gate()), // (B*S, A)
                        weights.qkvWeight(),
                        weights.qkvBias(),
                        weights.outputWeight(),
                        weights.outputBias())); // (B*S, H)
    }

    @Override
    public NDArray crossAttention(
            ForwardPass pass,
            CrossAttentionWeights weights,
            CrossAttentionInput input,
            DeviceBatch source,
            AttentionPlace place) {
        NDList arguments = new NDList(
                rows(input.x(), source), // (B, T, H)
                input.residual(),
                rows(input.memory(), source), // (B, S, H)
                orAbsent(source.attentionMask()), // (B, S)
                orAbsent(pass.dropoutMask(place.dropout())), // (B*A*T*S), bytes
                orAbsent(pass.dropoutMask(place.dropout() + 1))); // (B*T*H)
        arguments.addAll(weights.all());
        return call("cross_attention_sum", arguments); // (B*T, H)
    }

    @Override
    public NDArray feedForward(ForwardPass pass, FeedForwardWeights weights, NDArray x, NDArray residual, int dropout) {
        return call(
                "output_sum",
                new NDList(
                        x,
                        residual,
                        orAbsent(pass.dropoutMask(dropout)), // (B*S*H)
                        weights.innerWeight(),
                        weights.innerBias(),
                        weights.outerWeight(),
                        weights.outerBias())); // (B*S, H)
    }

    @Override
    public NDArray feedForwardDroppedInside(
            ForwardPass pass, FeedForwardWeights weights, NDArray x, NDArray residual, int dropout) {
        return call(
                "output_sum_dropped",
                new NDList(
                        x,
                        residual,
                        orAbsent(pass.dropoutMask(dropout)), // (N*F)
                        orAbsent(pass.dropoutMask(dropout + 1)), // (N*H)
                        weights.innerWeight(),
                        weights.innerBias(),
                        weights.outerWeight(),
                        weights.outerBias())); // (N, H)
    }

    @Override
    public NDArray relativeAttention(
            ForwardPass pass,
            RelativeWeights weights,
            RelativeKeys keys,
            NDArray x,
            Reach reach,
            AttentionPlace place) {
        return relativeAttention(
                weights,
                keys,
                x,
                reach,
                absent,
                orAbsent(pass.dropoutMask(place.dropout())), // (B*A*Q*S), bytes
                orAbsent(pass.dropoutMask(place.dropout() + 1))); // (B*Q*H)
    }

    @Override
    public NDArray dropout(ForwardPass pass, NDArray x, int site) {
        return pass.dropout(x, site);
    }

    @Override
    public NDArray dropoutOfShared(ForwardPass pass, NDArray x, int rows, int site) {
        return Operators.droppedForEach(pass, x, rows, site);
    }

    private NDArray orAbsent(NDArray array) {
        return array == null ? absent : array;
    }

    @Override
    public void close() {
        super.close();
        absent.close();
    }
}
