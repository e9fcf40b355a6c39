package norma.probes.emergence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import norma.probes.emergence.EmergedDimension.Rise;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteZ;

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
        outputs = recording.layout().outputs();
    }

    /** By dimension. Rows are visited in their order, so that no chunk is decoded twice. */
    Map<Integer, Rise> collect() throws IOException {
        TreeMap<Long, List<Integer>> wanted = new TreeMap<>();
        for (int d = 0; d < recording.layout().hidden(); d++) {
            if (history.satisfied().isSet(d)) {
                for (long row : List.of(history.onset(d), history.satisfied().since(d))) {
                    wanted.computeIfAbsent(row, any -> new ArrayList<>()).add(d);
                }
            }
        }
        Map<Integer, List<DimensionZ>> onsets = new HashMap<>();
        Map<Integer, Rise> rises = new HashMap<>();
        for (Map.Entry<Long, List<Integer>> entry : wanted.entrySet()) {
            long row = entry.getKey();
            List<SiteZ> z = z(recording.snapshot(row));
            for (int d : entry.getValue()) {
                List<DimensionZ> here = z.stream()
                        .map(site ->
                                new DimensionZ(site.at(Part.WEIGHT, d), site.at(Part.BIAS, d), rule.isBeyond(site, d)))
                        .toList();
                if (row == history.onset(d)) {
                    onsets.put(d, here);
                }
                if (row == history.satisfied().since(d)) {
                    rises.put(d, rise(d, onsets.get(d), here));
                }
            }
        }
        return rises;
    }

    /** A dimension's z at one layer's output, null where it has no such value, and whether it meets the condition. */
    private record DimensionZ(Double weight, Double bias, boolean beyond) {
        Double of(Part part) {
            return part == Part.WEIGHT ? weight : bias;
        }
    }

    private List<SiteZ> z(float[] snapshot) {
        return IntStream.of(outputs)
                .mapToObj(site -> SiteZ.of(snapshot, recording.layout(), site))
                .toList();
    }

    private Rise rise(int d, List<DimensionZ> onset, List<DimensionZ> emergence) {
        int[] beyond = IntStream.range(0, outputs.length)
                .filter(layer -> emergence.get(layer).beyond())
                .toArray();
        long emergenceRow = history.satisfied().since(d);
        long onsetStep = recording.step(history.onset(d));
        double thousands = (recording.step(emergenceRow) - onsetStep) / PER_STEPS;
        Change weight = Change.of(onset, emergence, beyond, Part.WEIGHT);
        Change bias = Change.of(onset, emergence, beyond, Part.BIAS);
        return new Rise(
                onsetStep,
                beyond.length,
                weight.mean(),
                bias.mean(),
                weight.speed(thousands),
                bias.speed(thousands),
                history.followsGap(emergenceRow));
    }

    /**
     * Of one part, over those layers that have it.
     *
     * @param before sum of |z| at the onset
     * @param after sum of |z| at the emergence
     * @param layers how many
     */
    private record Change(double before, double after, int layers) {
        static Change of(List<DimensionZ> onset, List<DimensionZ> emergence, int[] among, Part part) {
            double before = 0;
            double after = 0;
            int layers = 0;
            for (int layer : among) {
                if (emergence.get(layer).of(part) != null) {
                    before += Math.abs(onset.get(layer).of(part));
                    after += Math.abs(emergence.get(layer).of(part));
                    layers++;
                }
            }
            return new Change(before, after, layers);
        }

        /** NaN of no layer. */
        double mean() {
            return layers == 0 ? Double.NaN : after / layers;
        }

        /** NaN of no layer or no time. */
        double speed(double thousands) {
            return layers == 0 || thousands == 0 ? Double.NaN : (after - before) / layers / thousands;
        }
    }
}
