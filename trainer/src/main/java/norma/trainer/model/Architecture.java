package norma.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import norma.datasets.objectives.Objective;
import norma.datasets.tokenizer.SequenceFormat;

/**
 * An architecture. Adding one means a package, its line in the list of architectures, a test, a configuration and a
 * page; nothing else knows its name.
 */
public interface Architecture {
    /** {@code model_type} in {@code config.json} and in a run's {@code model:} group. */
    String modelType();

    /** Whether a {@code config.json} with this {@code model_type} is of this architecture, or of a variant of it. */
    default boolean reads(String storedType) {
        return storedType.equals(modelType());
    }

    /** The record that a run's {@code model:} group is read into. */
    Class<? extends ModelConfig> configClass();

    /**
     * Reads Hugging Face's {@code config.json}; keys that do not change the computation are ignored.
     *
     * @param source the file's name, for messages
     * @throws norma.datasets.base.InvalidInputException if it describes something that this architecture does not
     *     compute
     */
    ModelConfig config(JsonNode json, String source);

    /**
     * A model with fresh weights for pre-training.
     *
     * @param objective one of {@link #objectives}, or what a file of labels is of, by {@link #standardObjective} and
     *     {@link Objective#ofLabels}
     */
    PretrainingModel pretraining(ModelConfig config, Objective objective, long seed);

    /** The network with all heads of pre-training, for weights from a file. */
    Network network(ModelConfig config);

    /** A network with a fresh classifier on whole sequences. */
    Network classifier(ModelConfig config, int outputs, long seed);

    /** What Hugging Face calls a network with these heads, as {@code config.json} says in {@code architectures}. */
    String huggingFaceClass(Set<Head> heads);

    /** The names of its tensors. */
    TensorNames names();

    /** How a text and a pair of texts are framed. */
    SequenceFormat sequences();

    /** Objectives that it can be pre-trained with. */
    Set<Class<? extends Objective>> objectives();

    /**
     * The one that a model is measured by where no run says which, with its defaults.
     *
     * @param heads the model's
     */
    Objective standardObjective(Set<Head> heads);
}
