package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Kernels;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TransformerShape;

/** Keeps the hidden states and the attention that a pass shows, in their order. */
final class ShownPass implements ForwardPass {
    private final ForwardPass pass;
    private final NDManager owner;
    private final Map<LayerNormSite.Stack, List<NDArray>> hiddenStates = new EnumMap<>(LayerNormSite.Stack.class);
    private final Map<AttentionKind, List<NDArray>> attentions = new EnumMap<>(AttentionKind.class);
    private final List<NDArray> queryStates = new ArrayList<>();
    private final List<NDArray> queryAttentions = new ArrayList<>();

    /** Copies belong to a manager. */
    ShownPass(ForwardPass pass, NDManager owner) {
        this.pass = pass;
        this.owner = owner;
    }

    private NDArray copy(NDArray array) {
        NDArray copy = array.duplicate();
        copy.attach(owner);
        return copy;
    }

    /** What it shows. */
    ForwardPass pass() {
        return pass;
    }

    /** H_0 to H_L of each stack. */
    Map<LayerNormSite.Stack, List<NDArray>> hiddenStates() {
        return hiddenStates;
    }

    /** Of each layer. */
    Map<AttentionKind, List<NDArray>> attentions() {
        return attentions;
    }

    /** G_0 to G_L of a query stream. */
    List<NDArray> queryStates() {
        return queryStates;
    }

    /** Of each layer's query stream. */
    List<NDArray> queryAttentions() {
        return queryAttentions;
    }

    @Override
    public NDArray value(Parameter parameter) {
        return pass.value(parameter);
    }

    @Override
    public NDArray stacked(Parameter... parameters) {
        return pass.stacked(parameters);
    }

    @Override
    public Kernels kernels(TransformerShape shape) {
        return pass.kernels(shape);
    }

    @Override
    public void hiddenState(LayerNormSite.Stack stack, int index, NDArray hiddenState) {
        List<NDArray> shown = hiddenStates.computeIfAbsent(stack, key -> new ArrayList<>());
        assertThat(index).isEqualTo(shown.size());
        shown.add(copy(hiddenState));
    }

    @Override
    public void queryState(int index, NDArray state) {
        assertThat(index).isEqualTo(queryStates.size());
        queryStates.add(copy(state));
    }

    @Override
    public void attentionProbs(AttentionKind kind, int layer, NDArray probs) {
        List<NDArray> shown = kind == AttentionKind.QUERY
                ? queryAttentions
                : attentions.computeIfAbsent(kind, key -> new ArrayList<>());
        assertThat(layer).isEqualTo(shown.size());
        shown.add(copy(probs));
    }
}
