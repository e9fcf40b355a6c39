package norma.trainer.device;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What NVIDIA's driver says of this machine, asked through the driver's own library (CUDA Driver API). DJL counts GPUs
 * with the CUDA runtime, {@code libcudart}, which belongs to the toolkit and which a machine with the driver alone does
 * not have.
 *
 * @param problem why no card can be used, in words; null if one can
 * @param cudaVersion the newest CUDA that the driver knows, 1000 times the major number and 10 times the minor one; 0
 *     without a driver
 * @param cards in the order in which CUDA counts them, {@code CUDA_VISIBLE_DEVICES} taken into account
 */
public record CudaDriver(String problem, int cudaVersion, List<Card> cards) {
    /** CUDA 12 binaries run on every driver for CUDA 12 ("minor version compatibility"). */
    private static final int OLDEST_CUDA = 12_000;

    private static final String[] LIBRARIES = {"libcuda.so.1", "cuda"}; // the second is searched for more widely
    private static final int NO_DEVICE = 100;
    private static final int CAPABILITY_MAJOR = 75;
    private static final int CAPABILITY_MINOR = 76;
    private static final int NAME_LENGTH = 256;
    private static final double GIB = 1 << 30;
    private static final Path KERNEL_MODULE = Path.of("/proc/driver/nvidia/version");
    private static final Pattern VERSION = Pattern.compile("\\b\\d{3}\\.\\d+(\\.\\d+)?\\b");

    public CudaDriver {
        cards = List.copyOf(cards);
    }

    /**
     * A card.
     *
     * @param name as NVIDIA calls it
     * @param major compute capability before the point
     * @param minor compute capability behind it
     * @param memoryBytes all of its memory
     */
    public record Card(String name, int major, int minor, long memoryBytes) {
        /** Such as 8.0. */
        public String capability() {
            return major + "." + minor;
        }

        /** Whether its compute capability is at least this one. */
        public boolean hasAtLeast(int otherMajor, int otherMinor) {
            return major > otherMajor || (major == otherMajor && minor >= otherMinor);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "%s, compute capability %s, %.1f GiB", name, capability(), memoryBytes / GIB);
        }
    }

    /** Asks the driver. */
    public static CudaDriver ask() {
        return ask(LIBRARIES);
    }

    /** The same of a library of one of these names, the first that can be loaded. */
    static CudaDriver ask(String... libraries) {
        for (String name : libraries) {
            NativeLibrary library;
            try {
                library = NativeLibrary.getInstance(name);
            } catch (UnsatisfiedLinkError e) {
                continue;
            }
            try {
                return ask(library);
            } catch (UnsatisfiedLinkError e) {
                return without("the driver's library " + library.getName() + " is none: " + e.getMessage(), 0);
            }
        }
        return without("there is no NVIDIA driver here (libcuda.so.1 cannot be loaded)", 0);
    }

    private static CudaDriver ask(NativeLibrary library) {
        IntByReference version = new IntByReference();
        int status = call(library, "cuDriverGetVersion", version);
        int cuda = status == 0 ? version.getValue() : 0;
        if (status == 0 && cuda < OLDEST_CUDA) {
            return without(
                    "the NVIDIA driver is too old: it knows CUDA up to " + cuda(cuda)
                            + ", and one for CUDA 12.0 (525.60.13) or newer is needed",
                    cuda);
        }
        status = status == 0 ? call(library, "cuInit", 0) : status;
        IntByReference count = new IntByReference();
        status = status == 0 ? call(library, "cuDeviceGetCount", count) : status;
        if (status == NO_DEVICE || (status == 0 && count.getValue() == 0)) {
            String visible = System.getenv("CUDA_VISIBLE_DEVICES");
            return without(
                    "the NVIDIA driver finds no card"
                            + (visible == null ? "" : " (CUDA_VISIBLE_DEVICES is \"" + visible + "\")"),
                    cuda);
        }
        List<Card> cards = new ArrayList<>();
        for (int i = 0; status == 0 && i < count.getValue(); i++) {
            IntByReference handle = new IntByReference();
            byte[] name = new byte[NAME_LENGTH];
            IntByReference major = new IntByReference();
            IntByReference minor = new IntByReference();
            LongByReference memory = new LongByReference();
            status = call(library, "cuDeviceGet", handle, i);
            int device = handle.getValue();
            status = status == 0 ? call(library, "cuDeviceGetName", name, name.length, device) : status;
            status = status == 0 ? call(library, "cuDeviceGetAttribute", major, CAPABILITY_MAJOR, device) : status;
            status = status == 0 ? call(library, "cuDeviceGetAttribute", minor, CAPABILITY_MINOR, device) : status;
            status = status == 0 ? call(library, "cuDeviceTotalMem_v2", memory, device) : status;
            cards.add(new Card(
                    Native.toString(name, StandardCharsets.UTF_8.name()),
                    major.getValue(),
                    minor.getValue(),
                    memory.getValue()));
        }
        return status == 0 ? new CudaDriver(null, cuda, cards) : without(error(library, status), cuda);
    }

    private static int call(NativeLibrary library, String function, Object... arguments) {
        return library.getFunction(function, Function.C_CONVENTION).invokeInt(arguments);
    }

    private static String error(NativeLibrary library, int status) {
        PointerByReference text = new PointerByReference();
        boolean known = call(library, "cuGetErrorString", status, text) == 0 && text.getValue() != null;
        return "the NVIDIA driver answers with error " + status
                + (known ? " (" + text.getValue().getString(0) + ")" : "");
    }

    private static CudaDriver without(String problem, int cuda) {
        return new CudaDriver(problem, cuda, List.of());
    }

    /** The driver's own version, such as 550.54.15, as its kernel module tells it; empty where there is none. */
    public static Optional<String> version() {
        return version(KERNEL_MODULE);
    }

    static Optional<String> version(Path kernelModule) {
        try {
            Matcher version = VERSION.matcher(Files.readString(kernelModule));
            return version.find() ? Optional.of(version.group()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The newest CUDA that the driver knows, such as 12.8. */
    public String cuda() {
        return cuda(cudaVersion);
    }

    private static String cuda(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }
}
