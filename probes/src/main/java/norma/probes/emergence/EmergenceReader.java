package norma.probes.emergence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.probes.emergence.EmergedDimension.Rise;
import norma.probes.emergence.EmergedDimension.SiteSteps;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteZ;
import norma.trainer.layernorm.SnapshotLayout;

/**
 * Reads a recording once, from its first step to its last, a few chunks of 50 steps at a time on all cores. It holds
 * when each (site, dimension) changed, however long the recording is, and goes back for the z of a few steps.
 */
public final class EmergenceReader {
    private static final double PER_STEPS = 1000;

    private final LayerNormRecording recording;
    private final OutlierRule rule;
    private final RecordingHistory history;
    private final SnapshotLayout layout;

    private EmergenceReader(LayerNormRecording recording, OutlierRule rule, RecordingHistory history) {
        this.recording = recording;
        this.rule = rule;
        this.history = history;
        layout = recording.layout();
    }

    /**
     * Reads a recording.
     *
     * @throws InvalidInputException if it has no step, or a chunk of it is damaged
     */
    public static Emergence read(LayerNormRecording recording, OutlierRule rule, Progress progress) throws IOException {
        if (recording.size() == 0) {
            throw new InvalidInputException("the recording has no step yet, expected at least one");
        }
        RecordingHistory history = new RecordingHistory(recording, rule);
        FlagReader.read(recording, rule, progress, history);
        if (history.lastRow() < 0) {
            throw new InvalidInputException("every chunk of the recording is lost, expected at least one");
        }
        return new EmergenceReader(recording, rule, history).result();
    }

    private Emergence result() throws IOException {
        long last = recording.step(history.lastRow());
        List<Emergence.Count> counts = new ArrayList<>(history.counts());
        if (counts.get(counts.size() - 1).step() != last) {
            counts.add(new Emergence.Count(last, counts.get(counts.size() - 1).count()));
        }
        Map<Integer, Rise> rises = new Rises(recording, rule, history).collect();
        List<EmergedDimension> dimensions = new ArrayList<>();
        for (int d = 0; d < layout.hidden(); d++) {
            Crossings satisfied = history.satisfied();
            if (satisfied.first(d) >= 0) {
                dimensions.add(new EmergedDimension(
                        d,
                        step(satisfied.since(d)),
                        step(satisfied.first(d)),
                        satisfied.beginnings(d),
                        order(d),
                        siteSteps(d),
                        rises.get(d)));
            }
        }
        return new Emergence(
                rule,
                layout.widest(layout.outputs()),
                recording.step(history.firstRow()),
                last,
                recording.every(),
                dimensions,
                departures(last),
                counts,
                history.gaps(),
                history.notFinite(),
                layout.sites());
    }

    private Long step(long row) {
        return row < 0 ? null : Long.valueOf(recording.step(row));
    }

    private List<SiteSteps> siteSteps(int d) {
        List<SiteSteps> steps = new ArrayList<>();
        for (int site = 0; site < layout.size(); site++) {
            Crossings weight = history.weight(site);
            Crossings bias = history.bias(site);
            steps.add(new SiteSteps(
                    layout.site(site).name(),
                    step(weight.first(d)),
                    step(weight.since(d)),
                    step(bias.first(d)),
                    step(bias.since(d))));
        }
        return steps;
    }

    private List<String> order(int d) {
        record At(String site, long row) {}
        List<At> order = new ArrayList<>();
        for (int site = 0; site < layout.size(); site++) {
            long row = history.joined(site).since(d);
            if (layout.site(site).isLayerOutput() && row >= 0) {
                order.add(new At(layout.site(site).name(), row));
            }
        }
        order.sort(Comparator.comparingLong(At::row));
        return order.stream().map(At::site).toList();
    }

    private List<Departure> departures(long last) throws IOException {
        float[] snapshot = recording.snapshot(history.lastRow());
        List<Departure> departures = new ArrayList<>();
        for (int site = 0; site < layout.size(); site++) {
            SiteZ z = SiteZ.of(snapshot, layout, site);
            Crossings weight = history.weight(site);
            Crossings bias = history.bias(site);
            for (int d = 0; d < layout.width(site); d++) {
                if (weight.isSet(d) || bias.isSet(d)) {
                    departures.add(new Departure(
                            layout.site(site).name(),
                            d,
                            step(weight.since(d)),
                            step(bias.since(d)),
                            step(weight.first(d)),
                            step(bias.first(d)),
                            z.at(Part.WEIGHT, d),
                            z.at(Part.BIAS, d),
                            speed(step(weight.since(d)), z.at(Part.WEIGHT, d), last),
                            speed(step(bias.since(d)), z.at(Part.BIAS, d), last)));
                }
            }
        }
        return departures;
    }

    private double speed(Long since, Double z, long last) {
        return since != null && last > since ? (Math.abs(z) - rule.sigma()) * PER_STEPS / (last - since) : Double.NaN;
    }
}
