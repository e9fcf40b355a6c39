package norma.cli.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import norma.trainer.bench.DeviceCheck;
import norma.trainer.bench.StepBenchmark;
import norma.trainer.model.Precision;
import norma.trainer.reference.Comparison;
import norma.trainer.run.MetricsLog;

/** What the check of a device found, for people and as JSON. */
final class DeviceCheckText {
    private DeviceCheckText() {}

    /** Adds {@code passes} and, for each precision, {@code checks}. */
    static void put(ObjectNode report, Map<Precision, DeviceCheck.Finding> findings, boolean passes) {
        report.put("passes", passes);
        ObjectNode checks = report.putObject("checks");
        findings.forEach((precision, finding) -> put(checks.putObject(precision.toString()), finding));
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
        json.put("launch_seconds", finding.launch().launched());
        json.put("launched_and_done_seconds", finding.launch().done());
        json.set("step_seconds", SpreadText.json(finding.steps().stepSeconds()));
    }

    /** For people. */
    static String of(Map<Precision, DeviceCheck.Finding> findings, boolean passes) {
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
            text.append(String.format(
                    Locale.ROOT,
                    "  the call of a step comes back after %.1f ms, the device has done it after %.1f ms%n",
                    finding.launch().launched() * 1e3,
                    finding.launch().done() * 1e3));
        });
        return text.append(System.lineSeparator())
                .append(passes ? "Every comparison holds." : "NOT every comparison holds.")
                .toString();
    }
}
