package norma.probes.emergence;

import java.util.ArrayList;
import java.util.List;

/** Follows the rule over some layers, row after row, and keeps only what changed when. */
final class RuleHistory {
    private final int[] outputs;
    private final Crossings satisfied;
    private final Crossings touched; // weight or bias of any of the layers' outputs is beyond
    private final long[] onset; // by dimension: since when it was touched, when it last began to satisfy the rule
    private final long[] scratch;
    private final List<Emergence.Count> counts = new ArrayList<>();

    /**
     * For some layers.
     *
     * @param outputs their outputs, as indices into the sites
     * @param hidden dimensions
     */
    RuleHistory(int[] outputs, int hidden) {
        this.outputs = outputs;
        satisfied = new Crossings(hidden);
        touched = new Crossings(hidden);
        onset = new long[hidden];
        scratch = new long[DepartureFlags.words(hidden)];
    }

    /**
     * Takes the next row.
     *
     * @param flags of its chunk
     * @param scope which of the chunk's judgements is of these layers
     * @param row within the chunk
     * @param number of the row within the recording
     * @param step of the row
     */
    void take(ChunkFlags flags, int scope, int row, long number, long step) {
        int words = scratch.length;
        touched.row(number, touched(flags, row), 0);
        long[] now = flags.satisfied(scope);
        satisfied.row(number, now, row * words);
        int count = 0;
        for (int word = 0; word < words; word++) {
            for (long left = now[row * words + word]; left != 0; left &= left - 1) {
                int d = word * Long.SIZE + Long.numberOfTrailingZeros(left);
                if (satisfied.since(d) == number) {
                    onset[d] = touched.since(d);
                }
                count++;
            }
        }
        if (counts.isEmpty() || counts.get(counts.size() - 1).count() != count) {
            counts.add(new Emergence.Count(step, count));
        }
    }

    private long[] touched(ChunkFlags flags, int row) {
        for (int word = 0; word < scratch.length; word++) {
            long any = 0;
            for (int site : outputs) {
                int at = (row * flags.sites() + site) * scratch.length + word;
                any |= flags.weight()[at] | flags.bias()[at];
            }
            scratch[word] = any;
        }
        return scratch;
    }

    /** The layers' outputs, as indices into the sites. */
    int[] outputs() {
        return outputs;
    }

    /** Number of outlier dimensions: a point where it changes, and one at the last step. */
    List<Emergence.Count> counts(long lastStep) {
        List<Emergence.Count> all = new ArrayList<>(counts);
        Emergence.Count last = all.get(all.size() - 1);
        if (last.step() != lastStep) {
            all.add(new Emergence.Count(lastStep, last.count()));
        }
        return all;
    }

    Crossings satisfied() {
        return satisfied;
    }

    /** Of a dimension that satisfies the rule at the end: the row of its onset. */
    long onset(int dimension) {
        return onset[dimension];
    }
}
