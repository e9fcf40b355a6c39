package norma.probes.emergence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import norma.probes.emergence.EmergedDimension.Rise;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.layernorm.VectorStatistics;

/** Goes back to a recording for the z at the onset and at the emergence of the dimensions that emerged. */
final class Rises {
    private static final double PER_STEPS = 1000;

    private final LayerNormRecording recording;
    private final OutlierRule rule;
    private final RecordingHistory history;
    private final int[] outputs;

    Rises(LayerNormRecording recording, OutlierRule rule, RecordingHistory history) {
        this.recording = recording;
        this.rule = rule;
        this.history = history;
        outputs = ChunkFlags.outputs(recording.sites());
    }

    /** By dimension. Rows are visited in their order, so that no chunk is decoded twice. */
    Map<Integer, Rise> collect() throws IOException {
        TreeMap<Long, List<Integer>> wanted = new TreeMap<>();
        for (int d = 0; d < recording.hidden(); d++) {
            if (history.satisfied().isSet(d)) {
                for (long row : List.of(history.onset(d), history.satisfied().since(d))) {
                    wanted.computeIfAbsent(row, any -> new ArrayList<>()).add(d);
                }
            }
        }
        Map<Integer, double[]> onsets = new HashMap<>();
        Map<Integer, Rise> rises = new HashMap<>();
        for (Map.Entry<Long, List<Integer>> entry : wanted.entrySet()) {
            long row = entry.getKey();
            double[][] z = z(recording.snapshot(row));
            for (int d : entry.getValue()) {
                if (row == history.onset(d)) {
                    onsets.put(d, column(z, d));
                }
                if (row == history.satisfied().since(d)) {
                    rises.put(d, rise(d, onsets.get(d), column(z, d)));
                }
            }
        }
        return rises;
    }

    /** Of the layers' outputs: (2 × layers, H), weight before bias. */
    private double[][] z(float[] snapshot) {
        SnapshotLayout layout = recording.layout();
        double[][] z = new double[2 * outputs.length][];
        for (int layer = 0; layer < outputs.length; layer++) {
            z[2 * layer] = VectorStatistics.z(snapshot, layout.weight(outputs[layer]), layout.hidden());
            z[2 * layer + 1] = VectorStatistics.z(snapshot, layout.bias(outputs[layer]), layout.hidden());
        }
        return z;
    }

    private static double[] column(double[][] z, int d) {
        double[] column = new double[z.length];
        for (int i = 0; i < z.length; i++) {
            column[i] = z[i][d];
        }
        return column;
    }

    private Rise rise(int d, double[] zAtOnset, double[] zAtEmergence) {
        double[] at = new double[2];
        double[] before = new double[2];
        int layers = 0;
        for (int layer = 0; layer < outputs.length; layer++) {
            if (rule.isBeyond(zAtEmergence[2 * layer], zAtEmergence[2 * layer + 1])) {
                layers++;
                for (int part = 0; part < 2; part++) {
                    at[part] += Math.abs(zAtEmergence[2 * layer + part]);
                    before[part] += Math.abs(zAtOnset[2 * layer + part]);
                }
            }
        }
        long emergenceRow = history.satisfied().since(d);
        long onset = recording.step(history.onset(d));
        double thousands = (recording.step(emergenceRow) - onset) / PER_STEPS;
        double[] speed = new double[2];
        for (int part = 0; part < 2; part++) {
            speed[part] = thousands == 0 ? Double.NaN : (at[part] - before[part]) / layers / thousands;
        }
        return new Rise(
                onset, layers, at[0] / layers, at[1] / layers, speed[0], speed[1], history.followsGap(emergenceRow));
    }
}
