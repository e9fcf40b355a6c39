package norma.cli.config;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import norma.datasets.base.Counted;
import norma.trainer.bench.MatrixProductRate;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.pretraining.RunEstimate;
import norma.trainer.run.DiskSpace;
import norma.trainer.run.MachineMemory;
import norma.trainer.run.TrainingMemory;

/**
 * A configuration with every value written out, and what a run of it takes.
 *
 * @param estimate of what it takes
 * @param freeMemory bytes
 * @param freeDisk bytes
 * @param gigaflops of matrix products, measured; NaN on a GPU, where none of Norma's runs has been timed
 */
record ResolvedConfig(RunConfig config, RunEstimate estimate, double freeMemory, long freeDisk, double gigaflops) {
    /** Of the rate of matrix products, what a run reaches: docs/performance.md has 0.65 to 0.86. */
    private static final double SHARE = 0.65;

    private static final double MEASURED_SECONDS = 1;

    static ResolvedConfig of(RunConfig config, Path runs) throws IOException {
        List<Device> devices = config.devices();
        RunEstimate estimate = RunEstimate.of(config, devices);
        boolean gpu = devices.get(0).isGpu();
        return new ResolvedConfig(
                config,
                estimate,
                TrainingMemory.free(devices),
                DiskSpace.free(runs),
                gpu
                        ? Double.NaN
                        : MatrixProductRate.gigaflopsPerSecond(
                                devices.get(0), config.forMachine().training().precision(), MEASURED_SECONDS));
    }

    private double seconds() {
        return estimate.operations() / (SHARE * gigaflops * 1e9);
    }

    String text() {
        String time = Double.isNaN(gigaflops)
                ? "not estimated on a GPU (norma bench times it)"
                : String.format(
                        Locale.ROOT,
                        "about %s, at %.0f %% of the %,.0f GFLOP/s that matrix products reach here now",
                        clock(Duration.ofSeconds(Math.round(seconds()))),
                        100 * SHARE,
                        gigaflops);
        return RunConfigYaml.write(config)
                + String.format(
                        Locale.ROOT,
                        """

                        # parameters  %,d, with a vocabulary of %,d
                        # training    %s of %s of %s: %s
                        # time        %s
                        # memory      about %s; %s free
                        # disk        at most %s; %s free""",
                        estimate.parameters(),
                        estimate.vocabulary(),
                        Counted.of(config.training().steps(), "step"),
                        Counted.of(config.training().batchSize(), "sequence"),
                        Counted.of(config.data().sequenceLength(), "token"),
                        Counted.of(estimate.tokens(), "token"),
                        time,
                        MachineMemory.size(estimate.memoryBytes()),
                        MachineMemory.size(freeMemory),
                        MachineMemory.size((double) estimate.diskBytes()),
                        MachineMemory.size((double) freeDisk));
    }

    private static String clock(Duration time) {
        return String.format(Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }

    ObjectNode json(ObjectNode result) {
        result.set("config", RunConfigYaml.json(config));
        result.put("vocabulary", estimate.vocabulary());
        result.put("parameters", estimate.parameters());
        result.put("tokens", estimate.tokens());
        result.put("matrix_product_operations", estimate.operations());
        result.put("estimated_seconds", Double.isNaN(gigaflops) ? null : (Double) seconds());
        result.put("matrix_product_gigaflops", Double.isNaN(gigaflops) ? null : (Double) gigaflops);
        result.put("memory_bytes", Math.round(estimate.memoryBytes()));
        result.put("memory_bytes_free", Math.round(freeMemory));
        result.put("disk_bytes", estimate.diskBytes());
        result.put("disk_bytes_free", freeDisk);
        return result;
    }
}
