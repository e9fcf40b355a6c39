package norma.trainer.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import norma.trainer.blocks.ModelBlock;
import norma.trainer.blocks.Operators;
import norma.trainer.model.ForwardPass;

/** tanh(W h + b) of the first token's last hidden state (Devlin et al. 2019, section 3.1). */
final class BertPooler extends ModelBlock {
    private final Parameter weight;
    private final Parameter bias;

    BertPooler(BertConfig config, long seed) {
        super(config, seed, "bert.pooler.");
        weight = matrix("dense.weight", config.hiddenSize(), config.hiddenSize());
        bias = bias("dense.bias", config.hiddenSize());
    }

    public List<Parameter> parameters() {
        return List.of(weight, bias);
    }

    /** (B*S, H) and B to (B, H). */
    public NDArray forward(ForwardPass pass, NDArray hidden, long rows) {
        NDArray first = hidden.reshape(rows, -1, config.hiddenSize()).get(":, 0"); // (B, H)
        return Operators.linear(first, pass.value(weight), pass.value(bias)).tanh(); // (B, H)
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray hidden = inputs.head(); // (B, S, H)
        ForwardPass pass = ForwardPass.of(store, hidden, training);
        return new NDList(forward(pass, hidden, hidden.getShape().get(0)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(inputShapes[0].get(0), config.hiddenSize())};
    }
}
