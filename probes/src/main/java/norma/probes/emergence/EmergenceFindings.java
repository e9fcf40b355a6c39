package norma.probes.emergence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import norma.probes.emergence.DimensionEmergence.Rise;
import norma.probes.emergence.DimensionEmergence.SitePassage;
import norma.probes.emergence.VectorDepartures.Departure;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.layernorm.VectorStatistics;

/** Turns the rows of a history into steps, and goes back to the recording for the z of a few of them. */
final class EmergenceFindings {
    private static final double PER_STEPS = 1000;

    private final LayerNormRecording recording;
    private final OutlierRule rule;
    private final RecordingHistory history;
    private final SnapshotLayout layout;
    private final int[] outputs;

    EmergenceFindings(LayerNormRecording recording, OutlierRule rule, RecordingHistory history) {
        this.recording = recording;
        this.rule = rule;
        this.history = history;
        layout = recording.layout();
        outputs = ChunkFlags.outputs(recording.sites());
    }

    Emergence collect() throws IOException {
        Map<Integer, Optional<Rise>> rises = rises();
        List<DimensionEmergence> dimensions = new ArrayList<>();
        for (int d = 0; d < recording.hidden(); d++) {
            Passage passage = passage(history.satisfied(), d);
            if (passage.ever()) {
                dimensions.add(
                        new DimensionEmergence(d, passage, sitePassages(d), rises.getOrDefault(d, Optional.empty())));
            }
        }
        dimensions.sort(Emergence.ORDER);
        return new Emergence(
                rule, history.recorded(), recording.hidden(), dimensions, siteDepartures(), history.counts());
    }

    private Passage passage(Crossings crossings, int d) {
        return new Passage(step(crossings.first(d)), step(crossings.since(d)), crossings.changes(d));
    }

    private long step(long row) {
        return row < 0 ? -1 : recording.step(row);
    }

    private List<SitePassage> sitePassages(int d) {
        List<SitePassage> passages = new ArrayList<>();
        for (int site = 0; site < layout.sites(); site++) {
            passages.add(new SitePassage(
                    recording.sites().get(site),
                    passage(history.weight(site), d),
                    passage(history.bias(site), d),
                    passage(history.joined(site), d)));
        }
        return passages;
    }

    private List<SiteDepartures> siteDepartures() throws IOException {
        float[] last = recording.snapshot(history.lastRow());
        List<SiteDepartures> sites = new ArrayList<>();
        for (int site = 0; site < layout.sites(); site++) {
            sites.add(new SiteDepartures(
                    recording.sites().get(site),
                    departures(history.weight(site), VectorStatistics.z(last, layout.weight(site), layout.hidden())),
                    departures(history.bias(site), VectorStatistics.z(last, layout.bias(site), layout.hidden()))));
        }
        return sites;
    }

    private VectorDepartures departures(Crossings crossings, double[] z) {
        List<Departure> lasting = new ArrayList<>();
        int returned = 0;
        for (int d = 0; d < z.length; d++) {
            Passage passage = passage(crossings, d);
            if (passage.lasts()) {
                lasting.add(new Departure(d, passage, z[d]));
            } else if (passage.ever()) {
                returned++;
            }
        }
        lasting.sort(Comparator.comparingLong((Departure d) -> d.passage().lastingStep())
                .thenComparingInt(Departure::dimension));
        return new VectorDepartures(lasting, returned);
    }

    /** By dimension. Rows are visited in their order, so that no chunk is decoded twice on end. */
    private Map<Integer, Optional<Rise>> rises() throws IOException {
        Map<Long, List<Integer>> wanted = new TreeMap<>();
        for (int d = 0; d < recording.hidden(); d++) {
            if (history.satisfied().isSet(d)) {
                for (long row : List.of(history.onset(d), history.satisfied().since(d))) {
                    wanted.computeIfAbsent(row, any -> new ArrayList<>()).add(d);
                }
            }
        }
        Map<Integer, double[]> onsets = new TreeMap<>();
        Map<Integer, Optional<Rise>> rises = new TreeMap<>();
        for (Map.Entry<Long, List<Integer>> row : wanted.entrySet()) {
            double[][] z = zOf(recording.snapshot(row.getKey()));
            for (int d : row.getValue()) {
                if (row.getKey() == history.onset(d)) {
                    onsets.put(d, column(z, d));
                }
                if (row.getKey() == history.satisfied().since(d)) {
                    rises.put(
                            d,
                            Optional.of(rise(step(history.onset(d)), step(row.getKey()), onsets.get(d), column(z, d))));
                }
            }
        }
        return rises;
    }

    private double[][] zOf(float[] snapshot) {
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

    /** From the z of the layers' outputs, (layers, 2), weight before bias. */
    private Rise rise(long onset, long emergence, double[] zAtOnset, double[] zAtEmergence) {
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
        double thousands = (emergence - onset) / PER_STEPS;
        double[] speed = new double[2];
        for (int part = 0; part < 2; part++) {
            speed[part] = emergence == onset ? Double.NaN : (at[part] - before[part]) / layers / thousands;
        }
        return new Rise(onset, at[0] / layers, at[1] / layers, speed[0], speed[1], layers);
    }
}
