package norma.trainer.optimizer;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.Collections;
import java.util.List;
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
 *
 * <p>Nothing is read back from the device: norm, clipping and the decision to skip what is not finite stay on it.
 */
public final class AdamW implements AutoCloseable {
    private static final String FUNCTIONS = """
              def norm(self: __torch__.Functions, gradients: List[Tensor]) -> Tensor:
                norms = torch._foreach_norm(gradients, 2)
                return torch.linalg_vector_norm(torch.stack(norms), 2)
              def begin(self: __torch__.Functions, norm: Tensor, loss: Tensor, divisor: float, bound: float, t: Tensor, skipped: Tensor) -> Tuple[Tensor, Tensor]:
                mean = torch.div(torch.to(norm, 7), divisor)
                good = torch.logical_and(torch.isfinite(mean), torch.isfinite(loss))
                stop = torch.to(torch.logical_not(good), 6)
                _0 = torch.add_(t, torch.sub(torch.ones_like(stop), stop))
                _1 = torch.add_(skipped, stop)
                clip = torch.clamp(torch.div(torch.add(mean, 1e-6), bound), 1.0)
                return (torch.to(torch.mul(clip, divisor), 6), stop)
              def update(self: __torch__.Functions, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor], scale: Tensor, stop: Tensor, lr: float, beta1: float, beta2: float, decay: float, epsilon: float) -> None:
                _0 = annotate(List[Tensor], [])
                torch._fused_adamw_(p, g, m, v, _0, t, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False, grad_scale=scale, found_inf=stop)
                return None
            """;

    private final Hyperparameters hyperparameters;
    private final TorchScript script;
    private final PtNDArray count;
    private final PtNDArray skipped;

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
            double beta1, double beta2, double epsilon, double weightDecay, double maxGradientNorm) {}

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

    /**
     * How one update goes, on the device.
     *
     * @param scale what every gradient is divided by, 0-d FLOAT32
     * @param stop 1 if nothing may change because loss or gradient is not finite, 0 otherwise; 0-d FLOAT32
     */
    public record Scaling(PtNDArray scale, PtNDArray stop) {}

    /** An optimiser whose state and compiled operators belong to {@code manager}. */
    public AdamW(NDManager manager, Hyperparameters hyperparameters) {
        this.hyperparameters = hyperparameters;
        this.script = TorchScript.compile(manager, FUNCTIONS);
        count = (PtNDArray) manager.zeros(new Shape());
        skipped = (PtNDArray) manager.zeros(new Shape());
    }

    /** The L2 norm over all the elements of all the arrays, 0-d FLOAT32, of the manager that the first one has. */
    public PtNDArray norm(List<PtNDArray> gradients) {
        try (IValue result = script.run("norm", TorchScript.list(gradients))) {
            return result.toTensor(gradients.get(0).getManager());
        }
    }

    /**
     * Begins an update. If the loss or the norm is not finite, it will change nothing and is counted as skipped.
     *
     * @param norm of all gradients of all groups, as {@link #norm} gave it
     * @param loss 0-d
     * @param divisor what the gradients still have to be divided by
     * @return of the manager that {@code norm} has
     */
    public Scaling begin(PtNDArray norm, PtNDArray loss, double divisor) {
        try (IValue result = script.run(
                "begin",
                IValue.from(norm),
                IValue.from(loss),
                IValue.from(divisor),
                IValue.from(hyperparameters.maxGradientNorm()),
                IValue.from(count),
                IValue.from(skipped))) {
            NDList scaling = result.toNDList(norm.getManager());
            return new Scaling((PtNDArray) scaling.get(0), (PtNDArray) scaling.get(1));
        }
    }

    /**
     * One update of one group, in place.
     *
     * @param group what to update
     * @param gradients of the group's parameters, in its order; they are overwritten
     * @param scaling as {@link #begin} gave it for all groups
     * @param learningRate of this update
     */
    public void update(Group group, List<PtNDArray> gradients, Scaling scaling, double learningRate) {
        if (gradients.isEmpty()) {
            return;
        }
        script.run(
                        "update",
                        TorchScript.list(group.parameters()),
                        TorchScript.list(gradients),
                        TorchScript.list(group.firstMoments()),
                        TorchScript.list(group.secondMoments()),
                        TorchScript.list(Collections.nCopies(gradients.size(), count)),
                        IValue.from(scaling.scale()),
                        IValue.from(scaling.stop()),
                        IValue.from(learningRate),
                        IValue.from(hyperparameters.beta1()),
                        IValue.from(hyperparameters.beta2()),
                        IValue.from(group.decays() ? hyperparameters.weightDecay() : 0.0),
                        IValue.from(hyperparameters.epsilon()))
                .close();
    }

    /** Updates that were begun and changed nothing, 0-d FLOAT32. */
    public PtNDArray skipped() {
        return skipped;
    }

    /** Goes on after so many updates, for the bias correction. */
    public void restore(long updates) {
        count.subi(count);
        count.addi(updates);
    }

    @Override
    public void close() {
        count.close();
        skipped.close();
        script.close();
    }
}
