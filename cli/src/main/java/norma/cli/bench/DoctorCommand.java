package norma.cli.bench;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import norma.cli.options.RunsOptions;
import norma.cli.options.WholeNumber;
import norma.cli.options.WithoutEffect;
import norma.cli.terminal.ExitCode;
import norma.cli.terminal.OutputOptions;
import norma.cli.terminal.RunDisplay;
import norma.datasets.base.InvalidInputException;
import norma.trainer.bench.DeviceCheck;
import norma.trainer.bench.MatrixProductRate;
import norma.trainer.bench.Tf32Product;
import norma.trainer.device.Bf16Support;
import norma.trainer.device.Devices;
import norma.trainer.model.Precision;
import norma.trainer.run.DiskSpace;
import norma.trainer.run.StopRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what this machine offers to a run. */
@Command(
        name = "doctor",
        description = {
            "Shows device, libraries, memory and disk, and measures speed.",
            "Measured are matrix products, in bf16 too where the device has instructions for it. With --gpu or --check it also trains and fine-tunes a small model on the device and on the CPU, in float32 and bf16, and compares the two, probes with them; compares the outputs of --reference; looks whether reads leave memory behind and whether TF32 is used; and times steps. Include its report when you report a problem. Exit code 1 if a comparison fails."
        },
        footer = {"  norma doctor", "  norma doctor --check", "  norma doctor --gpu --json > doctor.json"})
public final class DoctorCommand implements Callable<Integer> {
    private static final double MEASURED_SECONDS = 1;
    private static final int STEPS = 50;
    private static final double GIB = 1 << 30;
    private static final double ROUNDED_TO_10_BITS = 1e-5;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "Device: cpu, gpu, gpu:N, or gpu:0,1 for several; default: gpu with --gpu, otherwise cpu.")
    private String device;

    @Option(names = "--check", description = "Check what the device computes, and how fast.")
    private boolean check;

    @Option(names = "--gpu", description = "Check a GPU in the same way.")
    private boolean gpu;

    @Option(
            names = "--reference",
            paramLabel = "FOLDER",
            description = "Folder of reference outputs of Hugging Face's BertForPreTraining: config.json,"
                    + " model.safetensors, io.safetensors, expected.json.")
    private Path reference;

    @Option(names = "--steps", paramLabel = "N", description = "Number of training steps; default: 50.")
    private Integer steps;

    @Mixin
    private RunsOptions runs;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        boolean checks = check || gpu;
        if (!checks) {
            WithoutEffect.refuse("--reference", reference, "--check or --gpu beside it");
            WithoutEffect.refuse("--steps", steps, "--check or --gpu beside it");
        }
        int trained = steps == null ? STEPS : steps;
        WholeNumber.requireAtLeastOne("--steps", trained);
        if (gpu && device != null && !device.startsWith("gpu")) {
            throw InvalidInputException.of(
                    "command line", "--device", device, "a GPU beside --gpu (or --check for it)");
        }
        output.startLogging();
        String name = device != null ? device : gpu ? "gpu" : "cpu";
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        MachineReport.putMachine(report, name);
        List<Device> chosen = chosen(name, report);
        MachineReport.putEngine(report, Devices.engine());
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("heap_gib", rounded(Runtime.getRuntime().maxMemory() / GIB));
        report.put("free_disk_gib", rounded(DiskSpace.free(runs.folder()) / GIB));
        putRates(report, name, chosen.get(0));
        if (!checks) {
            output.result(report, MachineReport.text(report));
            return ExitCode.DONE;
        }
        putTf32(report, chosen.get(0));
        String machine = MachineReport.text(report);
        Map<Precision, DeviceCheck.Finding> findings;
        try (RunDisplay display = new RunDisplay(output, new StopRequest())) {
            findings = DeviceCheck.run(name, reference, runs.folder(), trained, display);
        }
        boolean passes = findings.values().stream().allMatch(DeviceCheck.Finding::passes);
        DeviceCheckText.put(report, findings, passes);
        output.result(report, machine + System.lineSeparator() + DeviceCheckText.of(findings, passes));
        return passes ? ExitCode.DONE : ExitCode.FAILED;
    }

    /** The devices; where there is none of them, what the machine has is said before the reason. */
    private List<Device> chosen(String name, ObjectNode report) {
        try {
            return Devices.parseAll(name);
        } catch (InvalidInputException e) {
            if (name.startsWith("gpu")) {
                output.say(MachineReport.text(report));
            }
            throw e;
        }
    }

    /** What a process that allows TF32 makes of products of float32 arrays. */
    private static void putTf32(ObjectNode report, Device device) {
        String name = device.isGpu() ? "gpu:" + device.getDeviceId() : "cpu";
        Optional<Tf32Product> product = Tf32Product.measure(name, MEASURED_SECONDS);
        if (product.isEmpty()) {
            report.put("tf32", "not measured: the process that allows it failed");
            return;
        }
        double error = product.get().error();
        report.put("tf32_matrix_product_gigaflops", rounded(product.get().gigaflops()));
        report.put(
                "tf32",
                String.format(
                        Locale.ROOT,
                        "%s: the largest relative error of a product is %.1e",
                        error > ROUNDED_TO_10_BITS ? "used where it is allowed" : "not used here",
                        error));
    }

    /** How fast the device multiplies matrices, and in which precision it does so faster. */
    private static void putRates(ObjectNode report, String name, Device device) {
        double exact = MatrixProductRate.gigaflopsPerSecond(device, MEASURED_SECONDS);
        report.put("matrix_product_gigaflops", rounded(exact));
        Optional<String> problem = Bf16Support.problem(name);
        if (problem.isPresent()) {
            report.put("fastest_precision", "float32: " + problem.get());
            return;
        }
        double inBf16 = MatrixProductRate.gigaflopsPerSecond(device, Precision.BF16, MEASURED_SECONDS);
        report.put("bf16_matrix_product_gigaflops", rounded(inBf16));
        boolean bf16 = inBf16 > exact;
        report.put(
                "fastest_precision",
                String.format(
                        Locale.ROOT,
                        "%s: matrix products run %.1f times as fast as in %s",
                        bf16 ? Precision.BF16 : Precision.FLOAT32,
                        Math.max(inBf16, exact) / Math.min(inBf16, exact),
                        bf16 ? Precision.FLOAT32 : Precision.BF16));
    }

    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.1f", value));
    }
}
