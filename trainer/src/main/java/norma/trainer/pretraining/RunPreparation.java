package norma.trainer.pretraining;

import ai.djl.Device;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import norma.datasets.pretraining.PretrainingData;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.OptimizerConfig;
import norma.trainer.config.RunConfig;
import norma.trainer.config.TrainingConfig;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.run.DiskSpace;
import norma.trainer.run.RunFiles;
import norma.trainer.run.RunListener;
import norma.trainer.step.PretrainingLearner;

/** What a run needs before it trains: data, a learner, and room on the disk. */
final class RunPreparation {
    private final RunListener listener;

    RunPreparation(RunListener listener) {
        this.listener = listener;
    }

    /** The files that a run of this configuration reads. */
    static List<Path> inputs(RunConfig config) {
        List<Path> inputs = new ArrayList<>(config.data().toCorpus().files());
        if (config.tokenizer().path() != null) {
            inputs.add(Path.of(config.tokenizer().path()));
        }
        return inputs;
    }

    PretrainingData data(RunConfig config, Path runs) {
        return PretrainingData.prepare(
                config.data(),
                config.tokenizer(),
                Architectures.of(config.model()).sequences(),
                config.seed(),
                RunFiles.cache(runs),
                listener);
    }

    PretrainingLearner learner(RunConfig config, List<Device> devices) {
        OptimizerConfig optimizer = config.optimizer();
        return PretrainingLearner.create(
                () -> Architectures.of(config.model())
                        .pretraining(config.model(), config.data().toObjective(), config.seed()),
                optimizer.settings(),
                optimizer.decayGroups(),
                config.seed(),
                devices,
                config.training().precision(),
                listener.clock());
    }

    static DiskEstimate estimate(
            RunConfig config, PretrainingLearner learner, PretrainingData data, long from, Set<Long> checkpoints) {
        return DiskEstimate.of(
                config,
                new SnapshotLayout(learner.layerNormSites()),
                learner.checkpointBytes(),
                data.tokenizer().json().getBytes(StandardCharsets.UTF_8).length,
                from,
                checkpoints);
    }

    /**
     * Says what the run needs, and refuses a disk without that much room.
     *
     * @param copied bytes that it copies from a parent
     * @param replaced bytes of a run that goes before this one is written
     */
    void requireDisk(DiskEstimate estimate, Path folder, long copied, long replaced) throws IOException {
        StringBuilder parts = new StringBuilder(estimate.parts());
        if (copied > 0) {
            parts.append(", copied from the parent ").append(DiskSpace.mebibytes(copied));
        }
        if (replaced > 0) {
            parts.append(", less the run that is replaced ").append(DiskSpace.mebibytes(replaced));
        }
        DiskSpace.require(
                folder,
                Math.max(0, estimate.atMost() + copied - replaced),
                parts.toString(),
                "record.every, evaluation.every, checkpoints.every and checkpoints.keep",
                listener);
    }

    /** What is trained, where, and for how long. */
    static String plan(RunConfig config, PretrainingData data, PretrainingLearner learner) {
        TrainingConfig training = config.training();
        long sequences = training.steps() * training.batchSize();
        return String.format(
                Locale.ROOT,
                "training: %,d parameters on %s in %s; %,d steps of %,d sequences of %,d tokens, %,d tokens in all, %.1f"
                        + " epochs",
                RunEstimate.parameters(learner.networks().values()),
                config.device(),
                training.precision(),
                training.steps(),
                training.batchSize(),
                config.data().sequenceLength(),
                sequences * config.data().sequenceLength(),
                (double) sequences / data.batches().trainingExamples());
    }
}
