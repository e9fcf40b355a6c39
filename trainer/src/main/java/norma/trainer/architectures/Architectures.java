package norma.trainer.architectures;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import norma.datasets.base.InvalidInputException;
import norma.trainer.bart.BartArchitecture;
import norma.trainer.bert.BertArchitecture;
import norma.trainer.electra.ElectraArchitecture;
import norma.trainer.gpt2.Gpt2Architecture;
import norma.trainer.model.Architecture;
import norma.trainer.model.ModelConfig;
import norma.trainer.roberta.RobertaArchitecture;
import norma.trainer.xlnet.XlnetArchitecture;

/** The architectures that there are. */
public final class Architectures {
    /** All of them; a {@code model:} group that names none is of the first. */
    public static final List<Architecture> ALL = List.of(
            new BertArchitecture(),
            new RobertaArchitecture(),
            new ElectraArchitecture(),
            new Gpt2Architecture(),
            new BartArchitecture(),
            new XlnetArchitecture());

    private Architectures() {}

    /** The architecture of a {@code model:} group that names none. */
    public static Architecture standard() {
        return ALL.get(0);
    }

    /** The architecture of a model. */
    public static Architecture of(ModelConfig config) {
        return ALL.stream()
                .filter(one -> one.modelType().equals(config.modelType()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(config.modelType()));
    }

    /**
     * The architecture that a configuration names; the first one if it names none.
     *
     * @param place the file or group, for messages
     * @throws InvalidInputException if there is none of that name, with the names that there are
     */
    public static Architecture named(JsonNode config, String place) {
        return first(
                config, place, (architecture, name) -> architecture.modelType().equals(name));
    }

    private static Architecture first(JsonNode config, String place, BiPredicate<Architecture, String> isIt) {
        JsonNode name = config.path("model_type");
        if (name.isMissingNode() || name.isNull()) {
            return standard();
        }
        return ALL.stream()
                .filter(one -> isIt.test(one, name.asText()))
                .findFirst()
                .orElseThrow(() -> InvalidInputException.of(place, "model_type", name, "one of " + names()));
    }

    /**
     * Reads Hugging Face's {@code config.json} of any architecture.
     *
     * @param source the file's name, for messages
     * @throws InvalidInputException if it describes something that no architecture here computes
     */
    public static ModelConfig config(JsonNode json, String source) {
        return first(json, source, Architecture::reads).config(json, source);
    }

    /**
     * Refuses a configuration of more layers than there are tensors to fill them, before a network of them is made.
     *
     * @param tensors of the model's file
     * @param source the configuration's file, for messages
     */
    public static void requireLayers(ModelConfig config, int tensors, String source) {
        if (config.numHiddenLayers() > tensors) {
            throw InvalidInputException.of(
                    source,
                    config.layersKey(),
                    config.numHiddenLayers(),
                    "a number of layers that the " + tensors + " tensors of the weights can fill");
        }
    }

    private static String names() {
        return ALL.stream().map(Architecture::modelType).collect(Collectors.joining(", "));
    }
}
