package norma.trainer.config;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import norma.datasets.base.InvalidInputException;
import norma.datasets.base.PublicApi;
import norma.datasets.files.TextFile;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.AttentionVariant;
import norma.trainer.model.Architecture;
import norma.trainer.model.ModelConfig;

/**
 * A {@link RunConfig} or {@link FinetuneConfig} as YAML. Reading is strict: unknown and repeated keys, wrong types and
 * empty values are errors that name file, line, key, value and what was expected.
 */
public final class RunConfigYaml {
    private static final ObjectMapper MAPPER = mapper();
    private static final String TYPE = "type";
    private static final String TRAINING = "training";
    private static final String BATCH = "batch_size";
    private static final String MICRO_BATCH = "micro_batch_size";

    private RunConfigYaml() {}

    /**
     * Reads a file and lays {@code key=value} settings over it.
     *
     * @param file UTF-8
     * @param settings each a dotted key, an equals sign, a YAML value
     * @throws InvalidInputException if anything about them is wrong
     */
    @PublicApi
    public static RunConfig read(Path file, List<String> settings) {
        return parse(text(file), file.toString(), settings);
    }

    /**
     * Reads YAML text.
     *
     * @param source what messages call it
     * @throws InvalidInputException if anything about it is wrong
     */
    @PublicApi
    public static RunConfig parse(String yaml, String source, List<String> settings) {
        return parse(yaml, source, settings, RunConfig.class);
    }

    /**
     * Reads the file of a fine-tuning.
     *
     * @throws InvalidInputException if anything about it is wrong
     */
    public static FinetuneConfig readFinetune(Path file) {
        return parse(text(file), file.toString(), List.of(), FinetuneConfig.class);
    }

    /**
     * Reads a file of another kind as strictly.
     *
     * @param type a record of what is in it
     * @throws InvalidInputException if anything about it is wrong
     */
    public static <T> T read(Path file, Class<T> type) {
        return parse(TextFile.read(file, "a configuration in YAML"), file.toString(), List.of(), type);
    }

    private static <T> T parse(String yaml, String source, List<String> settings, Class<T> type) {
        YamlSource document = new YamlSource(MAPPER, source, yaml);
        boolean batchAtOnce = hasBatchAtOnce(document);
        settings.forEach(document::set);
        leaveOutOthers(document, List.of("optimizer"), OptimizerConfig::isOfOthers);
        leaveOutOthers(document, List.of("model", "variant", "attention"), AttentionVariant::isOfOthers);
        if (batchAtOnce) {
            leaveOutOtherBatch(document);
        }
        try {
            return MAPPER.treeToValue(document.tree(), type);
        } catch (JsonMappingException e) {
            throw MappingMessage.of(e, document, keys(type));
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(source + ": " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Where a setting names another type of what a group describes, what the document says of its own type alone is
     * left out.
     *
     * @param group the keys on the way to it
     * @param isOfOthers whether a key belongs to other types than the one named
     */
    private static void leaveOutOthers(
            YamlSource document, List<String> group, BiPredicate<String, String> isOfOthers) {
        String prefix = String.join(".", group) + ".";
        if (document.isSetting(prefix + TYPE)) {
            ObjectNode keys = (ObjectNode) document.tree().at("/" + String.join("/", group));
            String type = keys.path(TYPE).asText();
            keys.remove(keys.properties().stream()
                    .map(Map.Entry::getKey)
                    .filter(key -> isOfOthers.test(key, type) && !document.isSetting(prefix + key))
                    .toList());
        }
    }

    /** Whether the document says, as a run's does, that the whole batch is in memory at once. */
    private static boolean hasBatchAtOnce(YamlSource document) {
        JsonNode training = document.tree().path(TRAINING);
        return training.has(BATCH) && training.path(BATCH).equals(training.path(MICRO_BATCH));
    }

    /** Where a setting names another batch, it is in memory at once too, unless a setting says otherwise. */
    private static void leaveOutOtherBatch(YamlSource document) {
        if (document.isSetting(TRAINING + "." + BATCH) && !document.isSetting(TRAINING + "." + MICRO_BATCH)) {
            ((ObjectNode) document.tree().get(TRAINING)).remove(MICRO_BATCH);
        }
    }

    /** Every value written out, defaults too; {@link #parse} of it gives an equal record. */
    @PublicApi
    public static String write(RunConfig config) {
        return written(config);
    }

    /** The same of a fine-tuning, for {@link #readFinetune}. */
    public static String write(FinetuneConfig config) {
        return written(config);
    }

    /** The same as JSON. */
    public static JsonNode json(RunConfig config) {
        return tree(config);
    }

    /** A configuration, or a group of one, as a tree. */
    static JsonNode tree(Object config) {
        return MAPPER.valueToTree(config);
    }

    /** Every setting by its dotted key: a number, a truth value or a text; of a list, its elements with commas. */
    public static Map<String, Object> settings(RunConfig config) {
        Map<String, Object> settings = new LinkedHashMap<>();
        addSettings(settings, "", tree(config));
        return settings;
    }

    private static void addSettings(Map<String, Object> settings, String key, JsonNode node) {
        if (node.isObject()) {
            node.properties()
                    .forEach(field -> addSettings(
                            settings, key.isEmpty() ? field.getKey() : key + "." + field.getKey(), field.getValue()));
        } else if (node.isArray()) {
            List<String> elements = new ArrayList<>();
            node.forEach(element -> elements.add(element.asText()));
            settings.put(key, String.join(",", elements));
        } else if (node.isNumber()) {
            settings.put(key, node.numberValue());
        } else {
            settings.put(key, node.isBoolean() ? (Object) node.booleanValue() : node.asText());
        }
    }

    /** What a reader elsewhere can use: {@link #write(RunConfig)} without the paths of this machine. */
    public static String writeWithoutPaths(RunConfig config) {
        ObjectNode tree = (ObjectNode) tree(config);
        ((ObjectNode) tree.path("data")).remove("paths");
        ((ObjectNode) tree.path("tokenizer")).remove("path");
        return written(tree);
    }

    /** How a closed choice is written. */
    static String text(Object choice) {
        return MAPPER.valueToTree(choice).asText();
    }

    private static String written(Object config) {
        try {
            return MAPPER.writeValueAsString(config);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a configuration that cannot be written: " + config, e);
        }
    }

    /** A group with nothing but defaults. */
    static <T> T defaults(Class<T> group) {
        return MAPPER.convertValue(MAPPER.createObjectNode(), group);
    }

    /** The architectures that have a key in their {@code model:} group; nothing if none has. */
    static String modelTypesWith(String key) {
        return Architectures.ALL.stream()
                .filter(one -> keys(one.configClass()).contains(key))
                .map(Architecture::modelType)
                .collect(Collectors.joining(" or "));
    }

    /** The keys that a group is read from. */
    static Set<String> keys(Class<?> group) {
        return MAPPER.getSerializationConfig().introspect(MAPPER.constructType(group)).findProperties().stream()
                .map(BeanPropertyDefinition::getName)
                .collect(Collectors.toSet());
    }

    private static String text(Path file) {
        return TextFile.read(file, "a run's configuration in YAML");
    }

    private static ObjectMapper mapper() {
        YAMLMapper mapper = YAMLMapper.builder()
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .serializationInclusion(JsonInclude.Include.NON_NULL)
                .addModule(new SimpleModule()
                        .addDeserializer(ModelConfig.class, new ModelConfigReader())
                        .addDeserializer(Integer.class, ObviousNumber.integers())
                        .addDeserializer(Long.class, ObviousNumber.longs())
                        .addDeserializer(Double.class, ObviousNumber.doubles()))
                .build();
        mapper.coercionConfigFor(LogicalType.Textual)
                .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
        return mapper;
    }
}
