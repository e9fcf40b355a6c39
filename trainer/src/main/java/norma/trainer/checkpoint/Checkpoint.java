package norma.trainer.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;

/**
 * A checkpoint folder.
 *
 * @param folder where it lies
 * @param step optimiser steps taken when it was written
 */
public record Checkpoint(Path folder, long step) {
    static final String CONFIG = "config.json";
    static final String WEIGHTS = "model.safetensors";
    static final String OPTIMIZER = "optimizer.safetensors";
    static final String TOKENIZER = "tokenizer.json";
    static final String TOKENIZER_CONFIG = "tokenizer_config.json";
    static final String STATE = "state.json";

    /**
     * What is wrong with the folder of a run's checkpoint: the first file that is missing or differs from the manifest,
     * or that it is another step's; empty if nothing.
     */
    public Optional<String> damage() {
        Optional<String> damage = Manifest.damage(folder);
        if (damage.isPresent()) {
            return damage;
        }
        for (String needed : List.of(OPTIMIZER, STATE)) {
            if (!Files.isRegularFile(folder.resolve(needed))) {
                return Optional.of(folder.resolve(needed) + " is missing");
            }
        }
        try {
            long written = state().wholeNumber("step", 0);
            return written == step
                    ? Optional.empty()
                    : Optional.of(
                            folder.resolve(STATE) + " is of step " + written + ", the folder's name says " + step);
        } catch (InvalidInputException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** The weights of the main network by Hugging Face name. */
    public Map<String, HostTensor> weights() {
        return part("").weights();
    }

    /** The optimiser's moments for the main network. */
    public Map<String, HostTensor> optimizerState() {
        return part("").optimizerState();
    }

    /** What there is of a network; that of the empty name is the main one. */
    public Part part(String network) {
        return new Part(folder.resolve(network));
    }

    /**
     * The files of one network.
     *
     * @param folder where they lie
     */
    public record Part(Path folder) {
        /** The weights by Hugging Face name. */
        public Map<String, HostTensor> weights() {
            return tensors(folder, WEIGHTS);
        }

        /** The optimiser's moments. */
        public Map<String, HostTensor> optimizerState() {
            return tensors(folder, OPTIMIZER);
        }

        /**
         * Compares names and shapes with those of the model that is to be restored; reads headers only.
         *
         * @param weights the model's
         * @param optimizerState the model's
         * @throws InvalidInputException naming the first tensor that differs, with both shapes
         */
        public void requireSameTensors(Map<String, HostTensor> weights, Map<String, HostTensor> optimizerState) {
            Checkpoint.requireSameTensors(folder, WEIGHTS, weights);
            Checkpoint.requireSameTensors(folder, OPTIMIZER, optimizerState);
        }
    }

    private static void requireSameTensors(Path folder, String name, Map<String, HostTensor> expected) {
        Path path = folder.resolve(name);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            for (Map.Entry<String, HostTensor> tensor : expected.entrySet()) {
                String found = file.contains(tensor.getKey()) ? shape(file.shape(tensor.getKey())) : "none";
                String needed = shape(tensor.getValue().shape());
                if (!found.equals(needed)) {
                    throw InvalidInputException.of(
                            path.toString(), "tensor " + tensor.getKey(), found, needed + ", as in this run's model");
                }
            }
            for (String tensor : file.names()) {
                if (!expected.containsKey(tensor)) {
                    throw InvalidInputException.of(
                            path.toString(),
                            "tensor " + tensor,
                            shape(file.shape(tensor)),
                            "no tensor of that name, as in this run's model");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }

    private static String shape(long[] shape) {
        return "shape " + Arrays.toString(shape);
    }

    /** Step, seed, data position. */
    public JsonObject state() {
        return JsonFile.read(folder.resolve(STATE), "a checkpoint's state");
    }

    private static Map<String, HostTensor> tensors(Path folder, String name) {
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(name))) {
            Map<String, HostTensor> tensors = new LinkedHashMap<>();
            for (String tensor : file.names()) {
                tensors.put(tensor, file.read(tensor));
            }
            return tensors;
        } catch (IOException e) {
            throw new UncheckedIOException(folder.resolve(name) + " cannot be read", e);
        }
    }
}
