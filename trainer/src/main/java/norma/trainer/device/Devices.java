package norma.trainer.device;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import norma.datasets.InvalidInputException;

/** From the configuration's word for a device to DJL's. */
public final class Devices {
    private Devices() {}

    /** PyTorch's engine, by name: with DJL's tokenizers beside it on the class path it is not DJL's default one. */
    public static Engine engine() {
        return Engine.getEngine("PyTorch");
    }

    /** Threads that libtorch computes an operator with on CPU. */
    public static int threads() {
        engine();
        return JniUtils.getNumThreads();
    }

    /**
     * The device that {@code device} names.
     *
     * @param name {@code cpu}, {@code gpu} or {@code gpu:N}
     * @throws InvalidInputException if it is none of these, or this machine has no such GPU
     */
    public static Device parse(String name) {
        if (name.equals("cpu")) {
            return Device.cpu();
        }
        if (!name.matches("gpu(:\\d{1,3})?")) {
            throw new InvalidInputException("device: found " + name + ", expected cpu, gpu or gpu:N");
        }
        int index = name.equals("gpu") ? 0 : Integer.parseInt(name.substring(4));
        int available = engine().getGpuCount();
        if (index >= available) {
            throw new InvalidInputException("device: found " + name + ", expected "
                    + (available == 0
                            ? "cpu: libtorch sees no GPU here (the README's section on GPUs tells how to give it one)"
                            : "cpu or gpu:0 to gpu:" + (available - 1)));
        }
        return Device.gpu(index);
    }
}
