package norma.trainer.pretrained;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.SpecialFile;
import norma.datasets.json.JsonFile;
import norma.datasets.objectives.Objective;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.KernelSet;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.checkpoint.Manifest;
import norma.trainer.device.Devices;
import norma.trainer.model.Architecture;
import norma.trainer.model.Head;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Network;
import norma.trainer.model.Precision;
import norma.trainer.model.StoredHeads;
import norma.trainer.model.TensorNames;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.step.FlatParameters;

/** Opens a checkpoint folder as a {@link PretrainedModel}: which model it is, which heads it has, whether all fits. */
public final class PretrainedFolder {
    private PretrainedFolder() {}

    /**
     * What a folder holds.
     *
     * @param network its network, the parameters filled; those of a head that the folder lacks are 0
     * @param parameters the model's, in the manager that they were read into
     * @param heads those that the folder holds
     * @param labels names of the classifier's outputs, in their order; empty without a classifier
     * @param leftOut heads that the folder holds and that were not read, a sentence each
     */
    public record Contents(
            ModelConfig config,
            Network network,
            FlatParameters parameters,
            Set<Head> heads,
            List<String> labels,
            List<String> leftOut) {
        public Contents {
            heads = Collections.unmodifiableSet(heads);
            labels = List.copyOf(labels);
            leftOut = List.copyOf(leftOut);
        }
    }

    static PretrainedModel open(Path folder, Device device) {
        return open(folder, device, KernelSet.Choice.of(device, Precision.FLOAT32));
    }

    /** The same with the kernels chosen. */
    static PretrainedModel open(Path folder, Device device, KernelSet.Choice choice) {
        NDManager manager = Devices.engine().newBaseManager(device);
        try {
            Contents contents = read(folder, manager);
            return new PretrainedModel(folder, manager, contents, choice);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /**
     * Reads a folder's model into a manager.
     *
     * @throws InvalidInputException if a file is missing, damaged or not as the folder's manifest has it
     */
    public static Contents read(Path folder, NDManager manager) {
        Manifest.requireWhole(folder, List.of(CheckpointFiles.CONFIG, CheckpointFiles.WEIGHTS));
        CheckpointFiles files = new CheckpointFiles(folder);
        ModelConfig config = config(folder);
        Architecture architecture = Architectures.of(config);
        Path weights = files.weights();
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            JniUtils.setGradMode(false);
            Architectures.requireLayers(
                    config, file.names().size(), files.config().toString());
            StoredHeads stored = storedHeads(architecture, files.config(), file);
            Network network = network(architecture, config, weights, file, stored);
            List<String> names = file.names().stream()
                    .filter(name -> !stored.isLeftOut(name))
                    .toList();
            Map<String, Shape> shapes = shapes(network);
            requireTensors(weights, file, names, shapes, architecture.names());
            network.optional().forEach(parameter -> shapes.remove(parameter.getName()));
            requireWhole(weights, file, stored.heads(), shapes, architecture.names());
            FlatParameters parameters = FlatParameters.zero(network, manager); // as large as the file's tensors
            for (String name : names) {
                ByteBuffer mapped = file.map(name);
                if (mapped == null) {
                    parameters.write(name, file.read(name).values());
                } else {
                    parameters.write(name, mapped);
                }
            }
            return new Contents(
                    config, network, parameters, stored.heads(), labels(files.config(), network), stored.leftOut());
        } catch (IOException e) {
            throw new UncheckedIOException(weights + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * The shape of the model in a checkpoint folder, which is not opened.
     *
     * @throws InvalidInputException if its {@code config.json} is missing or damaged
     */
    public static ModelConfig config(Path folder) {
        SpecialFile.refuseInside(folder, "the files of a model");
        Path file = new CheckpointFiles(folder).config();
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(folder + ": has no " + CheckpointFiles.CONFIG
                    + ", expected a checkpoint folder (norma import makes one)");
        }
        ModelConfig config = Architectures.config(json(file), file.toString());
        if (config.vocabSize() == null) {
            throw InvalidInputException.of(file.toString(), "vocab_size", "none", "the number of word embeddings");
        }
        return config;
    }

    /** The architecture of the model in a checkpoint folder; throws as {@link #config}. */
    public static Architecture architecture(Path folder) {
        return Architectures.of(config(folder));
    }

    /**
     * What the model in a checkpoint folder, which is not opened, is measured by where no run says so.
     *
     * @throws InvalidInputException if its {@code config.json} or the list of its tensors is missing or damaged
     */
    public static Objective objective(Path folder) {
        return architecture(folder).standardObjective(heads(folder));
    }

    /** The heads that a folder holds, of which only names are read. */
    static Set<Head> heads(Path folder) {
        CheckpointFiles files = new CheckpointFiles(folder);
        try (SafetensorsFile file = SafetensorsFile.open(files.weights())) {
            return storedHeads(Architectures.of(config(folder)), files.config(), file)
                    .heads();
        } catch (IOException e) {
            throw new UncheckedIOException(files.weights() + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static JsonNode json(Path file) {
        return JsonFile.read(file, "a model's config.json").node();
    }

    private static Map<String, Shape> shapes(Network network) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        network.parameters().forEach(parameter -> shapes.put(parameter.getName(), parameter.getShape()));
        return shapes;
    }

    private static StoredHeads storedHeads(Architecture architecture, Path config, SafetensorsFile file) {
        return StoredHeads.of(architecture, StoredHeads.classes(json(config), config.toString()), file.names());
    }

    /** With a classifier where the file has one, of as many outputs as its last matrix has rows. */
    private static Network network(
            Architecture architecture, ModelConfig config, Path weights, SafetensorsFile file, StoredHeads stored) {
        if (!stored.heads().contains(Head.CLASSIFIER)) {
            return architecture.network(config);
        }
        String matrix = architecture.names().classifierOutput();
        if (!file.contains(matrix)) {
            throw InvalidInputException.of(
                    weights.toString(), "tensor " + matrix, "none", "a row for each output of the classifier");
        }
        long outputs = file.shape(matrix).length == 0 ? 1 : file.shape(matrix)[0];
        return architecture.classifier(config, (int) Math.min(outputs, Integer.MAX_VALUE), 0);
    }

    /** As {@code id2label} names them; by Hugging Face's default LABEL_0 and so on. */
    private static List<String> labels(Path file, Network network) {
        if (!network.heads().contains(Head.CLASSIFIER)) {
            return List.of();
        }
        int outputs = network.outputs(Head.CLASSIFIER);
        JsonNode names = json(file).path("id2label");
        if (!names.isMissingNode() && names.size() != outputs) {
            throw InvalidInputException.of(
                    file.toString(),
                    "id2label",
                    names.size() + " names",
                    outputs + ", the outputs of the classifier in " + CheckpointFiles.WEIGHTS);
        }
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            labels.add(names.path(Integer.toString(i)).asText("LABEL_" + i));
        }
        return labels;
    }

    /** Why the names may be others: they are another architecture's, or another layout's. */
    private static String hint(SafetensorsFile file, TensorNames names) {
        return Architectures.ALL.stream()
                .filter(one ->
                        !one.names().equals(names) && file.contains(one.names().wordEmbeddings()))
                .findFirst()
                .map(other -> ": the tensors are those of model_type " + other.modelType()
                        + ", so the two files are of two models")
                .orElse(" (norma import renames other layouts)");
    }

    /** Compares names and shapes. */
    private static void requireTensors(
            Path weights, SafetensorsFile file, List<String> found, Map<String, Shape> shapes, TensorNames names) {
        for (String name : found) {
            Shape expected = shapes.get(name);
            if (expected == null) {
                throw InvalidInputException.of(
                        weights.toString(),
                        "tensor " + name,
                        "shape " + Arrays.toString(file.shape(name)),
                        "no tensor of that name in a model of this " + CheckpointFiles.CONFIG + hint(file, names));
            }
            if (!expected.equals(new Shape(file.shape(name)))) {
                throw InvalidInputException.of(
                        weights.toString(),
                        "tensor " + name,
                        "shape " + Arrays.toString(file.shape(name)),
                        "shape " + Arrays.toString(expected.getShape()) + " by " + CheckpointFiles.CONFIG);
            }
        }
    }

    /** What lies below the heads is there, and a head is there whole or not at all. */
    private static void requireWhole(
            Path weights, SafetensorsFile file, Set<Head> heads, Map<String, Shape> shapes, TensorNames names) {
        for (String name : shapes.keySet()) {
            boolean wanted = names.headOf(name).map(heads::contains).orElse(true);
            if (wanted && !file.contains(name)) {
                throw InvalidInputException.of(
                        weights.toString(),
                        "tensor " + name,
                        "none",
                        "shape " + Arrays.toString(shapes.get(name).getShape()) + " by " + CheckpointFiles.CONFIG);
            }
        }
    }
}
