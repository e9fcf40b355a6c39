package norma.probes.emergence;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import norma.datasets.InvalidInputException;
import norma.datasets.Progress;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.LayerNormSite;
import norma.trainer.layernorm.OutlierRule;

/**
 * When the outlier dimensions of a recorded training emerged.
 *
 * <p>The emergence step of a dimension is the first recorded step from which it satisfies the rule until the end of the
 * recording; a brief crossing does not count (z and rule: {@link OutlierRule}, after Kovaleva et al. 2021, "BERT
 * Busters", section 3, arXiv 2105.06990). Steps that were not recorded, or whose files are gone, are left out of the
 * judgement and listed as gaps. A vector that holds NaN or infinity has nothing beyond the threshold.
 *
 * @param rule what was looked for
 * @param recorded what the recording covers
 * @param hidden width H of every site
 * @param dimensions that satisfied the rule at some step: those that emerged by emergence step, then the others by
 *     dimension
 * @param sites of every LayerNorm, in the model's order
 * @param counts how many dimensions satisfy the rule: every change, the first recorded step in front
 */
public record Emergence(
        OutlierRule rule,
        Recorded recorded,
        int hidden,
        List<DimensionEmergence> dimensions,
        List<SiteDepartures> sites,
        List<CountChange> counts) {
    /** Those that emerged in front, by step; ties and the others by dimension. */
    static final Comparator<DimensionEmergence> ORDER = Comparator.comparing(
                    (DimensionEmergence d) -> !d.passage().lasts())
            .thenComparingLong(d -> d.passage().lastingStep())
            .thenComparingInt(DimensionEmergence::dimension);

    public Emergence {
        dimensions = List.copyOf(dimensions);
        sites = List.copyOf(sites);
        counts = List.copyOf(counts);
    }

    /**
     * Reads a recording from its first step to its last, a few chunks of 50 steps at a time, on all cores.
     *
     * @param layernormZarr the recording
     * @param progress told of the steps read
     * @throws InvalidInputException when it is missing, damaged, empty, or has no layer output
     */
    public static Emergence of(Path layernormZarr, OutlierRule rule, Progress progress) throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(layernormZarr);
        if (recording.size() == 0) {
            throw new InvalidInputException(layernormZarr + ": no step is recorded yet");
        }
        if (recording.sites().stream().noneMatch(LayerNormSite::isLayerOutput)) {
            throw InvalidInputException.of(
                    layernormZarr.toString(),
                    "sites",
                    recording.sites().stream().map(LayerNormSite::name).toList(),
                    "at least one layer.N.output");
        }
        RecordingHistory history = new RecordingHistory(recording, rule);
        FlagReader.read(recording, rule, progress, history);
        if (history.lastRow() < 0) {
            throw new InvalidInputException(layernormZarr + ": every chunk file of weight or bias is missing");
        }
        return new EmergenceFindings(recording, rule, history).collect();
    }

    /** The dimensions that emerged, by emergence step. */
    public List<DimensionEmergence> emerged() {
        return dimensions.stream().filter(d -> d.passage().lasts()).toList();
    }

    /** The number of layers' outputs. */
    public int layers() {
        return (int) sites.stream().filter(s -> s.site().isLayerOutput()).count();
    }
}
