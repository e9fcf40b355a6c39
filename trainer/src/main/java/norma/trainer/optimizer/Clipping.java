package norma.trainer.optimizer;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.List;
import norma.trainer.torchscript.TorchScript;

/**
 * Clipping by global norm, and the decision that an update changes nothing because loss or gradient is not finite:
 * {@code g = g * min(1, maxNorm / (norm + 1e-6))}, as torch.nn.utils.clip_grad_norm_ has it. It counts the updates.
 *
 * <p>Nothing is read back from the device: norm, clipping and decision stay on it.
 */
public final class Clipping implements AutoCloseable {
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
              def follow(self: __torch__.Functions, stop: Tensor, t: Tensor, skipped: Tensor) -> None:
                _0 = torch.add_(t, torch.sub(torch.ones_like(stop), stop))
                _1 = torch.add_(skipped, stop)
                return None
            """;

    private final double maxNorm;
    private final TorchScript script;
    private final PtNDArray count;
    private final PtNDArray skipped;

    /**
     * How one update goes, on the device.
     *
     * @param scale what every gradient is divided by, 0-d FLOAT32
     * @param stop 1 if nothing may change because loss or gradient is not finite, 0 otherwise; 0-d FLOAT32
     * @param count updates so far, this one too, without those that change nothing; 0-d FLOAT32
     */
    public record Scaling(PtNDArray scale, PtNDArray stop, PtNDArray count) {}

    /**
     * No update yet.
     *
     * @param manager owns the state and the compiled functions
     * @param maxNorm the bound; infinity for none
     */
    public Clipping(NDManager manager, double maxNorm) {
        this.maxNorm = maxNorm;
        script = TorchScript.compile(manager, FUNCTIONS);
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
                IValue.from(maxNorm),
                IValue.from(count),
                IValue.from(skipped))) {
            NDList scaling = result.toNDList(norm.getManager());
            return new Scaling((PtNDArray) scaling.get(0), (PtNDArray) scaling.get(1), count);
        }
    }

    /**
     * Begins the update that another replica has begun, on another device, from the same gradients.
     *
     * @param scale as {@link #begin} gave it there, moved here
     * @param stop the same
     */
    public Scaling follow(PtNDArray scale, PtNDArray stop) {
        script.run("follow", IValue.from(stop), IValue.from(count), IValue.from(skipped))
                .close();
        return new Scaling(scale, stop, count);
    }

    /** Updates that were begun and changed nothing, 0-d FLOAT32. */
    public PtNDArray skipped() {
        return skipped;
    }

    /** Continues after so many updates. */
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
