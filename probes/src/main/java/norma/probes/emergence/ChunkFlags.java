package norma.probes.emergence;

import java.io.IOException;
import java.util.List;
import norma.trainer.layernorm.LayerNormChunks;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.model.LayerNormSite;

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
        private final int sites;
        private final int[] outputs;
        private final int hidden;
        private final int words;
        private final int enough;
        private final DepartureFlags departures;
        private final int[] votes;

        Maker(LayerNormChunks chunks, List<LayerNormSite> sites, int hidden, OutlierRule rule) {
            this.chunks = chunks;
            this.rule = rule;
            this.sites = sites.size();
            this.hidden = hidden;
            outputs = outputs(sites);
            words = DepartureFlags.words(hidden);
            enough = enough(rule.fraction(), outputs.length);
            departures = new DepartureFlags(hidden, rule.sigma());
            votes = new int[hidden];
        }

        ChunkFlags make(long chunk) throws IOException {
            boolean there = chunks.read(chunk);
            ChunkFlags flags = new ChunkFlags(chunks.firstRow(chunk), chunks.rows(chunk), sites, words, !there);
            if (there) {
                departures.mark(chunks.weight(), flags.rows * sites, flags.weight, flags.notFinite);
                departures.mark(chunks.bias(), flags.rows * sites, flags.bias, flags.notFinite);
                for (int row = 0; row < flags.rows; row++) {
                    judge(flags, row);
                }
            }
            return flags;
        }

        private void judge(ChunkFlags flags, int row) {
            java.util.Arrays.fill(votes, 0);
            for (int site : outputs) {
                for (int word = 0; word < words; word++) {
                    int at = (row * sites + site) * words + word;
                    for (long left = join(rule, flags.weight[at], flags.bias[at]); left != 0; left &= left - 1) {
                        votes[word * Long.SIZE + Long.numberOfTrailingZeros(left)]++;
                    }
                }
            }
            for (int d = 0; d < hidden; d++) {
                if (votes[d] >= enough) {
                    flags.satisfied[row * words + d / Long.SIZE] |= 1L << d;
                }
            }
        }
    }

    /** The rule's joining of weight and bias within a layer, for 64 dimensions at once. */
    static long join(OutlierRule rule, long weight, long bias) {
        return switch (rule.combination()) {
            case AND -> weight & bias;
            case OR -> weight | bias;
        };
    }

    /** Positions of the layers' outputs among the sites. */
    static int[] outputs(List<LayerNormSite> sites) {
        return java.util.stream.IntStream.range(0, sites.size())
                .filter(s -> sites.get(s).isLayerOutput())
                .toArray();
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
