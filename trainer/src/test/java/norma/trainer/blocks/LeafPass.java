package norma.trainer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Kernels;
import norma.trainer.model.TransformerShape;

/** A pass whose parameters are leaves of their own, by name, and which keeps the last attention probabilities. */
final class LeafPass implements ForwardPass {
    private final NDManager manager;
    private final KernelSet kernels;
    private final Map<String, NDArray> leaves = new LinkedHashMap<>();
    private float[] attentionProbs;

    LeafPass(NDManager manager, KernelSet kernels, List<Parameter> parameters, Map<String, double[]> values) {
        this.manager = manager;
        this.kernels = kernels;
        parameters.forEach(one -> add(one.getName(), values.get(one.getName()), one.getShape()));
    }

    void add(String name, double[] values, Shape shape) {
        NDArray leaf = floats(manager, values).reshape(shape);
        leaf.setRequiresGradient(true);
        leaves.put(name, leaf);
    }

    NDArray leaf(String name) {
        return leaves.get(name);
    }

    float[] attentionProbs() {
        return attentionProbs;
    }

    static NDArray floats(NDManager manager, double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return manager.create(floats);
    }

    @Override
    public NDArray value(Parameter parameter) {
        return leaf(parameter.getName());
    }

    @Override
    public NDArray stacked(Parameter... stack) {
        NDList parts = new NDList();
        for (Parameter part : stack) {
            parts.add(value(part));
        }
        return NDArrays.concat(parts);
    }

    @Override
    public Kernels kernels(TransformerShape shape) {
        return kernels.of(shape);
    }

    @Override
    public void attentionProbs(AttentionKind kind, int layer, NDArray probs) {
        attentionProbs = probs.toFloatArray();
    }
}
