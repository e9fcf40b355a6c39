package norma.trainer.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
    /** Where its files lie. */
    public CheckpointFiles files() {
        return new CheckpointFiles(folder);
    }

    /**
     * What is wrong with the folder of a run's checkpoint: the first file that is missing or differs from the manifest,
     * or that it is another step's; empty if nothing.
     */
    public Optional<String> damage() {
        Optional<String> damage = Manifest.damage(folder);
        if (damage.isPresent()) {
            return damage;
        }
        for (Path needed : List.of(files().optimizer(), files().state())) {
            if (!Files.isRegularFile(needed)) {
                return Optional.of(needed + " is missing");
            }
        }
        try {
            long written = state().wholeNumber("step", 0);
            return written == step
                    ? Optional.empty()
                    : Optional.of(files().state() + " is of step " + written + ", the folder's name says " + step);
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
        return new Part(new CheckpointFiles(folder.resolve(network)));
    }

    /**
     * The files of one network.
     *
     * @param files where they lie
     */
    public record Part(CheckpointFiles files) {
        /** The weights by Hugging Face name, read from the file when their values are asked for. */
        public Map<String, HostTensor> weights() {
            return SafetensorsFile.deferred(files.weights());
        }

        /** The optimiser's moments; as {@link #weights}. */
        public Map<String, HostTensor> optimizerState() {
            return SafetensorsFile.deferred(files.optimizer());
        }

        /**
         * Compares names and shapes with those of the model that is to be restored; reads headers only.
         *
         * @param weights the model's
         * @param optimizerState the model's
         * @throws InvalidInputException naming the first tensor that differs, with both shapes
         */
        public void requireSameTensors(Map<String, HostTensor> weights, Map<String, HostTensor> optimizerState) {
            requireSameWeights(weights);
            Checkpoint.requireSameTensors(files.optimizer(), optimizerState);
        }

        /**
         * The same of the weights alone.
         *
         * @throws InvalidInputException naming the first tensor that differs, with both shapes
         */
        public void requireSameWeights(Map<String, HostTensor> weights) {
            Checkpoint.requireSameTensors(files.weights(), weights);
        }
    }

    private static void requireSameTensors(Path path, Map<String, HostTensor> expected) {
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
        return JsonFile.read(files().state(), "a checkpoint's state");
    }
}
