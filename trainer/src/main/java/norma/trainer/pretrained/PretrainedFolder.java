package norma.trainer.pretrained;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.trainer.bert.BertConfig;
import norma.trainer.bert.BertForPreTraining;
import norma.trainer.bert.BertForSequenceClassification;
import norma.trainer.bert.BertHead;
import norma.trainer.bert.BertModel;
import norma.trainer.device.Devices;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.step.FlatParameters;

/** Opens a checkpoint folder as a {@link PretrainedModel}: which model it is, which heads it has, whether all fits. */
public final class PretrainedFolder {
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.safetensors";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private PretrainedFolder() {}

    /**
     * What a folder holds.
     *
     * @param model its block, the parameters filled; those of a head that the folder lacks are 0
     * @param parameters the model's, in the manager that they were read into
     * @param heads those that the folder holds
     * @param labels names of the classifier's outputs, in their order; empty without a classifier
     */
    public record Contents(
            BertConfig config, BertModel model, FlatParameters parameters, Set<BertHead> heads, List<String> labels) {
        public Contents {
            heads = Collections.unmodifiableSet(heads);
            labels = List.copyOf(labels);
        }
    }

    static PretrainedModel open(Path folder, Device device) {
        NDManager manager = Devices.engine().newBaseManager(device);
        try {
            Contents contents = read(folder, manager);
            return new PretrainedModel(folder, manager, contents);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** Reads a folder's model into a manager. */
    public static Contents read(Path folder, NDManager manager) {
        BertConfig config = config(folder);
        Path weights = folder.resolve(WEIGHTS);
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            JniUtils.setGradMode(false);
            BertModel model = model(config, file);
            FlatParameters parameters = FlatParameters.zero(model, manager);
            Set<BertHead> heads = heads(weights, file, parameters);
            for (String name : file.names()) {
                ByteBuffer mapped = file.map(name);
                if (mapped == null) {
                    parameters.write(name, file.read(name).values());
                } else {
                    parameters.write(name, mapped);
                }
            }
            return new Contents(config, model, parameters, heads, labels(folder.resolve(CONFIG), model));
        } catch (IOException e) {
            throw new UncheckedIOException(weights + " cannot be read: " + e.getMessage(), e);
        }
    }

    static BertConfig config(Path folder) {
        Path file = folder.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(
                    folder + ": has no " + CONFIG + ", expected a checkpoint folder (norma import makes one)");
        }
        BertConfig config = BertConfig.fromJson(json(file), file.toString());
        if (config.vocabSize() == null) {
            throw InvalidInputException.of(file.toString(), "vocab_size", "none", "the number of word embeddings");
        }
        return config;
    }

    private static JsonNode json(Path file) {
        try {
            return MAPPER.readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw new InvalidInputException(file + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static BertModel model(BertConfig config, SafetensorsFile file) {
        String classifier = BertForSequenceClassification.CLASSIFIER_WEIGHT;
        if (!file.contains(classifier)) {
            return new BertForPreTraining(config, 0);
        }
        long[] shape = file.shape(classifier);
        return new BertForSequenceClassification(config, shape.length == 0 ? 1 : Math.toIntExact(shape[0]), 0);
    }

    /** As {@code id2label} names them; by Hugging Face's default LABEL_0 and so on. */
    private static List<String> labels(Path file, BertModel model) {
        if (!(model instanceof BertForSequenceClassification classifier)) {
            return List.of();
        }
        JsonNode names = json(file).path("id2label");
        if (!names.isMissingNode() && names.size() != classifier.labels()) {
            throw InvalidInputException.of(
                    file.toString(),
                    "id2label",
                    names.size() + " names",
                    classifier.labels() + ", the outputs of the classifier in " + WEIGHTS);
        }
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < classifier.labels(); i++) {
            labels.add(names.path(Integer.toString(i)).asText("LABEL_" + i));
        }
        return labels;
    }

    /** Compares names and shapes; a head is there whole or not at all. */
    private static Set<BertHead> heads(Path weights, SafetensorsFile file, FlatParameters parameters) {
        for (String name : file.names()) {
            Shape expected = parameters.shape(name);
            if (expected == null) {
                throw InvalidInputException.of(
                        weights.toString(),
                        "tensor " + name,
                        "shape " + Arrays.toString(file.shape(name)),
                        "no tensor of that name in a BERT of this " + CONFIG + " (norma import renames other layouts)");
            }
            if (!expected.equals(new Shape(file.shape(name)))) {
                throw InvalidInputException.of(
                        weights.toString(),
                        "tensor " + name,
                        "shape " + Arrays.toString(file.shape(name)),
                        "shape " + Arrays.toString(expected.getShape()) + " by " + CONFIG);
            }
        }
        Set<BertHead> heads = EnumSet.noneOf(BertHead.class);
        file.names().stream().map(BertHead::of).filter(head -> head != null).forEach(heads::add);
        List<String> missing = parameters.names().stream()
                .filter(name -> !file.contains(name))
                .filter(name -> BertHead.of(name) == null || heads.contains(BertHead.of(name)))
                .toList();
        if (!missing.isEmpty()) {
            throw InvalidInputException.of(
                    weights.toString(),
                    "tensor " + missing.get(0),
                    "none",
                    "shape " + Arrays.toString(parameters.shape(missing.get(0)).getShape()) + " by " + CONFIG);
        }
        return heads;
    }
}
