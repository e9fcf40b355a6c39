package norma.trainer.device;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import norma.trainer.torchscript.TorchScript;

/**
 * Arrays from Java memory to one device. On a GPU they go through page-locked memory in the order of the device's work,
 * so that nothing waits for the device; DJL's own {@code create} would wait for all that it still has to do.
 */
public final class Upload implements AutoCloseable {
    private static final String FUNCTIONS = """
              def upload(self: __torch__.Functions, like: Tensor, x: Tensor) -> Tensor:
                if ops.prim.is_cuda(like):
                  staged = torch.pin_memory(x)
                else:
                  staged = x
                return torch.to(staged, ops.prim.device(like), None, True, True)
              def move(self: __torch__.Functions, like: Tensor, x: Tensor) -> Tensor:
                return torch.to(x, ops.prim.device(like), None, True, True)
            """;

    private final TorchScript script;
    private final NDArray place;
    private final boolean direct;

    private Upload(NDManager manager, boolean direct) {
        this.direct = direct;
        script = TorchScript.compile(manager, FUNCTIONS);
        place = manager.zeros(new Shape(1));
    }

    /** To the device of a manager, which keeps what this needs. */
    public static Upload to(NDManager manager) {
        return new Upload(manager, !manager.getDevice().isGpu());
    }

    /** The same in the way of a GPU on any device. */
    public static Upload staged(NDManager manager) {
        return new Upload(manager, false);
    }

    /** Whole numbers as INT64. */
    public NDArray longs(NDManager owner, int[] values, Shape shape) {
        long[] longs = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            longs[i] = values[i];
        }
        if (direct) {
            return owner.create(longs, shape);
        }
        try (NDManager host = owner.newSubManager(Device.cpu())) {
            return upload(owner, host.create(longs, shape));
        }
    }

    /** FLOAT32. */
    public NDArray floats(NDManager owner, float[] values, Shape shape) {
        if (direct) {
            return owner.create(values, shape);
        }
        try (NDManager host = owner.newSubManager(Device.cpu())) {
            return upload(owner, host.create(values, shape));
        }
    }

    /**
     * A copy, on this device, of an array of any device.
     *
     * @param owner of the result, on this device
     */
    public PtNDArray move(NDManager owner, NDArray array) {
        return (PtNDArray) call("move", owner, array);
    }

    private NDArray upload(NDManager owner, NDArray host) {
        return call("upload", owner, host);
    }

    private NDArray call(String function, NDManager owner, NDArray array) {
        NDArray result = script.call(function, new NDList(place, array)).singletonOrThrow();
        result.attach(owner);
        return result;
    }

    @Override
    public void close() {
        place.close();
        script.close();
    }
}
