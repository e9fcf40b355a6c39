package norma.trainer.step;

import ai.djl.Device;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import norma.datasets.objectives.Objective;
import norma.datasets.tasks.LabelledBatch;
import norma.datasets.tasks.TaskKind;
import norma.trainer.architectures.Architectures;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.safetensors.HostTensor;

/** Learners for tests, and what they hold of their main network. */
final class Learners {
    private Learners() {}

    /** mlm+nsp or mlm. */
    static Objective objective(boolean nextSentence) {
        return Objective.of(nextSentence ? "mlm+nsp" : "mlm", null, null);
    }

    static PretrainingLearner of(
            ModelConfig config,
            AdamW.Hyperparameters hyperparameters,
            Objective objective,
            long seed,
            List<Device> devices,
            Replica.Kernels kernels) {
        Supplier<PretrainingModel> model = () -> Architectures.of(config).pretraining(config, objective, seed);
        DecayGroups decay = new DecayGroups(false, false);
        return PretrainingLearner.create(model, hyperparameters, decay, seed, devices, kernels, StepClock.OFF);
    }

    static ClassificationLearner classifier(
            ModelConfig config, TaskKind kind, AdamW.Hyperparameters hyperparameters, long seed) {
        return classifier(config, kind, hyperparameters, seed, Replica.Kernels.of(Device.cpu(), Precision.FLOAT32));
    }

    static ClassificationLearner classifier(
            ModelConfig config,
            TaskKind kind,
            AdamW.Hyperparameters hyperparameters,
            long seed,
            Replica.Kernels kernels) {
        return ClassificationLearner.create(
                Architectures.of(config).classifier(config, kind.outputs(), seed),
                kind,
                hyperparameters,
                new DecayGroups(false, false),
                seed,
                Device.cpu(),
                kernels);
    }

    /** A step that is looked at. */
    static ClassificationLearner.Outcome outcome(
            ClassificationLearner learner, long step, List<LabelledBatch> microBatches, double learningRate) {
        learner.step(step, microBatches, learningRate);
        return learner.outcomes().get(0);
    }

    static Map<String, HostTensor> optimizerState(PretrainingLearner learner) {
        return copied(learner.tensors().get(PretrainingModel.MAIN).optimizerState());
    }

    static Map<String, HostTensor> weights(PretrainingLearner learner) {
        return copied(learner.tensors().get(PretrainingModel.MAIN).weights());
    }

    /** As they are now. */
    static Map<String, HostTensor> copied(Map<String, HostTensor> tensors) {
        Map<String, HostTensor> copies = new LinkedHashMap<>(tensors);
        copies.replaceAll((name, tensor) -> new HostTensor(tensor.shape(), tensor.values()));
        return copies;
    }
}
