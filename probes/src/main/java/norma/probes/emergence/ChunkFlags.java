package norma.probes.emergence;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import norma.trainer.layernorm.LayerNormChunks;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SnapshotLayout;

/** What the rule says of the rows of one chunk, a bit a dimension; every array is (rows, …, words). */
final class ChunkFlags {
    private final long firstRow;
    private final int rows;
    private final boolean missing;
    private final long[] weight; // (rows, sites, words)
    private final long[] bias; // (rows, sites, words)
    private final long[] satisfied; // (rows, words): the whole rule
    private final boolean[] notFinite; // (rows, sites): weight or bias holds NaN or infinity

    private ChunkFlags(long firstRow, int rows, int sites, int words, boolean missing) {
        this.firstRow = firstRow;
        this.rows = rows;
        this.missing = missing;
        int held = missing ? 0 : rows;
        weight = new long[held * sites * words];
        bias = new long[held * sites * words];
        satisfied = new long[held * words];
        notFinite = new boolean[held * sites];
    }

    long firstRow() {
        return firstRow;
    }

    int rows() {
        return rows;
    }

    /** Whether the chunk's files are gone: nothing is known of its rows. */
    boolean missing() {
        return missing;
    }

    long[] weight() {
        return weight;
    }

    long[] bias() {
        return bias;
    }

    long[] satisfied() {
        return satisfied;
    }

    boolean[] notFinite() {
        return notFinite;
    }

    /** Makes flags of chunks; one thread uses it. */
    static final class Maker {
        private final LayerNormChunks chunks;
        private final OutlierRule rule;
        private final SnapshotLayout layout;
        private final int[] outputs;
        private final int words;
        private final int enough;
        private final DepartureFlags departures;
        private final List<VectorsOfWidth> weights;
        private final List<VectorsOfWidth> biases;
        private final int[] votes;

        Maker(LayerNormChunks chunks, SnapshotLayout layout, OutlierRule rule) {
            this.chunks = chunks;
            this.rule = rule;
            this.layout = layout;
            outputs = layout.outputs();
            words = DepartureFlags.words(layout.hidden());
            enough = enough(rule.fraction(), outputs.length);
            departures = new DepartureFlags(layout.hidden(), rule.sigma());
            int most = chunks.count() == 0 ? 0 : chunks.rows(0);
            weights = VectorsOfWidth.of(layout, Part.WEIGHT, most);
            biases = VectorsOfWidth.of(layout, Part.BIAS, most);
            votes = new int[layout.hidden()];
        }

        ChunkFlags make(long chunk) throws IOException {
            boolean there = chunks.read(chunk);
            ChunkFlags flags = new ChunkFlags(chunks.firstRow(chunk), chunks.rows(chunk), layout.size(), words, !there);
            if (there) {
                mark(weights, chunks.values(Part.WEIGHT), flags.weight, flags);
                mark(biases, chunks.values(Part.BIAS), flags.bias, flags);
                for (int row = 0; row < flags.rows; row++) {
                    judge(flags, row);
                }
            }
            return flags;
        }

        private void mark(List<VectorsOfWidth> all, float[] values, long[] marked, ChunkFlags flags) {
            for (VectorsOfWidth vectors : all) {
                int count = flags.rows * vectors.perRow();
                departures.mark(values, vectors.numbers(), count, vectors.width(), marked, flags.notFinite);
            }
        }

        private void judge(ChunkFlags flags, int row) {
            Arrays.fill(votes, 0);
            for (int site : outputs) {
                for (int word = 0; word < words; word++) {
                    int at = (row * layout.size() + site) * words + word;
                    long joined = join(rule, layout, site, flags.weight[at], flags.bias[at]);
                    for (long left = joined; left != 0; left &= left - 1) {
                        votes[word * Long.SIZE + Long.numberOfTrailingZeros(left)]++;
                    }
                }
            }
            for (int d = 0; d < votes.length; d++) {
                if (votes[d] >= enough) {
                    flags.satisfied[row * words + d / Long.SIZE] |= 1L << d;
                }
            }
        }
    }

    /**
     * The rule's joining of weight and bias at a site, for 64 dimensions at once; of a site that has one of the two,
     * that one.
     */
    static long join(OutlierRule rule, SnapshotLayout layout, int site, long weight, long bias) {
        boolean both = layout.has(site, Part.WEIGHT) && layout.has(site, Part.BIAS);
        return both && rule.combination() == OutlierRule.Combination.AND ? weight & bias : weight | bias;
    }

    /** The smallest number of layers that is more than this share of them, compared as {@link OutlierRule} does. */
    static int enough(double fraction, int layers) {
        int enough = 0;
        while (!(enough > fraction * layers)) {
            enough++;
        }
        return enough;
    }
}
