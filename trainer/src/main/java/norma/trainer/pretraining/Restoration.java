package norma.trainer.pretraining;

import java.util.LinkedHashMap;
import java.util.Map;
import norma.datasets.json.JsonObject;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.step.NetworkTensors;
import norma.trainer.step.PretrainingLearner;

/** Brings a learner to where a checkpoint was written. */
final class Restoration {
    private Restoration() {}

    /** The learner that wrote the checkpoint, or one like it. */
    static void exact(PretrainingLearner learner, Checkpoint checkpoint) {
        Map<String, NetworkTensors> networks = new LinkedHashMap<>();
        learner.tensors().forEach((name, tensors) -> {
            Checkpoint.Part part = checkpoint.part(name);
            part.requireSameTensors(tensors.weights(), tensors.optimizerState());
            networks.put(name, new NetworkTensors(part.weights(), part.optimizerState()));
        });
        learner.restore(networks, updates(checkpoint));
    }

    /**
     * A learner whose optimiser or model is not quite the checkpoint's: the weights are the checkpoint's, but for those
     * that are constants of this model.
     *
     * @param moments whether the optimiser continues with what it kept of the parameters that both train; else it has
     *     made no update
     */
    static void changed(PretrainingLearner learner, Checkpoint checkpoint, boolean moments) {
        Map<String, NetworkTensors> networks = new LinkedHashMap<>();
        learner.tensors().forEach((name, fresh) -> {
            Checkpoint.Part part = checkpoint.part(name);
            part.requireSameWeights(fresh.weights());
            Map<String, HostTensor> weights = new LinkedHashMap<>(part.weights());
            learner.model()
                    .networks()
                    .get(name)
                    .buffers()
                    .forEach(constant ->
                            weights.put(constant.getName(), fresh.weights().get(constant.getName())));
            Map<String, HostTensor> state = new LinkedHashMap<>(fresh.optimizerState());
            if (moments) {
                Map<String, HostTensor> stored = part.optimizerState();
                state.replaceAll((tensor, zeros) -> stored.getOrDefault(tensor, zeros));
            }
            networks.put(name, new NetworkTensors(weights, state));
        });
        learner.restore(networks, moments ? updates(checkpoint) : 0);
    }

    private static long updates(Checkpoint checkpoint) {
        JsonObject state = checkpoint.state();
        return state.has("updates") ? state.wholeNumber("updates", 0) : checkpoint.step();
    }
}
