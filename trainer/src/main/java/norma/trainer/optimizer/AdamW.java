package norma.trainer.optimizer;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.Collections;
import java.util.List;
import norma.trainer.torchscript.TorchScript;

/**
 * AdamW as torch.optim defines it (Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2),
 * by libtorch's fused operator; g is the clipped gradient:
 *
 * <pre>
 * p  = p * (1 - lr * decay)
 * m  = beta1 m + (1 - beta1) g ;  v = beta2 v + (1 - beta2) g²
 * p  = p - lr * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * </pre>
 */
public final class AdamW implements Optimizer {
    /** {@code optimizer.type}. */
    public static final String TYPE = "adamw";

    /** The moments m and v. */
    static final List<String> STATE = List.of("exp_avg", "exp_avg_sq");

    private static final String FUNCTIONS = """
              def update(self: __torch__.Functions, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor], scale: Tensor, stop: Tensor, lr: float, beta1: float, beta2: float, decay: float, epsilon: float) -> None:
                _0 = annotate(List[Tensor], [])
                torch._fused_adamw_(p, g, m, v, _0, t, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False, grad_scale=scale, found_inf=stop)
                return None
            """;

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
            double beta1, double beta2, double epsilon, double weightDecay, double maxGradientNorm)
            implements Settings {
        @Override
        public String type() {
            return TYPE;
        }

        @Override
        public List<String> state() {
            return STATE;
        }

        @Override
        public AdamW create(NDManager manager, int hiddenSize) {
            return new AdamW(manager, this);
        }
    }

    /** An optimiser whose compiled operators belong to {@code manager}. */
    public AdamW(NDManager manager, Hyperparameters hyperparameters) {
        this.hyperparameters = hyperparameters;
        this.script = TorchScript.compile(manager, FUNCTIONS);
    }

    @Override
    public void update(Group group, List<PtNDArray> gradients, Clipping.Scaling scaling, double learningRate) {
        if (gradients.isEmpty()) {
            return;
        }
        script.run(
                        "update",
                        TorchScript.list(group.parameters()),
                        TorchScript.list(gradients),
                        TorchScript.list(group.state().get(0)),
                        TorchScript.list(group.state().get(1)),
                        TorchScript.list(Collections.nCopies(gradients.size(), scaling.count())),
                        IValue.from(scaling.scale()),
                        IValue.from(scaling.stop()),
                        IValue.from(learningRate),
                        IValue.from(hyperparameters.beta1()),
                        IValue.from(hyperparameters.beta2()),
                        IValue.from(group.decays() ? hyperparameters.weightDecay() : 0.0),
                        IValue.from(hyperparameters.epsilon()))
                .close();
    }

    @Override
    public void close() {
        script.close();
    }
}
