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
    private final boolean drops;
    private final Map<TransformerShape, Kernels> made = new ConcurrentHashMap<>();

    /** How the kernels compute. */
    public enum Way {
        /** DJL's operators one by one, in float32. */
        OPERATORS,
        /** Functions that draw dropout from the device's generator. */
        FUSED,
        /** Functions for a CPU, which take dropout's masks. */
        HOST
    }

    /**
     * Which kernels.
     *
     * @param precision of the functions
     */
    public record Choice(Way way, Precision precision) {
        public Choice {
            if (precision == Precision.AUTO) {
                throw new IllegalArgumentException("no precision has been chosen");
            }
        }

        /** DJL's operators, in float32. */
        public static final Choice OPERATORS = new Choice(Way.OPERATORS, Precision.FLOAT32);

        /** The best for a device: on a CPU DJL's operators are the faster ones, and know float32 only. */
        public static Choice of(Device device, Precision precision) {
            if (device.isGpu()) {
                return new Choice(Way.FUSED, precision);
            }
            return precision == Precision.BF16 ? new Choice(Way.HOST, precision) : OPERATORS;
        }

        /** What evaluates beside this: in float32, without dropout, on the same kind of device. */
        public Choice forEvaluation() {
            return way == Way.FUSED ? new Choice(Way.FUSED, Precision.FLOAT32) : OPERATORS;
        }
    }

    /** Kernels whose functions a manager owns. */
    public KernelSet(NDManager manager, Choice choice) {
        this(manager, choice, true);
    }

    private KernelSet(NDManager manager, Choice choice, boolean drops) {
        this.manager = manager;
        this.choice = choice;
        this.drops = drops;
    }

    /** Kernels of passes that drop nothing, whatever the model's probabilities of dropout are. */
    public static KernelSet withoutDropout(NDManager manager, Choice choice) {
        return new KernelSet(manager, choice, false);
    }

    /** Whether the kernels draw dropout themselves, so that no masks need to be made. */
    public boolean drawDropout() {
        return drops && choice.way() == Way.FUSED;
    }

    /** Whether masks of attention probabilities are to be bytes, as the functions for a CPU take them. */
    public boolean masksAttentionInBytes() {
        return choice.way() == Way.HOST;
    }

    /** The kernels of a shape. */
    public Kernels of(TransformerShape shape) {
        return made.computeIfAbsent(shape, one -> switch (choice.way()) {
            case OPERATORS -> new OperatorKernels(one, new ScriptOperators(manager));
            case FUSED -> FusedKernels.compile(manager, drops ? one : one.withoutDropout(), choice.precision());
            case HOST -> HostKernels.compile(manager, one, choice.precision());
        });
    }

    @Override
    public void close() {
        made.values().forEach(Kernels::close);
    }
}
