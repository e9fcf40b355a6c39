package norma.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import norma.datasets.InvalidInputException;
import norma.trainer.bench.DeviceCheck;
import norma.trainer.bench.MatrixProductRate;
import norma.trainer.bench.StepBenchmark;
import norma.trainer.bert.Comparison;
import norma.trainer.config.Precision;
import norma.trainer.device.Devices;
import norma.trainer.pretraining.MetricsLog;
import norma.trainer.pretraining.StopRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what this machine offers to a run. */
@Command(
        name = "doctor",
        description = {
            "Shows device, natives, threads, memory and disk, and measures matrix products.",
            "With --gpu or --check it also computes: a short training beside the same one on the CPU, in float32 and bf16,"
                    + " reference outputs if --reference names them, and the speed of steps. Paste its report when"
                    + " something is wrong. Exit code 1 if a comparison fails."
        })
final class DoctorCommand implements Callable<Integer> {
    private static final double MEASURED_SECONDS = 1;
    private static final double GIB = 1 << 30;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--device",
            description = "cpu, gpu, gpu:N, or gpu:0,1 for several; default: gpu with --gpu, otherwise cpu.")
    private String device;

    @Option(names = "--check", description = "Check what the device computes, and how fast.")
    private boolean check;

    @Option(names = "--gpu", description = "The same on a GPU.")
    private boolean gpu;

    @Option(
            names = "--reference",
            paramLabel = "FOLDER",
            description = "Reference outputs of Hugging Face's BertForPreTraining: config.json, model.safetensors,"
                    + " io.safetensors, expected.json.")
    private Path reference;

    @Option(names = "--steps", description = "Steps of the training; default ${DEFAULT-VALUE}.")
    private int steps = 50;

    @Option(names = "--runs", paramLabel = "DIR", description = "Folder of the runs; default ${DEFAULT-VALUE}.")
    private Path runs = Path.of("runs");

    @Override
    public Integer call() throws IOException {
        if (steps < 1) {
            throw InvalidInputException.of("command line", "--steps", steps, "a whole number of at least 1");
        }
        output.startLogging();
        Engine engine = Devices.engine();
        String name = device != null ? device : gpu ? "gpu" : "cpu";
        List<Device> chosen = Devices.parseAll(name);
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        report.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        report.put(
                "engine", "DJL " + Engine.getDjlVersion() + ", " + engine.getEngineName() + " " + engine.getVersion());
        report.put("natives", LibUtils.getLibtorchPath());
        report.put("device", name);
        report.put("gpus", engine.getGpuCount());
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("heap_gib", rounded(Runtime.getRuntime().maxMemory() / GIB));
        report.put("free_disk_gib", rounded(freeDisk() / GIB));
        report.put(
                "matrix_product_gigaflops",
                rounded(MatrixProductRate.gigaflopsPerSecond(chosen.get(0), MEASURED_SECONDS)));
        if (!check && !gpu) {
            output.result(report, text(report));
            return ExitCode.DONE;
        }
        String machine = text(report);
        Map<Precision, DeviceCheck.Finding> findings;
        try (RunDisplay display = new RunDisplay(output, new StopRequest())) {
            findings = DeviceCheck.run(name, reference, runs, steps, display);
        }
        boolean passes = findings.values().stream().allMatch(DeviceCheck.Finding::passes);
        report.put("passes", passes);
        ObjectNode checks = report.putObject("checks");
        findings.forEach((precision, finding) -> put(checks.putObject(precision.toString()), finding));
        output.result(report, machine + System.lineSeparator() + text(findings, passes));
        return passes ? ExitCode.DONE : ExitCode.FAILED;
    }

    private static void put(ObjectNode json, DeviceCheck.Finding finding) {
        ArrayNode comparisons = json.putArray("comparisons");
        for (Comparison comparison : finding.comparisons()) {
            ObjectNode entry = comparisons.addObject();
            entry.put("what", comparison.what());
            MetricsLog.put(entry, "difference", comparison.difference());
            entry.put("tolerance", comparison.tolerance());
            entry.put("passes", comparison.passes());
        }
        json.put("tokens_per_second", finding.steps().tokensPerSecond());
        json.put("fraction_of_peak", finding.steps().fractionOfPeak());
        json.put("gigaflops", finding.steps().gigaflops());
        json.put("peak_gigaflops_before", finding.steps().peakBefore());
        json.put("peak_gigaflops_after", finding.steps().peakAfter());
        json.set("step_seconds", SpreadText.json(finding.steps().stepSeconds()));
    }

    private static String text(Map<Precision, DeviceCheck.Finding> findings, boolean passes) {
        StringBuilder text = new StringBuilder();
        findings.forEach((precision, finding) -> {
            text.append(String.format("%n%s%n", precision));
            for (Comparison comparison : finding.comparisons()) {
                text.append(String.format(
                        Locale.ROOT,
                        "  %s: %.2g (at most %.2g)%s%n",
                        comparison.what(),
                        comparison.difference(),
                        comparison.tolerance(),
                        comparison.passes() ? "" : "  FAILS"));
            }
            StepBenchmark.Result bench = finding.steps();
            text.append(String.format(
                    Locale.ROOT,
                    "  step %.1f ms (median of %d; %.1f to %.1f), %,.0f tokens/s, %.3f of the matrix products' %,.0f"
                            + " GFLOP/s%n",
                    bench.stepSeconds().median() * 1e3,
                    bench.steps(),
                    bench.stepSeconds().min() * 1e3,
                    bench.stepSeconds().max() * 1e3,
                    bench.tokensPerSecond(),
                    bench.fractionOfPeak(),
                    (bench.peakBefore() + bench.peakAfter()) / 2));
        });
        return text.append(System.lineSeparator())
                .append(passes ? "Every comparison holds." : "NOT every comparison holds.")
                .toString();
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
