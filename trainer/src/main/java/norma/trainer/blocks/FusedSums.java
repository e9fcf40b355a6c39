package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import norma.trainer.bert.BertConfig;
import norma.trainer.bert.BertForPreTraining;
import norma.trainer.bert.BertLayer;
import norma.trainer.model.Precision;
import norma.trainer.torchscript.TorchScript;

/**
 * What lies between BERT's LayerNorms, each part as one TorchScript function: linear layers, attention
 * ({@code scaled_dot_product_attention}, which on a GPU is FlashAttention, Dao et al. 2022, where nothing is padding),
 * activation, dropout and residual. For devices where the number of launches and the traffic to memory count, and for
 * bf16, which DJL's arrays cannot hold: it exists inside the functions only.
 *
 * <p>In bf16 the inputs, weights and results of linear layers and attention are rounded; the residual stream,
 * LayerNorms and all that comes in or goes out are float32, as with torch's autocast. Dropout draws from the device's
 * generator.
 */
public final class FusedSums implements AutoCloseable {
    private static final String FUNCTIONS = """
              def low(self: __torch__.Functions, x: Tensor) -> Tensor:
                return LOW
              def linear(self: __torch__.Functions, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
                return torch.linear((self).low(x, ), (self).low(w, ), (self).low(b, ))
              def attention(self: __torch__.Functions, x: Tensor, mask: Optional[Tensor], wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                rows = torch.size(x, 0)
                length = torch.size(x, 1)
                qkv = torch.reshape((self).linear(x, wqkv, bqkv, ), [rows, length, 3, HEADS, HEAD_SIZE])
                parts = torch.unbind(torch.permute(qkv, [2, 0, 3, 1, 4]), 0)
                context = torch.scaled_dot_product_attention(parts[0], parts[1], parts[2], mask, ATTENTION_DROPOUT, False)
                joined = torch.reshape(torch.transpose(context, 1, 2), [torch.mul(rows, length), HIDDEN])
                projected = torch.to((self).linear(joined, wo, bo, ), 6)
                return torch.add(torch.dropout(projected, HIDDEN_DROPOUT, True), torch.reshape(x, [-1, HIDDEN]))
              def attention_sum(self: __torch__.Functions, x: Tensor, wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                return (self).attention(x, None, wqkv, bqkv, wo, bo, )
              def attention_sum_masked(self: __torch__.Functions, x: Tensor, mask: Tensor, wqkv: Tensor, bqkv: Tensor, wo: Tensor, bo: Tensor) -> Tensor:
                tokens = torch.unsqueeze(torch.unsqueeze(torch.gt(mask, 0), 1), 1)
                return (self).attention(x, tokens, wqkv, bqkv, wo, bo, )
              def output_sum(self: __torch__.Functions, x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
                inner = (self).linear(x, w1, b1, )
                activated = ACTIVATION_INNER
                outer = torch.to((self).linear(activated, w2, b2, ), 6)
                return torch.add(torch.dropout(outer, HIDDEN_DROPOUT, True), x)
              def predict(self: __torch__.Functions, x: Tensor, w1: Tensor, b1: Tensor, weight: Tensor, bias: Tensor, table: Tensor, shift: Tensor) -> Tensor:
                inner = (self).linear(x, w1, b1, )
                activated = torch.to(ACTIVATION_INNER, 6)
                normed = torch.layer_norm(activated, [HIDDEN], weight, bias, EPSILON, False)
                return torch.to((self).linear(normed, table, shift, ), 6)
              def dropout(self: __torch__.Functions, x: Tensor) -> Tensor:
                return torch.dropout(x, HIDDEN_DROPOUT, True)
            """;

    private final TorchScript script;

    private FusedSums(TorchScript script) {
        this.script = script;
    }

    /** Compiles the functions of a model, whose sizes and probabilities stand in their source. */
    public static FusedSums compile(NDManager manager, BertConfig config, Precision precision) {
        String activation =
                switch (config.hiddenAct()) {
                    case "gelu" -> "torch.gelu(inner)";
                    case "gelu_new" -> "torch.gelu(inner, approximate=\"tanh\")";
                    case "relu" -> "torch.relu(inner)";
                    default -> throw new IllegalArgumentException(config.hiddenAct());
                };
        String source = FUNCTIONS
                .replace("return LOW", precision == Precision.BF16 ? "return torch.to(x, 15)" : "return x")
                .replace("ACTIVATION_INNER", activation)
                .replace("ATTENTION_DROPOUT", number(config.attentionProbsDropoutProb()))
                .replace("HIDDEN_DROPOUT", number(config.hiddenDropoutProb()))
                .replace("EPSILON", number(config.layerNormEps()))
                .replace("HEADS", Integer.toString(config.numAttentionHeads()))
                .replace("HEAD_SIZE", Integer.toString(config.headSize()))
                .replace("HIDDEN", Integer.toString(config.hiddenSize()));
        return new FusedSums(TorchScript.compile(manager, source));
    }

    private static String number(double value) {
        return Double.toString(value).replace('E', 'e');
    }

    /**
     * Self-attention with its residual, see {@link BertLayer#attentionSum}.
     *
     * @param x (B*S, H)
     * @param mask (B, S), 1 for tokens and 0 for padding; null without padding
     * @param rows B
     * @param parameters stacked query, key and value weight (3H, H) and bias (3H), output weight and bias
     * @return (B*S, H)
     */
    public NDArray attentionSum(NDArray x, NDArray mask, long rows, NDArray... parameters) {
        NDArray sequences = x.reshape(rows, -1, x.getShape().get(1)); // (B, S, H)
        NDList arguments = mask == null ? new NDList(sequences) : new NDList(sequences, mask);
        arguments.addAll(new NDList(parameters));
        return call(mask == null ? "attention_sum" : "attention_sum_masked", arguments);
    }

    /** Feed-forward with its residual, see {@link BertLayer#outputSum}: weights and biases of both layers. */
    public NDArray outputSum(NDArray x, NDArray... parameters) {
        return call("output_sum", x, parameters);
    }

    /**
     * Masked-LM logits, see {@link BertForPreTraining#predict}: transform, LayerNorm, word embeddings and their bias.
     */
    public NDArray predict(NDArray hidden, NDArray... parameters) {
        return call("predict", hidden, parameters);
    }

    /** Dropout of hidden states. */
    public NDArray dropout(NDArray x) {
        return call("dropout", new NDList(x));
    }

    private NDArray call(String function, NDArray x, NDArray... parameters) {
        NDList arguments = new NDList(x);
        arguments.addAll(new NDList(parameters));
        return call(function, arguments);
    }

    private NDArray call(String function, NDList arguments) {
        return script.call(function, arguments).singletonOrThrow();
    }

    @Override
    public void close() {
        script.close();
    }
}
