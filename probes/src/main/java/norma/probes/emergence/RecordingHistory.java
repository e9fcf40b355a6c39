package norma.probes.emergence;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.SnapshotLayout;

/** Takes the flags of a recording, row after row, and keeps only what changed when. */
final class RecordingHistory implements FlagReader.Taker {
    private final LayerNormRecording recording;
    private final OutlierRule rule;
    private final SnapshotLayout layout;
    private final int hidden;
    private final int words;
    private final int[] outputs;
    private final Crossings[] weight;
    private final Crossings[] bias;
    private final Crossings[] joined;
    private final Crossings satisfied;
    private final Crossings touched; // weight or bias of any layer output is beyond
    private final long[] onset; // by dimension: since when it was touched, when it last began to satisfy the rule
    private final long[] scratch;
    private final List<Emergence.Count> counts = new ArrayList<>();
    private final List<Emergence.Gap> gaps = new ArrayList<>();
    private final List<Emergence.NotFinite> notFinite = new ArrayList<>();
    private final Set<Long> rowsAfterGaps = new HashSet<>();
    private long firstRow = -1;
    private long lastRow = -1;
    private long lastNotFinite = -1;

    RecordingHistory(LayerNormRecording recording, OutlierRule rule) {
        this.recording = recording;
        this.rule = rule;
        layout = recording.layout();
        hidden = layout.hidden();
        words = DepartureFlags.words(hidden);
        outputs = layout.outputs();
        weight = crossings(layout.size());
        bias = crossings(layout.size());
        joined = crossings(layout.size());
        satisfied = new Crossings(hidden);
        touched = new Crossings(hidden);
        onset = new long[hidden];
        scratch = new long[words];
    }

    private Crossings[] crossings(int sites) {
        return Stream.generate(() -> new Crossings(hidden)).limit(sites).toArray(Crossings[]::new);
    }

    @Override
    public void take(ChunkFlags flags) {
        if (flags.missing()) {
            return; // the next row that is there tells how long the gap is
        }
        for (int row = 0; row < flags.rows(); row++) {
            take(flags, row, flags.firstRow() + row);
        }
    }

    private void take(ChunkFlags flags, int row, long number) {
        noteGap(number);
        int sites = weight.length;
        boolean finite = true;
        for (int site = 0; site < sites; site++) {
            int at = (row * sites + site) * words;
            weight[site].row(number, flags.weight(), at);
            bias[site].row(number, flags.bias(), at);
            for (int word = 0; word < words; word++) {
                scratch[word] = ChunkFlags.join(rule, layout, site, flags.weight()[at + word], flags.bias()[at + word]);
            }
            joined[site].row(number, scratch, 0);
            finite &= !flags.notFinite()[row * sites + site];
        }
        touched.row(number, touched(flags, row), 0);
        satisfied.row(number, flags.satisfied(), row * words);
        int count = 0;
        for (int word = 0; word < words; word++) {
            for (long left = flags.satisfied()[row * words + word]; left != 0; left &= left - 1) {
                int d = word * Long.SIZE + Long.numberOfTrailingZeros(left);
                if (satisfied.since(d) == number) {
                    onset[d] = touched.since(d);
                }
                count++;
            }
        }
        if (counts.isEmpty() || counts.get(counts.size() - 1).count() != count) {
            counts.add(new Emergence.Count(recording.step(number), count));
        }
        if (!finite) {
            noteNotFinite(number);
        }
        firstRow = firstRow < 0 ? number : firstRow;
        lastRow = number;
    }

    private long[] touched(ChunkFlags flags, int row) {
        for (int word = 0; word < words; word++) {
            long any = 0;
            for (int site : outputs) {
                int at = (row * weight.length + site) * words + word;
                any |= flags.weight()[at] | flags.bias()[at];
            }
            scratch[word] = any;
        }
        return scratch;
    }

    /**
     * A gap lies before this row when the step before it, or the recording's beginning, is more than one interval off.
     */
    private void noteGap(long row) {
        long step = recording.step(row);
        long expected = lastRow < 0 ? recording.step(0) : recording.step(lastRow) + recording.every();
        if (step > expected) {
            gaps.add(new Emergence.Gap(expected, step - recording.every()));
            rowsAfterGaps.add(row);
        }
    }

    private void noteNotFinite(long row) {
        long step = recording.step(row);
        boolean continues = lastNotFinite >= 0 && lastNotFinite == lastRow;
        long first = continues ? notFinite.remove(notFinite.size() - 1).from() : step;
        notFinite.add(new Emergence.NotFinite(first, step));
        lastNotFinite = row;
    }

    /** Steps that should be there and could not be read, ascending. */
    List<Emergence.Gap> gaps() {
        List<Emergence.Gap> all = new ArrayList<>(gaps);
        if (lastRow < recording.size() - 1) {
            all.add(new Emergence.Gap(
                    recording.step(lastRow) + recording.every(), recording.step(recording.size() - 1)));
        }
        return all;
    }

    /** Whether a gap lies before a row: what is first seen there may have begun within the gap. */
    boolean followsGap(long row) {
        return rowsAfterGaps.contains(row);
    }

    List<Emergence.NotFinite> notFinite() {
        return notFinite;
    }

    /** The first row that was there, −1 if none was. */
    long firstRow() {
        return firstRow;
    }

    /** The last row that was there, −1 if none was. */
    long lastRow() {
        return lastRow;
    }

    List<Emergence.Count> counts() {
        return counts;
    }

    Crossings weight(int site) {
        return weight[site];
    }

    Crossings bias(int site) {
        return bias[site];
    }

    Crossings joined(int site) {
        return joined[site];
    }

    Crossings satisfied() {
        return satisfied;
    }

    /** Of a dimension that satisfies the rule at the end: the row of its onset. */
    long onset(int dimension) {
        return onset[dimension];
    }
}
