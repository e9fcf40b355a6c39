package norma.trainer.device;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.engine.StandardCapabilities;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import norma.datasets.base.InvalidInputException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which libtorch DJL takes, and what a person should know of it: the one in {@code PYTORCH_LIBRARY_PATH}, the CPU build
 * on the class path, or else one that DJL keeps in its cache and fetches when it is not there.
 */
public final class Libtorch {
    private static final Logger LOG = LoggerFactory.getLogger(Libtorch.class);
    private static final String ENGINE = "PyTorch";
    private static final String FOLDER = "PYTORCH_LIBRARY_PATH";
    private static final String FLAVOR = "PYTORCH_FLAVOR";
    private static final String TORCH = System.mapLibraryName("torch");
    private static final String ADVICE = "a connection to publish.djl.ai the first time, or " + FOLDER
            + " with the lib folder of a pip torch, see docs/gpu.md";

    /** As {@code torch/version.py} has it. */
    private static final Pattern PIP_VERSION = Pattern.compile("__version__ = '([^']+)'");

    private Libtorch() {}

    /**
     * Loads libtorch, fetched first if need be, which a warning announces.
     *
     * @throws InvalidInputException if it cannot be fetched or does not fit this machine
     */
    static Engine load() {
        requireNamedFolder();
        Optional<Path> missing = missing();
        missing.ifPresent(folder -> {
            requireOnline(folder);
            announce(folder);
        });
        try {
            return Engine.getEngine(ENGINE);
        } catch (EngineException | LinkageError | AssertionError e) {
            throw refusal(e, missing);
        }
    }

    /** Where libtorch lies, once it is loaded. */
    public static Path folder() {
        return Path.of(LibUtils.getLibtorchPath());
    }

    /**
     * Which build is loaded, such as {@code 2.7.1+cu126 (CUDA, CUDNN, MKL)}: a pip torch's own name for it, or that of
     * the folder in which DJL keeps it, and what it was built with.
     */
    public static String build() {
        Devices.engine();
        String with = String.join(", ", new TreeSet<>(JniUtils.getFeatures()));
        return name(folder()) + " (" + with + ")";
    }

    /** A build's name by the folder of its libraries. */
    static String name(Path folder) {
        try {
            Path version = folder.resolveSibling("version.py");
            Matcher named = PIP_VERSION.matcher(Files.isRegularFile(version) ? Files.readString(version) : "");
            return named.find() ? named.group(1) : String.valueOf(folder.getFileName());
        } catch (IOException e) {
            return String.valueOf(folder.getFileName());
        }
    }

    /** Whether the loaded libtorch computes on GPUs. */
    public static boolean usesCuda() {
        return Devices.engine().hasCapability(StandardCapabilities.CUDA);
    }

    /** Whether the loaded libtorch has a CUDA library beside it, whether or not it can use it here. */
    public static boolean isCudaBuild() {
        return Files.exists(folder().resolve(System.mapLibraryName("torch_cuda")));
    }

    private static void requireNamedFolder() {
        String named = Utils.getEnvOrSystemProperty(FOLDER);
        if (named != null
                && Arrays.stream(named.split(File.pathSeparator))
                        .map(Path::of)
                        .noneMatch(path -> path.endsWith(TORCH) || Files.exists(path.resolve(TORCH)))) {
            throw new InvalidInputException(FOLDER + ": found " + named + ", expected a folder that holds " + TORCH);
        }
    }

    /** The folder that DJL will make, if there is no libtorch yet. */
    static Optional<Path> missing() {
        Platform platform = Platform.detectPlatform("pytorch");
        if (Utils.getEnvOrSystemProperty(FOLDER) != null || !platform.isPlaceholder()) {
            return Optional.empty();
        }
        String flavor = Utils.getEnvOrSystemProperty(FLAVOR, platform.getFlavor());
        Path folder = Utils.getEngineCacheDir("pytorch")
                .resolve(platform.getVersion() + "-" + flavor + "-" + platform.getClassifier())
                .toAbsolutePath();
        return Files.exists(folder.resolve(TORCH)) ? Optional.empty() : Optional.of(folder);
    }

    private static void requireOnline(Path folder) {
        if (Utils.isOfflineMode()) {
            throw new InvalidInputException("libtorch: not in " + folder
                    + ", and DJL may not fetch it (DJL_OFFLINE is set); expected " + ADVICE);
        }
    }

    private static void announce(Path folder) {
        boolean cuda = folder.getFileName().toString().contains("-cu1");
        LOG.warn(
                "libtorch is not here yet: DJL fetches {} from publish.djl.ai into {}. This happens once and may take"
                        + " many minutes, in which nothing is printed.",
                cuda ? "its CUDA build (about 3 GB)" : "its CPU build",
                folder);
    }

    private static RuntimeException refusal(Throwable failure, Optional<Path> missing) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && cause.getMessage().contains("jnilib/")) {
                return refused(
                        FLAVOR + ": found " + Utils.getEnvOrSystemProperty(FLAVOR)
                                + ", expected cu128 for any build for" + " CUDA 12, or cpu (" + cause.getMessage()
                                + ")",
                        failure);
            }
            if (cause instanceof IOException && missing.isPresent()) {
                return refused(
                        "libtorch: cannot be fetched into " + missing.get() + " (" + cause + "); expected " + ADVICE,
                        failure);
            }
            if (cause instanceof UnsatisfiedLinkError) {
                return refused(
                        "libtorch: cannot be loaded (" + cause.getMessage() + "); expected the libraries of a PyTorch"
                                + " for this machine, and " + FLAVOR + " as docs/gpu.md says",
                        failure);
            }
        }
        return new IllegalStateException("libtorch cannot be loaded", failure);
    }

    private static InvalidInputException refused(String sentence, Throwable cause) {
        InvalidInputException refusal = new InvalidInputException(sentence);
        refusal.initCause(cause);
        return refusal;
    }
}
