package norma.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import norma.trainer.blocks.KernelSet;
import norma.trainer.model.Kernels;
import norma.trainer.model.Losses;
import norma.trainer.model.StepClock;
import norma.trainer.model.TrainingPass;
import norma.trainer.model.TransformerShape;

/**
 * The training pass of one step: parameters as leaves of their own that live as long as the step and share the model's
 * memory, so that gradients start empty and nothing is left on the model.
 */
final class StepPass implements TrainingPass {
    private final FlatParameters parameters;
    private final NDManager manager;
    private final NDArray[] leaves;
    private final KernelSet kernels;
    private final Losses losses;
    private final StepClock clock;
    private NDArray[] dropoutMasks;
    private Draws draws;

    /** Keys of streams of draws, see {@link TrainingPass#draws}. */
    interface Draws {
        long key(String purpose, int row);
    }

    StepPass(
            FlatParameters parameters,
            List<NDArray> views,
            NDManager stepManager,
            KernelSet kernels,
            Losses losses,
            StepClock clock) {
        this.parameters = parameters;
        this.manager = stepManager;
        this.kernels = kernels;
        this.losses = losses;
        this.clock = clock;
        this.leaves = new NDArray[views.size()];
        for (int i = 0; i < leaves.length; i++) {
            NDArray leaf = views.get(i).stopGradient();
            leaf.attach(manager);
            leaf.setRequiresGradient(true);
            leaves[i] = leaf;
        }
    }

    /** The masks of the micro-batch that comes next; null at sites without dropout. */
    void setDropoutMasks(NDArray[] masks) {
        dropoutMasks = masks;
    }

    /** The draws of the micro-batch that comes next. */
    void setDraws(Draws keys) {
        draws = keys;
    }

    /** Gradients so far of the given leaves, in their order; 0 where no loss has reached a leaf. */
    List<PtNDArray> gradients(List<FlatParameters.Leaf> which) {
        List<PtNDArray> gradients = new ArrayList<>(which.size());
        for (FlatParameters.Leaf leaf : which) {
            PtNDArray value = (PtNDArray) leaves[leaf.index()];
            PtNDArray gradient = JniUtils.getGradient(value);
            gradients.add(gradient == null ? (PtNDArray) manager.zeros(value.getShape()) : gradient);
        }
        return gradients;
    }

    @Override
    public NDArray value(Parameter parameter) {
        return leaves[parameters.leafOf(parameter).index()];
    }

    @Override
    public NDArray stacked(Parameter... stack) {
        return value(stack[0]); // the leaf is the whole stack
    }

    @Override
    public Kernels kernels(TransformerShape shape) {
        return kernels.of(shape);
    }

    @Override
    public NDArray dropoutMask(int site) {
        return dropoutMasks[site];
    }

    @Override
    public Losses losses() {
        return losses;
    }

    @Override
    public StepClock clock() {
        return clock;
    }

    @Override
    public long draws(String purpose, int row) {
        return draws.key(purpose, row);
    }

    @Override
    public NDArray cut(NDArray array) {
        NDArray leaf = array.stopGradient();
        leaf.setRequiresGradient(true);
        return leaf;
    }

    @Override
    public void backward(NDArray root, NDArray gradient) {
        JniUtils.backward((PtNDArray) root, (PtNDArray) gradient, false, false);
    }

    @Override
    public NDArray gradientAt(NDArray cut) {
        return JniUtils.getGradient((PtNDArray) cut);
    }
}
