package norma.cli.options;

import com.fasterxml.jackson.databind.node.ObjectNode;
import norma.cli.terminal.OutputOptions;
import norma.probes.source.ModelSource;
import norma.probes.source.ProbedCheckpoint;
import norma.trainer.pretrained.PretrainedModel;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The one checkpoint that a probe reads. */
public final class CheckpointOptions {
    public static final String MODEL =
            "Folder of a run, or of a checkpoint in Hugging Face's layout (see norma import).";

    @Option(
            names = "--checkpoint",
            paramLabel = "STEP",
            description = "Step of the run's checkpoint; default: the last.")
    private Long checkpoint;

    @Mixin
    private DeviceOptions device;

    /** Which one it is. */
    public ProbedCheckpoint of(ModelSource source) {
        return checkpoint == null ? source.last() : source.at(checkpoint);
    }

    /** Opens it. */
    public PretrainedModel open(ProbedCheckpoint probed) {
        return PretrainedModel.open(probed.folder(), device.device());
    }

    /** The beginning of a result about it: {@code command}, {@code model}, {@code step}. */
    public static ObjectNode result(OutputOptions output, ProbedCheckpoint probed) {
        ObjectNode result = output.startResult();
        result.put("model", probed.folder().toString());
        probed.step().ifPresentOrElse(step -> result.put("step", step), () -> result.putNull("step"));
        return result;
    }
}
