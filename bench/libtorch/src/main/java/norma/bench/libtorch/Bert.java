package norma.bench.libtorch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DropoutImpl;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LayerNormOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** A BERT with its masked-LM head of torch::nn modules, module by module as in eager_bert.py. */
final class Bert extends Module {
    private final EmbeddingImpl words;
    private final EmbeddingImpl positions;
    private final EmbeddingImpl types;
    private final LayerNormImpl norm;
    private final DropoutImpl dropout;
    private final List<Layer> layers = new ArrayList<>();
    private final LinearImpl transform;
    private final LayerNormImpl headNorm;
    private final Tensor bias;

    Bert(BertShape shape) {
        long h = shape.hiddenSize();
        words = register_module("words", new EmbeddingImpl(shape.vocabSize(), h));
        positions = register_module("positions", new EmbeddingImpl(shape.maxPositionEmbeddings(), h));
        types = register_module("types", new EmbeddingImpl(shape.typeVocabSize(), h));
        norm = register_module("norm", layerNorm(shape));
        dropout = register_module("dropout", new DropoutImpl(shape.hiddenDropoutProb()));
        for (int i = 0; i < shape.numHiddenLayers(); i++) {
            layers.add(register_module("layer" + i, new Layer(shape)));
        }
        transform = register_module("transform", new LinearImpl(h, h));
        headNorm = register_module("head_norm", layerNorm(shape));
        bias = register_parameter("bias", torch.zeros(shape.vocabSize()));
        TensorVector all = parameters();
        for (long i = 0; i < all.size(); i++) {
            if (all.get(i).dim() == 2) {
                torch.normal_(all.get(i), 0, shape.initializerRange());
            }
        }
    }

    private static LayerNormImpl layerNorm(BertShape shape) {
        LayerNormOptions options = new LayerNormOptions(new LongVector(new long[] {shape.hiddenSize()}));
        options.eps().put(shape.layerNormEps());
        return new LayerNormImpl(options);
    }

    /**
     * Logits at the predicted positions.
     *
     * @param ids (B, S)
     * @param predicted (M) positions in B*S
     * @return (M, V)
     */
    Tensor forward(Tensor ids, Tensor predicted) {
        Tensor x = embed(ids); // (B, S, H)
        for (Layer layer : layers) {
            x = layer.forward(x);
        }
        x = x.flatten(0, 1).index_select(0, predicted); // (M, H)
        x = headNorm.forward(torch.gelu(transform.forward(x)));
        return x.matmul(words.weight().t()).add(bias);
    }

    private Tensor embed(Tensor ids) {
        PointerScope caller = PointerScope.getInnerScope();
        try (PointerScope locals = new PointerScope()) {
            Tensor x = words.forward(ids)
                    .add(positions.weight().narrow(0, 0, ids.size(1)))
                    .add(types.weight().select(0, 0));
            return returned(dropout.forward(norm.forward(x)), caller);
        }
    }

    /** Frees what a function has made, as C++ does, but for what it returns. */
    private static Tensor returned(Tensor result, PointerScope caller) {
        caller.attach(result);
        return result;
    }

    /** An encoder layer. */
    private static final class Layer extends Module {
        private final long heads;
        private final LinearImpl query;
        private final LinearImpl key;
        private final LinearImpl value;
        private final LinearImpl output;
        private final LayerNormImpl attentionNorm;
        private final LinearImpl intermediate;
        private final LinearImpl out;
        private final LayerNormImpl norm;
        private final DropoutImpl dropout;
        private final DropoutImpl attentionDropout;

        Layer(BertShape shape) {
            long h = shape.hiddenSize();
            heads = shape.numAttentionHeads();
            query = register_module("query", new LinearImpl(h, h));
            key = register_module("key", new LinearImpl(h, h));
            value = register_module("value", new LinearImpl(h, h));
            output = register_module("output", new LinearImpl(h, h));
            attentionNorm = register_module("attention_norm", layerNorm(shape));
            intermediate = register_module("intermediate", new LinearImpl(h, shape.intermediateSize()));
            out = register_module("out", new LinearImpl(shape.intermediateSize(), h));
            norm = register_module("norm", layerNorm(shape));
            dropout = register_module("dropout", new DropoutImpl(shape.hiddenDropoutProb()));
            attentionDropout =
                    register_module("attention_dropout", new DropoutImpl(shape.attentionProbsDropoutProb()));
        }

        /** (B, S, H) to (B, S, H). */
        Tensor forward(Tensor x) {
            PointerScope caller = PointerScope.getInnerScope();
            try (PointerScope locals = new PointerScope()) {
                Tensor attended = attentionNorm.forward(x.add(dropout.forward(output.forward(attention(x)))));
                Tensor fed = out.forward(torch.gelu(intermediate.forward(attended)));
                return returned(norm.forward(attended.add(dropout.forward(fed))), caller);
            }
        }

        private Tensor attention(Tensor x) {
            PointerScope caller = PointerScope.getInnerScope();
            try (PointerScope locals = new PointerScope()) {
                long b = x.size(0);
                long s = x.size(1);
                long h = x.size(2);
                Tensor q = split(query.forward(x), b, s); // (B, A, S, D)
                Tensor k = split(key.forward(x), b, s);
                Tensor v = split(value.forward(x), b, s);
                Tensor scores = q.matmul(k.transpose(-2, -1)).div(new Scalar(Math.sqrt((double) h / heads)));
                Tensor probs = torch.softmax(scores, -1); // (B, A, S, S)
                Tensor context = attentionDropout.forward(probs).matmul(v); // (B, A, S, D)
                return returned(context.transpose(1, 2).reshape(b, s, h), caller);
            }
        }

        private Tensor split(Tensor x, long b, long s) {
            return x.view(b, s, heads, -1).transpose(1, 2);
        }
    }
}
