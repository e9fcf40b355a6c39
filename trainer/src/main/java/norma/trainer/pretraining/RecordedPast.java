package norma.trainer.pretraining;

import java.io.IOException;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.DurableFiles;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.config.RunConfig;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.run.MetricsLog;
import norma.trainer.run.Provenance;
import norma.trainer.run.RecordedDigests;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunFolder;
import norma.trainer.step.PretrainingLearner;

/** What a run that is resumed has recorded: whole up to the checkpoint it continues from, and cut off behind that. */
final class RecordedPast {
    private RecordedPast() {}

    /**
     * Reads whatever was recorded up to the checkpoint that a run goes on from, and compares it with what that says.
     *
     * @throws InvalidInputException naming the file that is damaged or differs; nothing has been cut off then
     */
    static void require(
            RunFolder folder, RunConfig config, PretrainingLearner learner, Provenance provenance, Checkpoint from)
            throws IOException {
        RunFiles files = folder.files();
        SnapshotLayout layout = new SnapshotLayout(learner.layerNormSites());
        long logged = new DueSteps(config).lastLine(from.step());
        String layerNorms = LayerNormRecorder.requireWhole(
                files.layerNorms(), layout, config.record().every(), from.step());
        String metrics = logged > provenance.parentStep().orElse(-1)
                ? MetricsLog.requireThrough(files.metrics(), logged)
                : MetricsLog.requireUpTo(files.metrics(), from.step());
        RecordedDigests.require(new RecordedDigests(layerNorms, metrics), files, from.state(), from.step());
    }

    /** The lines that a fork has from its parent were logged when that one's settings said. */
    static void cutAfter(RunFolder folder, RunConfig config, Provenance provenance, long from) throws IOException {
        long logged = new DueSteps(config).lastLine(from);
        if (from >= 0 && logged <= provenance.parentStep().orElse(-1)) {
            MetricsLog.cutBeyond(folder.files().metrics(), from);
        } else {
            MetricsLog.cutAfter(folder.files().metrics(), logged);
        }
        if (from < 0) {
            DurableFiles.delete(folder.files().layerNorms());
        }
    }
}
