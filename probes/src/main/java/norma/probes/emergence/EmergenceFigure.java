package norma.probes.emergence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import norma.trainer.figure.Figure;
import norma.trainer.figure.FigureGrid;
import norma.trainer.figure.LineChart;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.VectorStatistics;

/** How far the notable dimensions lie from the others over the steps, and how many are beyond the threshold. */
public final class EmergenceFigure {
    private static final int POINTS = 300;
    private static final int NOTABLE = 3;

    private EmergenceFigure() {}

    /**
     * Two panels: mean over the layers' outputs of |z| of weight and bias of the dimensions that emerged, or else of
     * those that departed at most sites; and numbers of dimensions beyond the threshold.
     */
    public static Figure of(String run, LayerNormRecording recording, Emergence emergence) throws IOException {
        List<Integer> notable = notable(emergence);
        int[] outputs = IntStream.range(0, recording.sites().size())
                .filter(s -> recording.sites().get(s).isLayerOutput())
                .toArray();
        long stride = Math.max(1, (recording.size() + POINTS - 1) / POINTS);
        List<Long> rows = new ArrayList<>();
        for (long row = 0; row < recording.size(); row += stride) {
            if (recording.has(row)) {
                rows.add(row);
            }
        }
        int hidden = recording.hidden();
        double[] steps = new double[rows.size()];
        double[][] z = new double[2 * notable.size()][rows.size()];
        double[] weightCount = new double[rows.size()];
        double[] biasCount = new double[rows.size()];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = recording.step(rows.get(i));
            for (int site : outputs) {
                double[] weight = VectorStatistics.z(recording.weight(rows.get(i), site), 0, hidden);
                double[] bias = VectorStatistics.z(recording.bias(rows.get(i), site), 0, hidden);
                for (int n = 0; n < notable.size(); n++) {
                    z[2 * n][i] += Math.abs(weight[notable.get(n)]) / outputs.length;
                    z[2 * n + 1][i] += Math.abs(bias[notable.get(n)]) / outputs.length;
                }
                weightCount[i] += beyond(weight, emergence.rule().sigma()) / outputs.length;
                biasCount[i] += beyond(bias, emergence.rule().sigma()) / outputs.length;
            }
        }
        LineChart far = LineChart.of(
                run,
                "distance from the other dimensions; vertical lines: a dimension satisfies the rule from there to the end",
                "step",
                "|z|, mean over layers' outputs",
                false);
        for (int n = 0; n < notable.size(); n++) {
            far.line("weight " + notable.get(n), steps, z[2 * n]);
            far.line("bias " + notable.get(n), steps, z[2 * n + 1]);
        }
        far.reference("threshold", steps, constant(emergence.rule().sigma(), steps.length));
        far.marks(marks(emergence));
        LineChart many = LineChart.of(
                "dimensions beyond the threshold",
                "in weight and in bias: mean over the layers' outputs; outliers: by the rule",
                "step",
                "dimensions",
                false);
        many.line("weight", steps, weightCount).line("bias", steps, biasCount);
        many.reference("outlier dimensions", steps, outlierCounts(emergence, steps));
        return FigureGrid.of("Emergence", "", List.of(far.figure(), many.figure()), 1);
    }

    private static double beyond(double[] z, double sigma) {
        int n = 0;
        for (double value : z) {
            n += Math.abs(value) > sigma ? 1 : 0;
        }
        return n;
    }

    private static double[] constant(double value, int length) {
        double[] values = new double[length];
        java.util.Arrays.fill(values, value);
        return values;
    }

    private static double[] outlierCounts(Emergence emergence, double[] steps) {
        double[] counts = new double[steps.length];
        for (int i = 0; i < steps.length; i++) {
            for (Emergence.Count count : emergence.counts()) {
                if (count.step() <= steps[i]) {
                    counts[i] = count.count();
                }
            }
        }
        return counts;
    }

    private static List<LineChart.Mark> marks(Emergence emergence) {
        return emergence.dimensions().stream()
                .filter(dimension -> dimension.emergenceStep() != null)
                .limit(8)
                .map(dimension ->
                        new LineChart.Mark(dimension.emergenceStep(), Integer.toString(dimension.dimension())))
                .toList();
    }

    private static List<Integer> notable(Emergence emergence) {
        List<Integer> emerged = emergence.dimensions().stream()
                .filter(dimension -> dimension.emergenceStep() != null)
                .map(EmergedDimension::dimension)
                .limit(NOTABLE)
                .toList();
        if (!emerged.isEmpty()) {
            return emerged;
        }
        Map<Integer, Integer> sites = new LinkedHashMap<>();
        emergence.departures().forEach(departure -> sites.merge(departure.dimension(), 1, Integer::sum));
        return sites.entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<Integer, Integer> e) -> -e.getValue()))
                .limit(NOTABLE)
                .map(Map.Entry::getKey)
                .toList();
    }
}
