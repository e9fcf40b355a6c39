package norma.trainer.reference;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.Objective;
import norma.trainer.architectures.Architectures;
import norma.trainer.checkpoint.CheckpointFiles;
import norma.trainer.model.Architecture;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.step.Learner;
import norma.trainer.step.PretrainingLearner;

/** Holds a device against Hugging Face's model for pre-training: losses, every gradient, optimiser steps. */
public final class ReferenceCheck {
    private static final String GRADIENT = "grad.";
    private static final String AFTER = "after.";

    private ReferenceCheck() {}

    /**
     * Trains the reference's model on the reference's batch.
     *
     * @param folder as {@link ReferenceFolder} describes it, of a model for pre-training
     * @param device where
     * @param precision of the steps. In float32 with the reference's own tolerances. In bf16 gradients only, relative
     *     to their norm: AdamW makes a step of full size of a gradient of next to nothing, whatever its sign
     */
    public static List<Comparison> run(Path folder, Device device, Precision precision) {
        ReferenceFolder reference = new ReferenceFolder(folder);
        ModelConfig config = Architectures.config(
                reference.config(), new CheckpointFiles(folder).config().toString());
        Architecture architecture = Architectures.of(config);
        Objective objective = reference.objective();
        JsonNode train = reference.expected().path("train");
        List<Comparison> found = new ArrayList<>();
        try (SafetensorsFile io = reference.io();
                PretrainingLearner learner = PretrainingLearner.create(
                        () -> architecture.pretraining(config, objective, 1),
                        reference.hyperparameters(),
                        new DecayGroups(false, false),
                        1,
                        List.of(device),
                        precision,
                        StepClock.OFF)) {
            Batch batch = reference.batch();
            learner.load(reference.weights());
            Learner.Evaluation evaluation = learner.evaluate(List.of(batch));
            double total = evaluation.terms().stream()
                    .mapToDouble(Learner.TermScore::loss)
                    .sum();
            found.add(new Comparison(
                    "loss of the evaluation, in nats",
                    Math.abs(total - reference.expected().at("/loss/total").asDouble()),
                    1e-5));
            found.add(gradients(learner.gradients(0, List.of(batch)), io, precision));
            if (precision == Precision.FLOAT32) {
                found.add(steps(learner, batch, train));
                found.add(weights(learner.tensors().get(PretrainingModel.MAIN).weights(), io, reference));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static Comparison steps(PretrainingLearner learner, Batch batch, JsonNode train) {
        double largest = 0;
        JsonNode losses = train.path("loss");
        for (int i = 0; i < losses.size(); i++) {
            double loss = learner.step(
                            i, List.of(batch), train.path("lr").path(i).asDouble())
                    .outcome()
                    .loss();
            largest = larger(largest, Math.abs(loss - losses.get(i).asDouble()));
        }
        return new Comparison(
                "loss of " + losses.size() + " AdamW steps, in nats, the largest difference", largest, 1e-4);
    }

    private static Comparison gradients(Map<String, HostTensor> ours, SafetensorsFile io, Precision precision)
            throws IOException {
        double largest = 0;
        double squares = 0;
        double reference = 0;
        for (String name : io.names()) {
            if (name.startsWith(GRADIENT)) {
                float[] theirs = io.read(name).values();
                float[] values = ours.get(name.substring(GRADIENT.length())).values();
                for (int i = 0; i < theirs.length; i++) {
                    double difference = Math.abs((double) values[i] - theirs[i]);
                    largest = larger(largest, difference);
                    squares += difference * difference;
                    reference += (double) theirs[i] * theirs[i];
                }
            }
        }
        return precision == Precision.FLOAT32
                ? new Comparison("gradients, the largest difference", largest, 2e-5)
                : new Comparison("gradients, L2 distance over L2 norm", Math.sqrt(squares / reference), 0.03);
    }

    private static Comparison weights(Map<String, HostTensor> ours, SafetensorsFile io, ReferenceFolder reference)
            throws IOException {
        Map<String, int[]> noise = reference.zeroGradients();
        Set<String> illConditioned = reference.illConditioned();
        double largest = 0;
        for (String name : io.names()) {
            String parameter = name.substring(Math.min(AFTER.length(), name.length()));
            if (name.startsWith(AFTER)) {
                float[] theirs = io.read(name).values();
                float[] values = ours.get(parameter).values();
                int[] skipped = noise.getOrDefault(parameter, new int[2]);
                double[] differences = IntStream.range(0, theirs.length)
                        .filter(i -> i < skipped[0] || i >= skipped[1])
                        .mapToDouble(i -> Math.abs((double) values[i] - theirs[i]))
                        .sorted()
                        .toArray();
                largest = larger(largest, middle(differences, illConditioned.contains(parameter)));
            }
        }
        return new Comparison("weights after them, the largest mean difference of a parameter", largest, 3e-6);
    }

    /** The mean of sorted differences; of an ill-conditioned parameter, most of which is rounding, the median. */
    private static double middle(double[] differences, boolean illConditioned) {
        double mean = Arrays.stream(differences).average().orElse(0);
        return illConditioned && !Double.isNaN(mean) ? differences[differences.length / 2] : mean;
    }

    /** The larger one; NaN is larger than all. */
    private static double larger(double a, double b) {
        return Double.isNaN(a) || Double.isNaN(b) ? Double.NaN : Math.max(a, b);
    }
}
