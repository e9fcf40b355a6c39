package norma.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.Collections;
import java.util.List;
import norma.trainer.config.OptimizerConfig;
import norma.trainer.torchscript.TorchScript;

/**
 * AdamW as torch.optim defines it (Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2),
 * by libtorch's fused operator, with clipping by global norm folded in:
 *
 * <pre>
 * g  = g * min(1, maxNorm / (norm + 1e-6))
 * p  = p * (1 - lr * decay)
 * m  = beta1 m + (1 - beta1) g ;  v = beta2 v + (1 - beta2) g²
 * p  = p - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * </pre>
 */
public final class AdamW implements AutoCloseable {
    private static final String FUNCTIONS = """
              def norm(self: __torch__.Functions, gradients: List[Tensor]) -> Tensor:
                norms = torch._foreach_norm(gradients, 2)
                return torch.linalg_vector_norm(torch.stack(norms), 2)
              def update(self: __torch__.Functions, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor], scale: Tensor, lr: float, beta1: float, beta2: float, decay: float, epsilon: float) -> None:
                _0 = annotate(List[Tensor], [])
                torch._fused_adamw_(p, g, m, v, _0, t, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False, grad_scale=scale, found_inf=None)
                return None
            """;

    private static final double CLIP_EPSILON = 1e-6; // torch.nn.utils.clip_grad_norm_

    private final Hyperparameters hyperparameters;
    private final TorchScript script;

    /**
     * What does not change from step to step.
     *
     * @param beta1 decay rate of the first moment
     * @param beta2 decay rate of the second moment
     * @param epsilon added to the root of the second moment after bias correction
     * @param weightDecay of the groups that decay
     * @param maxGradientNorm clipping bound; infinity for none
     */
    public record Hyperparameters(
            double beta1, double beta2, double epsilon, double weightDecay, double maxGradientNorm) {
        /** As a configuration has them, whose {@code max_grad_norm} of 0 stands for none. */
        public static Hyperparameters of(OptimizerConfig config) {
            return new Hyperparameters(
                    config.beta1(),
                    config.beta2(),
                    config.epsilon(),
                    config.weightDecay(),
                    config.maxGradNorm() == 0 ? Double.POSITIVE_INFINITY : config.maxGradNorm());
        }
    }

    /**
     * Arrays that are updated together, in the same order in each list.
     *
     * @param parameters p
     * @param firstMoments m
     * @param secondMoments v
     * @param decays whether weight decay applies
     */
    public record Group(
            List<PtNDArray> parameters, List<PtNDArray> firstMoments, List<PtNDArray> secondMoments, boolean decays) {}

    /** An optimiser whose compiled operators belong to {@code manager}. */
    public AdamW(NDManager manager, Hyperparameters hyperparameters) {
        this.hyperparameters = hyperparameters;
        this.script = TorchScript.compile(manager, FUNCTIONS);
    }

    /** The L2 norm over all the elements of all the arrays. */
    public double norm(List<PtNDArray> gradients) {
        try (IValue result = script.run("norm", TorchScript.list(gradients));
                NDArray norm = result.toTensor(gradients.get(0).getManager())) {
            return norm.getFloat();
        }
    }

    /**
     * One update of one group, in place.
     *
     * @param group what to update
     * @param gradients of the group's parameters, in its order; they are overwritten
     * @param divisor what the gradients still have to be divided by
     * @param norm of all gradients of all groups, after that division
     * @param learningRate of this update
     * @param update its number, from 1, for the bias correction
     */
    public void update(
            Group group, List<PtNDArray> gradients, double divisor, double norm, double learningRate, long update) {
        if (gradients.isEmpty()) {
            return;
        }
        double clip = Math.max(1, (norm + CLIP_EPSILON) / hyperparameters.maxGradientNorm());
        try (NDManager scope = gradients.get(0).getManager().newSubManager()) {
            PtNDArray count = (PtNDArray) scope.create((float) update);
            PtNDArray scale = (PtNDArray) scope.create((float) (divisor * clip));
            script.run(
                            "update",
                            TorchScript.list(group.parameters()),
                            TorchScript.list(gradients),
                            TorchScript.list(group.firstMoments()),
                            TorchScript.list(group.secondMoments()),
                            TorchScript.list(Collections.nCopies(gradients.size(), count)),
                            IValue.from(scale),
                            IValue.from(learningRate),
                            IValue.from(hyperparameters.beta1()),
                            IValue.from(hyperparameters.beta2()),
                            IValue.from(group.decays() ? hyperparameters.weightDecay() : 0.0),
                            IValue.from(hyperparameters.epsilon()))
                    .close();
        }
    }

    @Override
    public void close() {
        script.close();
    }
}
