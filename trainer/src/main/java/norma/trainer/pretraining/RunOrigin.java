package norma.trainer.pretraining;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.run.Provenance;
import norma.trainer.run.RunFolder;
import norma.trainer.step.PretrainingLearner;

/** What a new run begins from. */
interface RunOrigin {
    /** A model that is initialised, at step 0. */
    RunOrigin SCRATCH = new RunOrigin() {
        @Override
        public List<Path> reads() {
            return List.of();
        }

        @Override
        public void restore(PretrainingData data, PretrainingLearner learner) {
            // the learner's weights are initialised
        }

        @Override
        public long writeHistory(RunFolder folder) {
            return NOTHING_WRITTEN;
        }

        @Override
        public Optional<Provenance.Parent> parent() {
            return Optional.empty();
        }
    };

    /** The step of a run of which nothing is written yet. */
    long NOTHING_WRITTEN = -1;

    /** Folders that it reads, besides what the configuration names. */
    List<Path> reads();

    /**
     * Brings a learner to where the run begins.
     *
     * @throws norma.datasets.base.InvalidInputException if the configuration does not fit
     */
    void restore(PretrainingData data, PretrainingLearner learner);

    /**
     * Writes into a new run's folder what comes before its first step.
     *
     * @return the step that everything is written of; {@link #NOTHING_WRITTEN} if nothing is
     */
    long writeHistory(RunFolder folder) throws IOException;

    /** The run whose weights it begins with. */
    Optional<Provenance.Parent> parent();
}
