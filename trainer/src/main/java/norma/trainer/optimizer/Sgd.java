package norma.trainer.optimizer;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.List;
import norma.trainer.torchscript.TorchScript;

/**
 * Stochastic gradient descent with momentum as torch.optim.SGD defines it (Polyak 1964; Sutskever et al. 2013, in
 * torch's form), without dampening and Nesterov's step, by libtorch's fused operator; g is the clipped gradient:
 *
 * <pre>
 * b  = momentum b + g + decay p
 * p  = p - lr b
 * </pre>
 *
 * <p>Weight decay is part of the gradient here, as torch.optim.SGD has it, and is decoupled from it in AdamW.
 */
public final class Sgd implements Optimizer {
    /** {@code optimizer.type}. */
    public static final String TYPE = "sgd";

    private static final String FUNCTIONS = """
              def update(self: __torch__.Functions, p: List[Tensor], g: List[Tensor], b: List[Tensor], scale: Tensor, stop: Tensor, lr: float, momentum: float, decay: float) -> None:
                torch._fused_sgd_(p, g, b, weight_decay=decay, momentum=momentum, lr=lr, dampening=0.0, nesterov=False, maximize=False, is_first_step=False, grad_scale=scale, found_inf=stop)
                return None
            """;

    private final Hyperparameters hyperparameters;
    private final TorchScript script;

    /**
     * What does not change from step to step.
     *
     * @param momentum what is kept of the last step's direction
     * @param weightDecay of the groups that decay
     * @param maxGradientNorm clipping bound; infinity for none
     */
    public record Hyperparameters(double momentum, double weightDecay, double maxGradientNorm) implements Settings {
        @Override
        public String type() {
            return TYPE;
        }

        @Override
        public List<String> state() {
            return List.of("momentum_buffer");
        }

        @Override
        public Sgd create(NDManager manager, int hiddenSize) {
            return new Sgd(manager, this);
        }
    }

    /** An optimiser whose compiled operators belong to {@code manager}. */
    public Sgd(NDManager manager, Hyperparameters hyperparameters) {
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
                        IValue.from(scaling.scale()),
                        IValue.from(scaling.stop()),
                        IValue.from(learningRate),
                        IValue.from(hyperparameters.momentum()),
                        IValue.from(group.decays() ? hyperparameters.weightDecay() : 0.0))
                .close();
    }

    @Override
    public void close() {
        script.close();
    }
}
