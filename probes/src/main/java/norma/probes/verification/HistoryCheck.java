package norma.probes.verification;

import java.io.IOException;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.run.RecordedDigests;
import norma.trainer.run.RecordedHistory;
import norma.trainer.run.RunFiles;

/** What a run has recorded against what its checkpoints say of it, one checkpoint after the other. */
final class HistoryCheck {
    private final RunFiles files;
    private RecordedHistory history;
    private boolean differs;
    private long same = -1;

    HistoryCheck(RunFiles files) {
        this.files = files;
    }

    /**
     * The next checkpoint, by step.
     *
     * @return what differs first; empty if nothing does, the checkpoint is of a version that kept no digests, or a
     *     difference was found before, which those that follow share
     */
    Optional<String> problem(Checkpoint checkpoint) throws IOException {
        if (differs) {
            return Optional.empty();
        }
        Optional<String> problem;
        try {
            Optional<RecordedDigests> written = RecordedDigests.in(checkpoint.state());
            if (written.isEmpty()) {
                return Optional.empty();
            }
            if (history == null) {
                history = new RecordedHistory(files);
            }
            problem = written.get()
                    .difference(history.through(checkpoint.step()), files, checkpoint.state(), checkpoint.step())
                    .map(words -> same < 0 ? words : words + "; up to step " + same + " they are as recorded");
        } catch (InvalidInputException e) {
            problem = Optional.of(e.getMessage());
        }
        differs = problem.isPresent();
        same = checkpoint.step();
        return problem;
    }
}
