package norma.cli.bench;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.jna.NativeLibrary;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import norma.trainer.device.CudaDriver;
import norma.trainer.device.Libtorch;

/** What a machine has for a run, as lines of a report: first what can be told without libtorch, then the rest. */
final class MachineReport {
    private static final List<String> VARIABLES = List.of(
            "NORMA_PROFILE",
            "PYTORCH_FLAVOR",
            "PYTORCH_LIBRARY_PATH",
            "PYTORCH_VERSION",
            "PYTORCH_CUDA_ALLOC_CONF",
            "CUDA_VISIBLE_DEVICES",
            "DJL_CACHE_DIR",
            "DJL_OFFLINE");

    private MachineReport() {}

    /** Java, system, and of a GPU the driver, its cards, and what decides which libtorch is taken. */
    static void putMachine(ObjectNode report, String device) {
        report.put("java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        report.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        report.put("device", device);
        if (device.startsWith("gpu")) {
            putDriver(report, CudaDriver.ask());
            VARIABLES.stream()
                    .filter(name -> System.getenv(name) != null)
                    .forEach(name -> report.put(name, System.getenv(name)));
        }
    }

    static void putDriver(ObjectNode report, CudaDriver driver) {
        report.put(
                "driver",
                driver.problem() == null
                        ? CudaDriver.version().orElse("of unknown version") + ", for CUDA up to " + driver.cuda()
                        : driver.problem());
        IntStream.range(0, driver.cards().size())
                .forEach(i -> report.put("gpu:" + i, driver.cards().get(i).toString()));
        report.put("cuda_runtime_of_a_toolkit", isThere("cudart") ? "found (not needed)" : "none (not needed)");
    }

    private static boolean isThere(String library) {
        try {
            NativeLibrary.getInstance(library);
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    /** The engine, once it is loaded. */
    static void putEngine(ObjectNode report, Engine engine) {
        report.put(
                "engine", "DJL " + Engine.getDjlVersion() + ", " + engine.getEngineName() + " " + engine.getVersion());
        report.put("natives", Libtorch.folder().toString());
        report.put("libtorch", Libtorch.build());
        report.put(
                "cuda",
                Libtorch.usesCuda() ? "used" : Libtorch.isCudaBuild() ? "built in, cannot be used" : "not built in");
    }

    /** For people. */
    static String text(ObjectNode report) {
        StringBuilder text = new StringBuilder();
        report.fields()
                .forEachRemaining(field -> text.append(String.format(
                        Locale.ROOT,
                        "%-31s%s%n",
                        field.getKey(),
                        field.getValue().asText())));
        return text.toString().stripTrailing();
    }
}
