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
        public long step() {
            return NOTHING_WRITTEN;
        }

        @Override
        public long bytes() {
            return 0;
        }

        @Override
        public void writeHistory(RunFolder folder) {
            // there is none
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
     * @throws norma.datasets.base.InvalidInputException if the configuration does not fit, or what comes before that is
     *     damaged
     */
    void restore(PretrainingData data, PretrainingLearner learner);

    /** The step that everything is written of once the history is; {@link #NOTHING_WRITTEN} without one. */
    long step();

    /** How much {@link #writeHistory} writes. */
    long bytes() throws IOException;

    /** Writes into a new run's folder what comes before its first step. */
    void writeHistory(RunFolder folder) throws IOException;

    /** The run whose weights it begins with. */
    Optional<Provenance.Parent> parent();
}
