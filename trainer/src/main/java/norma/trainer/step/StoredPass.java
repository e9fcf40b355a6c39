package norma.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.util.List;
import norma.trainer.blocks.KernelSet;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Kernels;
import norma.trainer.model.TransformerShape;

/**
 * The pass for evaluation: parameters as they are, no dropout, no gradient.
 *
 * @param parameters the model's
 * @param views an array per leaf, in the leaves' order
 * @param kernels what it computes with
 */
public record StoredPass(FlatParameters parameters, List<NDArray> views, KernelSet kernels) implements ForwardPass {
    @Override
    public NDArray value(Parameter parameter) {
        FlatParameters.Leaf leaf = parameters.leafOf(parameter);
        return leaf.parameters().size() == 1
                ? views.get(leaf.index()) // without a name, for DJL makes a dictionary of named arguments of a function
                : parameter.getArray();
    }

    @Override
    public NDArray stacked(Parameter... stack) {
        return views.get(parameters.leafOf(stack[0]).index());
    }

    @Override
    public Kernels kernels(TransformerShape shape) {
        return kernels.of(shape);
    }
}
