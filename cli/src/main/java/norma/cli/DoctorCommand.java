package norma.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import norma.trainer.bench.MatrixProductRate;
import norma.trainer.device.Devices;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what this machine offers to a run. */
@Command(
        name = "doctor",
        description = "Shows device, natives, threads, memory and disk, and measures matrix products.")
final class DoctorCommand implements Callable<Integer> {
    private static final double MEASURED_SECONDS = 1;
    private static final double GIB = 1 << 30;

    @Mixin
    private OutputOptions output;

    @Mixin
    private DeviceOptions device;

    @Option(names = "--runs", paramLabel = "DIR", description = "Folder of the runs; default ${DEFAULT-VALUE}.")
    private Path runs = Path.of("runs");

    @Override
    public Integer call() throws IOException {
        output.startLogging();
        Engine engine = Devices.engine();
        Device chosen = device.device();
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        report.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        report.put(
                "engine", "DJL " + Engine.getDjlVersion() + ", " + engine.getEngineName() + " " + engine.getVersion());
        report.put("natives", LibUtils.getLibtorchPath());
        report.put("device", chosen.toString());
        report.put("gpus", engine.getGpuCount());
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("heap_gib", rounded(Runtime.getRuntime().maxMemory() / GIB));
        report.put("free_disk_gib", rounded(freeDisk() / GIB));
        report.put("matrix_product_gigaflops", rounded(MatrixProductRate.gigaflopsPerSecond(chosen, MEASURED_SECONDS)));
        output.result(report, text(report));
        return ExitCode.DONE;
    }

    private long freeDisk() throws IOException {
        Path folder = runs.toAbsolutePath();
        while (!Files.exists(folder)) {
            folder = folder.getParent();
        }
        return Files.getFileStore(folder).getUsableSpace();
    }

    private static String text(ObjectNode report) {
        StringBuilder text = new StringBuilder();
        report.fields()
                .forEachRemaining(field -> text.append(String.format(
                        "%-26s%s%n", field.getKey(), field.getValue().asText())));
        return text.toString().stripTrailing();
    }

    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.1f", value));
    }
}
