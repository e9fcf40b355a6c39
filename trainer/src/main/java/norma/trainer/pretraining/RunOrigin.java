package norma.trainer.pretraining;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.run.Provenance;
import norma.trainer.run.RunFolder;
import norma.trainer.run.SweepMembership;
import norma.trainer.step.PretrainingLearner;

/** What a new run begins from; whatever is left out is that of a model that is initialised, at step 0. */
interface RunOrigin {
    /** A model that is initialised, at step 0. */
    RunOrigin SCRATCH = new RunOrigin() {};

    /** The step of a run of which nothing is written yet. */
    long NOTHING_WRITTEN = -1;

    /** Folders that it reads, besides what the configuration names. */
    default List<Path> reads() {
        return List.of();
    }

    /**
     * Brings a learner to where the run begins.
     *
     * @throws norma.datasets.base.InvalidInputException if the configuration does not fit, or what comes before that is
     *     damaged
     */
    default void restore(PretrainingData data, PretrainingLearner learner) {}

    /** The step that everything is written of once the history is; {@link #NOTHING_WRITTEN} without one. */
    default long step() {
        return NOTHING_WRITTEN;
    }

    /** Steps of the checkpoints that {@link #writeHistory} writes. */
    default Set<Long> checkpoints() {
        return Set.of();
    }

    /** How much {@link #writeHistory} writes. */
    default long bytes() throws IOException {
        return 0;
    }

    /** Writes into a new run's folder what comes before its first step. */
    default void writeHistory(RunFolder folder) throws IOException {}

    /** Why the run may differ from that by more than its configuration says, in a sentence. */
    default Optional<String> doubt() {
        return Optional.empty();
    }

    /** The run whose weights it begins with. */
    default Optional<Provenance.Parent> parent() {
        return Optional.empty();
    }

    /** The sweep that it is trained for. */
    default Optional<SweepMembership> sweep() {
        return Optional.empty();
    }
}
