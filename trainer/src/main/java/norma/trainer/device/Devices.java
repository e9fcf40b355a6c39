package norma.trainer.device;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import com.sun.jna.NativeLibrary;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import norma.datasets.base.InvalidInputException;

/** From the configuration's word for a device to DJL's. */
public final class Devices {
    /** What {@link #isName} accepts, in words. */
    public static final String EXPECTED = "cpu, gpu, gpu:N, several GPUs as gpu:0,1, or cpu,cpu for replicas";

    private static final String TF32 = "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE";
    private static final String ONE = "cpu|gpu(:\\d{1,3})?";

    private static volatile Engine loaded; // DJL keeps one for the process too, behind a look-up by name

    private Devices() {}

    /**
     * PyTorch's engine, by name: with DJL's tokenizers beside it on the class path it is not DJL's default one.
     *
     * @throws InvalidInputException if libtorch is missing and cannot be fetched, or cannot be loaded
     */
    public static Engine engine() {
        Engine engine = loaded;
        if (engine == null) {
            engine = Libtorch.load();
            loaded = engine;
        }
        return engine;
    }

    /**
     * Lets libtorch's float32 matrix products use TF32 where the GPU has it, for the rest of this process. libtorch
     * reads this from its environment when it starts, and from nothing else that can be reached from here.
     */
    public static void allowTf32() {
        NativeLibrary.getInstance("c").getFunction("setenv").invokeInt(new Object[] {TF32, "1", 1});
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
        if (!name.matches(ONE)) {
            throw refused(name, "cpu, gpu or gpu:N");
        }
        return parseAll(name).get(0);
    }

    /**
     * The devices that {@code device} names, for training with a replica of the model on each.
     *
     * @param name one device as in {@link #parse}, or several GPUs as {@code gpu:0,1}, or {@code cpu,cpu} to try
     *     replicas out on a machine without one
     * @throws InvalidInputException if it is none of these, names a GPU twice, or this machine lacks one of them
     */
    public static List<Device> parseAll(String name) {
        if (!isName(name)) {
            throw refused(name, EXPECTED);
        }
        if (name.startsWith("cpu")) {
            return Collections.nCopies(name.split(",").length, Device.cpu());
        }
        int[] indices = indices(name);
        if (Arrays.stream(indices).distinct().count() < indices.length) {
            throw refused(name, "each GPU once");
        }
        CudaDriver driver = CudaDriver.ask(); // before libtorch: a CUDA build is gigabytes to fetch
        requireCards(name, indices, driver);
        engine();
        requireCuda(name);
        return Arrays.stream(indices).mapToObj(Device::gpu).toList();
    }

    /**
     * The cards of the GPUs that a name has, as far as the driver has them.
     *
     * @param name as {@link #parseAll} takes it; of CPUs none
     */
    public static List<CudaDriver.Card> cards(String name, CudaDriver driver) {
        return name.startsWith("cpu")
                ? List.of()
                : Arrays.stream(indices(name))
                        .filter(index -> index < driver.cards().size())
                        .mapToObj(driver.cards()::get)
                        .toList();
    }

    /** The numbers of the GPUs that a name has. */
    static int[] indices(String name) {
        return name.equals("gpu")
                ? new int[1]
                : Arrays.stream(name.substring("gpu:".length()).split(","))
                        .mapToInt(Integer::parseInt)
                        .toArray();
    }

    /** That the driver has all of these cards, of one kind, for replicas must compute the same bits. */
    static void requireCards(String name, int[] indices, CudaDriver driver) {
        if (driver.problem() != null) {
            throw refused(name, "cpu: " + driver.problem());
        }
        List<CudaDriver.Card> cards = driver.cards();
        for (int index : indices) {
            if (index >= cards.size()) {
                throw refused(
                        name,
                        cards.size() == 1
                                ? "cpu or gpu:0 (" + cards.get(0) + ")"
                                : "cpu or gpu:0 to gpu:" + (cards.size() - 1));
            }
            if (!cards.get(index).name().equals(cards.get(indices[0]).name())) {
                throw refused(
                        name,
                        "cards of one kind, or their replicas drift apart: gpu:" + indices[0] + " is "
                                + cards.get(indices[0]).name() + ", gpu:" + index + " is "
                                + cards.get(index).name());
            }
        }
    }

    private static void requireCuda(String name) {
        if (!Libtorch.usesCuda()) {
            throw refused(
                    name,
                    Libtorch.isCudaBuild()
                            ? "cpu: the CUDA build of libtorch in " + Libtorch.folder()
                                    + " cannot use the driver or a card of this machine"
                            : "cpu: the libtorch in " + Libtorch.folder()
                                    + " is a build for CPUs (docs/gpu.md says how a CUDA build is taken)");
        }
    }

    private static InvalidInputException refused(String name, String expected) {
        return InvalidInputException.setting("device", name, expected);
    }

    /** Whether {@link #parseAll} understands a name, whatever this machine has. */
    public static boolean isName(String name) {
        return name.matches(ONE) || name.matches("cpu(,cpu)+|gpu:\\d{1,3}(,\\d{1,3})+");
    }
}
