package norma.probes.emergence;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import norma.datasets.InvalidInputException;
import norma.datasets.Progress;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.LayerNormSite;
import norma.trainer.layernorm.OutlierRule;

/**
 * Reads a recording once, from its first step to its last, weights and biases on a thread each. It holds the state of
 * every (site, dimension) and 50 rows of comparisons, however long the recording is.
 */
public final class EmergenceReader {
    private static final int BLOCK = 50; // rows, a chunk of the recording

    private final LayerNormRecording recording;
    private final OutlierRule rule;
    private final int sites;
    private final int hidden;
    private final int[] outputs;
    private final VectorPass weights;
    private final VectorPass biases;
    private final Spell[] outliers;
    private final List<Emergence.Count> counts = new ArrayList<>();
    private final List<Emergence.Gap> gaps = new ArrayList<>();
    private long lastRow = -1;

    private EmergenceReader(LayerNormRecording recording, OutlierRule rule) {
        this.recording = recording;
        this.rule = rule;
        sites = recording.sites().size();
        hidden = recording.hidden();
        outputs = IntStream.range(0, sites)
                .filter(s -> recording.sites().get(s).isLayerOutput())
                .toArray();
        weights = new VectorPass(recording::weights, sites, hidden, rule.sigma());
        biases = new VectorPass(recording::biases, sites, hidden, rule.sigma());
        outliers = new Spell[hidden];
        for (int d = 0; d < hidden; d++) {
            outliers[d] = new Spell();
        }
    }

    /**
     * Reads a recording.
     *
     * @throws InvalidInputException if it has no step, or a chunk of it is damaged
     */
    public static Emergence read(LayerNormRecording recording, OutlierRule rule, Progress progress) throws IOException {
        EmergenceReader reader = new EmergenceReader(recording, rule);
        reader.readAll(progress);
        return reader.result();
    }

    private void readAll(Progress progress) throws IOException {
        for (long row = recording.size() - 1; row >= 0 && lastRow < 0; row--) {
            lastRow = recording.has(row) ? row : -1;
        }
        if (lastRow < 0) {
            throw new InvalidInputException("the recording has no step yet, expected at least one");
        }
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Block weightBlock = new Block();
            Block biasBlock = new Block();
            for (long from = 0; from < recording.size(); from += BLOCK) {
                int rows = (int) Math.min(BLOCK, recording.size() - from);
                if (recording.has(from)) {
                    long first = from;
                    Future<?> one = threads.submit(() -> weightBlock.read(weights, first, rows));
                    Future<?> two = threads.submit(() -> biasBlock.read(biases, first, rows));
                    one.get();
                    two.get();
                }
                for (int i = 0; i < rows; i++) {
                    boolean recorded = recording.has(from) && (weightBlock.recorded[i] || biasBlock.recorded[i]);
                    take(recording.step(from + i), recorded, weightBlock.beyond[i], biasBlock.beyond[i]);
                }
                progress.update("reading", from + rows, recording.size(), "steps");
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw e.getCause() instanceof RuntimeException runtime ? runtime : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading", e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Rows of comparisons of one vector. */
    private final class Block {
        private final boolean[][] beyond = new boolean[BLOCK][sites * hidden];
        private final boolean[] recorded = new boolean[BLOCK];

        Void read(VectorPass pass, long from, int rows) throws IOException {
            for (int i = 0; i < rows; i++) {
                recorded[i] = pass.next(from + i, from + i == lastRow, beyond[i]);
                if (recorded[i]) {
                    pass.keep(recording.step(from + i), beyond[i]);
                }
            }
            return null;
        }
    }

    private void take(long step, boolean recorded, boolean[] weightBeyond, boolean[] biasBeyond) {
        if (!recorded) {
            Emergence.Gap last = gaps.isEmpty() ? null : gaps.get(gaps.size() - 1);
            if (last != null && last.to() == step - recording.every()) {
                gaps.set(gaps.size() - 1, new Emergence.Gap(last.from(), step));
            } else {
                gaps.add(new Emergence.Gap(step, step));
            }
            return;
        }
        int count = 0;
        for (int d = 0; d < hidden; d++) {
            int layers = 0;
            for (int site : outputs) {
                boolean weight = weightBeyond[site * hidden + d];
                boolean bias = biasBeyond[site * hidden + d];
                boolean beyond = rule.combination() == OutlierRule.Combination.AND ? weight && bias : weight || bias;
                layers += beyond ? 1 : 0;
            }
            boolean outlier = layers > rule.fraction() * outputs.length;
            outliers[d].add(step, outlier);
            count += outlier ? 1 : 0;
        }
        if (counts.isEmpty() || counts.get(counts.size() - 1).count() != count) {
            counts.add(new Emergence.Count(step, count));
        }
    }

    private Emergence result() {
        long last = recording.step(lastRow);
        if (!counts.isEmpty() && counts.get(counts.size() - 1).step() != last) {
            counts.add(new Emergence.Count(last, counts.get(counts.size() - 1).count()));
        }
        List<Departure> departures = departures(last);
        List<EmergedDimension> dimensions = new ArrayList<>();
        for (int d = 0; d < hidden; d++) {
            if (outliers[d].everHeld()) {
                dimensions.add(new EmergedDimension(
                        d, outliers[d].forGood(), outliers[d].first(), outliers[d].crossings(), order(d, departures)));
            }
        }
        return new Emergence(
                rule,
                hidden,
                recording.step(0),
                last,
                recording.every(),
                dimensions,
                departures,
                counts,
                gaps,
                recording.sites().stream().map(LayerNormSite::name).toList());
    }

    private List<Departure> departures(long last) {
        List<Departure> departures = new ArrayList<>();
        for (int site = 0; site < sites; site++) {
            for (int d = 0; d < hidden; d++) {
                Spell weight = weights.spell(site, d);
                Spell bias = biases.spell(site, d);
                if (weight.holds() || bias.holds()) {
                    departures.add(new Departure(
                            recording.sites().get(site).name(),
                            d,
                            weight.forGood(),
                            bias.forGood(),
                            weight.first(),
                            bias.first(),
                            weights.lastZ(site, d),
                            biases.lastZ(site, d),
                            speed(weight, weights.lastZ(site, d), last),
                            speed(bias, biases.lastZ(site, d), last)));
                }
            }
        }
        return departures;
    }

    private double speed(Spell spell, double z, long last) {
        return spell.holds() && last > spell.forGood()
                ? (Math.abs(z) - rule.sigma()) * 1000 / (last - spell.forGood())
                : Double.NaN;
    }

    private List<String> order(int dimension, List<Departure> departures) {
        boolean both = rule.combination() == OutlierRule.Combination.AND;
        record At(String site, long step) {}
        List<At> order = new ArrayList<>();
        for (Departure departure : departures) {
            Long weight = departure.weightStep();
            Long bias = departure.biasStep();
            boolean output = departure.site().matches("layer\\.\\d+\\.output");
            if (departure.dimension() == dimension && output && (!both || (weight != null && bias != null))) {
                long step = both
                        ? Math.max(weight, bias)
                        : Math.min(weight == null ? Long.MAX_VALUE : weight, bias == null ? Long.MAX_VALUE : bias);
                order.add(new At(departure.site(), step));
            }
        }
        order.sort(Comparator.comparingLong(At::step));
        return order.stream().map(At::site).toList();
    }
}
