package norma.probes.ablation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.Progress;
import norma.probes.dimensions.DimensionCosts;
import norma.probes.evaluation.Evaluation;
import norma.trainer.pretrained.PretrainedModel;

/**
 * Scans of single dimensions in the folder {@code scans} of what probes write. Each is measured once: it is kept under
 * a name made from the SHA-256 of weights and evaluation and from what an ablation edits, so whoever asks for the same
 * finds it, and a scan that was stopped continues where it was.
 *
 * @param probes folder of what probes write, such as a run's {@code probes}; null where nothing can be kept, and then
 *     every scan is refused
 */
public record KeptScans(Path probes) {
    /**
     * Every dimension switched off on its own.
     *
     * @return a result for each dimension, ascending
     * @throws UncheckedIOException if the weights cannot be read, or a scan cannot be read or written
     * @throws InvalidInputException if there is no folder
     */
    public List<AblationResult> of(AblationStudy study, Progress progress) {
        if (probes == null) {
            throw InvalidInputException.setting(
                    "out",
                    "nothing",
                    "a folder for the scan of single dimensions, because "
                            + study.bert().folder() + " is of no run");
        }
        Path folder = probes.resolve("scans");
        try {
            return new SingleDimensionScan(study, folder).run(progress);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": a scan cannot be kept: " + e.getMessage(), e);
        }
    }

    /** What the dimensions cost, from the scan of the study's model. */
    public DimensionCosts costs(AblationStudy study, Progress progress) {
        return () -> costs(study, of(study, progress));
    }

    /** What the dimensions cost, for a model of which no study is open. */
    public DimensionCosts costs(PretrainedModel bert, Evaluation evaluation, AblationPlace place, Progress progress) {
        return () -> {
            try (AblationStudy study = AblationStudy.open(bert, evaluation, place, progress)) {
                return costs(study, of(study, progress));
            }
        };
    }

    /** What single dimensions cost, by position. */
    public static double[] costs(AblationStudy study, List<AblationResult> singles) {
        return singles.stream()
                .mapToDouble(single -> study.evaluation().cost(study.full(), single.scores()))
                .toArray();
    }
}
