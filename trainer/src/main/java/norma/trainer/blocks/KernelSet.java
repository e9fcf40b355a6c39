package norma.trainer.blocks;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import norma.trainer.model.Kernels;
import norma.trainer.model.Precision;
import norma.trainer.model.TransformerShape;

/** The kernels that a pass computes with, made for each shape when it is first asked for. */
public final class KernelSet implements AutoCloseable {
    private final NDManager manager;
    private final Choice choice;
    private final Map<TransformerShape, Kernels> made = new ConcurrentHashMap<>();

    /**
     * Which kernels.
     *
     * @param fused functions of TorchScript instead of DJL's operators; they draw dropout from the device's generator
     * @param precision of the fused functions
     */
    public record Choice(boolean fused, Precision precision) {
        /** DJL's operators, in float32. */
        public static final Choice OPERATORS = new Choice(false, Precision.FLOAT32);

        /** The best for a device: DJL's operators are the faster ones on a CPU, and know float32 only. */
        public static Choice of(Device device, Precision precision) {
            return new Choice(device.isGpu() || precision == Precision.BF16, precision);
        }
    }

    /** Kernels whose functions a manager owns. */
    public KernelSet(NDManager manager, Choice choice) {
        this.manager = manager;
        this.choice = choice;
    }

    /** Whether the kernels draw dropout themselves, so that no masks need to be made. */
    public boolean drawDropout() {
        return choice.fused();
    }

    /** The kernels of a shape. */
    public Kernels of(TransformerShape shape) {
        return made.computeIfAbsent(
                shape,
                one -> choice.fused()
                        ? FusedKernels.compile(manager, one, choice.precision())
                        : new OperatorKernels(one));
    }

    @Override
    public void close() {
        made.values().forEach(Kernels::close);
    }
}
