package norma.trainer.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import norma.trainer.architectures.Architectures;
import norma.trainer.model.ModelConfig;

/** Reads a {@code model:} group into the record of the architecture that its {@code model_type} names. */
final class ModelConfigReader extends StdDeserializer<ModelConfig> {
    private static final String MODEL_TYPE = "model_type";

    ModelConfigReader() {
        super(ModelConfig.class);
    }

    @Override
    public ModelConfig deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        JsonNode tree = context.readTree(parser);
        if (!(tree instanceof ObjectNode group)) {
            throw MismatchedInputException.from(parser, ModelConfig.class, "a mapping of keys to values");
        }
        Class<? extends ModelConfig> type = Architectures.named(group, "model").configClass();
        return context.readTreeAsValue(group.without(MODEL_TYPE), type);
    }
}
