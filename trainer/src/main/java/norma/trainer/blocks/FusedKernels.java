package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import norma.trainer.device.DeviceBatch;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Precision;
import norma.trainer.model.TransformerShape;
import norma.trainer.torchscript.TorchScript;

/**
 * Each part as one TorchScript function: linear layers, attention ({@code scaled_dot_product_attention}, which on a GPU
 * is FlashAttention, Dao et al. 2022, where nothing is padding), activation, dropout and residual. For devices where
 * the number of launches and the traffic to memory count, and for bf16 there, which DJL's arrays cannot hold: it exists
 * inside the functions only.
 *
 * <p>In bf16 the inputs, weights and results of linear layers, attention and the dropouts after them are rounded; the
 * residual stream, LayerNorms and all that comes in or goes out are float32, as with torch's autocast. Dropout draws
 * from the device's generator. Queries, keys and values are cut from the last axis of one product, so that the way back
 * joins their gradients in one copy.
 */
final class FusedKernels extends ScriptKernels {
    private static final String FUNCTIONS = """
              def low(self: __torch__.Functions, x: Tensor) -> Tensor:
                return LOW
              def linear(self: __torch__.Functions, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
                return torch.linear((self).low(x, ), (self).low(w, ), (self).low(b, ))
              def clipped(self: __torch__.Functions, q: Tensor, k: Tensor, v: Tensor, mask: Optional[Tensor], causal: bool) -> Tensor:
                products = torch.matmul(torch.div(q, ROOT), torch.transpose(k, 2, 3))
                all = torch.ones_like(products)
                if causal:
                  before = torch.tril(all)
                else:
                  before = all
                if torch.__isnot__(mask, None):
                  tokens = torch.logical_and(before, unchecked_cast(Tensor, mask))
                else:
                  tokens = torch.gt(before, 0)
                scores = torch.masked_fill(products, torch.logical_not(tokens), -1e30)
                probs = torch.softmax(scores, -1, dtype=6)
                stretched = torch.clamp(torch.add(torch.mul(probs, STRETCH), SHIFT), 0.0, 1.0)
                return torch.matmul((self).low(torch.dropout(stretched, ATTENTION_DROPOUT, True), ), v)
              def heads(self: __torch__.Functions, x: Tensor, rows: int, length: int) -> Tensor:
                return torch.transpose(torch.reshape(x, [rows, length, HEADS, HEAD_SIZE]), 1, 2)
              def attention(self: __torch__.Functions, x: Tensor, residual: Tensor, mask: Optional[Tensor], causal: bool, gate: Optional[Tensor], wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                rows = torch.size(x, 0)
                length = torch.size(x, 1)
                q0, k0, v0, = torch.chunk((self).linear(x, wqkv, bqkv, ), 3, 2)
                q = (self).heads(q0, rows, length, )
                k = (self).heads(k0, rows, length, )
                v = (self).heads(v0, rows, length, )
                context = CONTEXT
                tokens = torch.transpose(context, 1, 2)
                if torch.__isnot__(gate, None):
                  through = torch.reshape(unchecked_cast(Tensor, gate), [rows, length, HEADS, 1])
                  gated = torch.mul(tokens, (self).low(through, ))
                else:
                  gated = tokens
                joined = torch.reshape(gated, [torch.mul(rows, length), HIDDEN])
                projected = (self).linear(joined, wo, bo, )
                return torch.add(torch.dropout(projected, HIDDEN_DROPOUT, True), residual)
              def cross_attention(self: __torch__.Functions, x: Tensor, residual: Tensor, memory: Tensor, mask: Optional[Tensor], wq: Tensor, bq: Tensor, wkv: Tensor, bkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                rows = torch.size(x, 0)
                length = torch.size(x, 1)
                keys = torch.size(memory, 1)
                k0, v0, = torch.chunk((self).linear(memory, wkv, bkv, ), 2, 2)
                q = (self).heads((self).linear(x, wq, bq, ), rows, length, )
                k = (self).heads(k0, rows, keys, )
                v = (self).heads(v0, rows, keys, )
                causal = False
                context = CONTEXT
                joined = torch.reshape(torch.transpose(context, 1, 2), [torch.mul(rows, length), HIDDEN])
                projected = (self).linear(joined, wo, bo, )
                return torch.add(torch.dropout(projected, HIDDEN_DROPOUT, True), residual)
              def cross_attention_sum(self: __torch__.Functions, x: Tensor, residual: Tensor, memory: Tensor, wq: Tensor, bq: Tensor, wkv: Tensor, bkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                return (self).cross_attention(x, residual, memory, None, wq, bq, wkv, bkv, wo, bo, )
              def cross_attention_sum_masked(self: __torch__.Functions, x: Tensor, residual: Tensor, memory: Tensor, mask: Tensor, wq: Tensor, bq: Tensor, wkv: Tensor, bkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                tokens = torch.unsqueeze(torch.unsqueeze(torch.gt(mask, 0), 1), 1)
                return (self).cross_attention(x, residual, memory, tokens, wq, bq, wkv, bkv, wo, bo, )
              def attention_sum(self: __torch__.Functions, x: Tensor, residual: Tensor, wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                return (self).attention(x, residual, None, False, None, wqkv, bqkv, wo, bo, )

              def attention_sum_causal(self: __torch__.Functions, x: Tensor, residual: Tensor, wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                return (self).attention(x, residual, None, True, None, wqkv, bqkv, wo, bo, )
              def attention_sum_masked(self: __torch__.Functions, x: Tensor, residual: Tensor, mask: Tensor, wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                tokens = torch.unsqueeze(torch.unsqueeze(torch.gt(mask, 0), 1), 1)
                return (self).attention(x, residual, tokens, False, None, wqkv, bqkv, wo, bo, )
              def attention_sum_gated(self: __torch__.Functions, x: Tensor, residual: Tensor, gate: Tensor, wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                return (self).attention(x, residual, None, False, gate, wqkv, bqkv, wo, bo, )
              def attention_sum_masked_gated(self: __torch__.Functions, x: Tensor, residual: Tensor, mask: Tensor, gate: Tensor, wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                tokens = torch.unsqueeze(torch.unsqueeze(torch.gt(mask, 0), 1), 1)
                return (self).attention(x, residual, tokens, False, gate, wqkv, bqkv, wo, bo, )
              def output_sum(self: __torch__.Functions, x: Tensor, residual: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
                inner = (self).linear(x, w1, b1, )
                activated = ACTIVATION_INNER
                outer = (self).linear(activated, w2, b2, )
                return torch.add(torch.dropout(outer, HIDDEN_DROPOUT, True), residual)
              def output_sum_dropped(self: __torch__.Functions, x: Tensor, residual: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
                inner = (self).linear(x, w1, b1, )
                activated = torch.dropout(ACTIVATION_INNER, HIDDEN_DROPOUT, True)
                outer = (self).linear(activated, w2, b2, )
                return torch.add(torch.dropout(outer, HIDDEN_DROPOUT, True), residual)
              def attended(self: __torch__.Functions, probs: Tensor, values: Tensor, drop: Tensor) -> Tensor:
                return torch.matmul(torch.dropout(probs, ATTENTION_DROPOUT, True), values)
              def summed(self: __torch__.Functions, x: Tensor, residual: Tensor, drop: Tensor) -> Tensor:
                return torch.add(torch.dropout(x, HIDDEN_DROPOUT, True), residual)
              def activated(self: __torch__.Functions, inner: Tensor) -> Tensor:
                return ACTIVATION_INNER
              def predict(self: __torch__.Functions, x: Tensor, w1: Tensor, b1: Tensor, weight: Tensor, bias: Tensor, table: Tensor, shift: Tensor) -> Tensor:
                inner = (self).linear(x, w1, b1, )
                activated = torch.to(ACTIVATION_INNER, 6)
                normed = torch.layer_norm(activated, [HIDDEN], weight, bias, EPSILON, False)
                return torch.to((self).linear(normed, table, shift, ), 6)
              def product(self: __torch__.Functions, x: Tensor, weight: Tensor) -> Tensor:
                return torch.to(torch.linear((self).low(x, ), (self).low(weight, ), None), 6)

              def dropout(self: __torch__.Functions, x: Tensor) -> Tensor:
                return torch.dropout(x, HIDDEN_DROPOUT, True)
            """;

    private static final String ATTENTION =
            "torch.scaled_dot_product_attention(q, k, v, mask, ATTENTION_DROPOUT, causal)";

    private static final String CLIPPED_ATTENTION = "(self).clipped(q, k, v, mask, causal, )";

    private final TransformerShape shape;
    private final NDArray absent;

    private FusedKernels(TorchScript script, TransformerShape shape, NDArray absent) {
        super(script);
        this.shape = shape;
        this.absent = absent;
    }

    /** Compiles the functions of a shape, whose sizes and probabilities stand in their source. */
    static FusedKernels compile(NDManager manager, TransformerShape shape, Precision precision) {
        return new FusedKernels(
                TorchScript.compile(manager, source(shape, precision)), shape, manager.create(new Shape(0)));
    }

    /** The functions of a shape. */
    static String source(TransformerShape shape, Precision precision) {
        String source = (FUNCTIONS + RelativeScript.of(shape, precision))
                .replace("return LOW", precision == Precision.BF16 ? "return torch.to(x, 15)" : "return x")
                .replace("CONTEXT", shape.stretch().isNone() ? ATTENTION : CLIPPED_ATTENTION)
                .replace("ROOT", number(Math.sqrt(shape.headSize())))
                .replace("ATTENTION_DROPOUT", number(shape.attentionProbsDropoutProb()))
                .replace("HIDDEN_DROPOUT", number(shape.hiddenDropoutProb()));
        return sized(source, shape);
    }

    @Override
    public NDArray selfAttention(
            ForwardPass pass, AttentionWeights weights, AttentionInput input, DeviceBatch batch, AttentionPlace place) {
        NDArray x = input.x();
        boolean causal = place.kind() == AttentionKind.DECODER; // padding is at the right: no token sees it
        NDArray mask = causal ? null : batch.attentionMask(); // (B, S), or null
        String function = causal ? "attention_sum_causal" : "attention_sum";
        NDList arguments = new NDList(rows(x, batch), input.residual()); // (B, S, H)
        if (mask != null) {
            function += "_masked";
            arguments.add(mask);
        }
        if (input.gate() != null) {
            function += "_gated";
            arguments.add(input.gate());
        }
        arguments.addAll(
                new NDList(weights.qkvWeight(), weights.qkvBias(), weights.outputWeight(), weights.outputBias()));
        return call(function, arguments); // (B*S, H)
    }

    @Override
    public NDArray crossAttention(
            ForwardPass pass,
            CrossAttentionWeights weights,
            CrossAttentionInput input,
            DeviceBatch source,
            AttentionPlace place) {
        NDArray mask = source.attentionMask(); // (B, S), or null
        NDList arguments = new NDList(
                rows(input.x(), source), // (B, T, H)
                input.residual(),
                rows(input.memory(), source)); // (B, S, H)
        if (mask != null) {
            arguments.add(mask);
        }
        arguments.addAll(weights.all());
        return call(mask == null ? "cross_attention_sum" : "cross_attention_sum_masked", arguments); // (B*T, H)
    }

    @Override
    public NDArray feedForward(ForwardPass pass, FeedForwardWeights weights, NDArray x, NDArray residual, int dropout) {
        return feedForward("output_sum", weights, x, residual);
    }

    @Override
    public NDArray feedForwardDroppedInside(
            ForwardPass pass, FeedForwardWeights weights, NDArray x, NDArray residual, int dropout) {
        return feedForward("output_sum_dropped", weights, x, residual);
    }

    private NDArray feedForward(String function, FeedForwardWeights weights, NDArray x, NDArray residual) {
        return call(
                function,
                new NDList(
                        x,
                        residual,
                        weights.innerWeight(),
                        weights.innerBias(),
                        weights.outerWeight(),
                        weights.outerBias())); // (B*S, H)
    }

    @Override
    public NDArray relativeAttention(
            ForwardPass pass,
            RelativeWeights weights,
            RelativeKeys keys,
            NDArray x,
            Reach reach,
            AttentionPlace place) {
        return relativeAttention(weights, keys, x, reach, absent, absent, absent);
    }

    @Override
    public NDArray dropout(ForwardPass pass, NDArray x, int site) {
        return call("dropout", new NDList(x));
    }

    @Override
    public NDArray dropoutOfShared(ForwardPass pass, NDArray x, int rows, int site) {
        if (shape.hiddenDropoutProb() == 0) {
            return x;
        }
        long n = x.getShape().get(0);
        long h = x.getShape().get(1);
        return dropout(pass, x.expandDims(0).broadcast(rows, n, h).reshape(rows * n, h), site);
    }

    @Override
    public void close() {
        super.close();
        absent.close();
    }
}
