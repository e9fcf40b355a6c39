package norma.trainer.pretraining;

import java.nio.file.Path;
import java.util.List;
import norma.datasets.base.InvalidInputException;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.config.CheckpointsConfig;
import norma.trainer.config.KeptCheckpoints;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.run.Provenance;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunFolder;
import norma.trainer.step.PretrainingLearner;

/**
 * A run that is trained again from scratch.
 *
 * @param original the run's folder, which is only read
 * @param beginning what that run was when it began
 * @param config its configuration, with checkpoints at its ends only
 */
record Repetition(Path original, RunBeginning beginning, RunConfig config) implements RunOrigin {
    /**
     * Of a run.
     *
     * @throws InvalidInputException if it is none, is a fork, or its configuration was changed
     */
    static Repetition of(Path original) {
        RunFolder.requireRun(original);
        RunFiles files = new RunFiles(original);
        Provenance provenance = Provenance.read(files.provenance());
        RunBeginning beginning = new RunBeginning(files, provenance);
        beginning.requireSameConfig();
        if (provenance.parentStep().isPresent()) {
            throw InvalidInputException.of(
                    files.provenance().toString(),
                    "parent",
                    "step " + provenance.parentStep().getAsLong() + " of another run",
                    "a run that began from scratch: a fork is made again from its parent");
        }
        RunConfig config = RunConfigYaml.read(files.config(), List.of());
        CheckpointsConfig ends = new CheckpointsConfig(Integer.MAX_VALUE, List.of(), null, KeptCheckpoints.ALL);
        return new Repetition(original, beginning, config.withCheckpoints(ends));
    }

    @Override
    public List<Path> reads() {
        return List.of(original);
    }

    /** The weights are initialised; what they learn from has to be the same. */
    @Override
    public void restore(PretrainingData data, PretrainingLearner learner) {
        beginning.requireSameData(data);
    }
}
