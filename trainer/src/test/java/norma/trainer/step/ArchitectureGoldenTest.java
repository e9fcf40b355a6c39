package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import norma.datasets.batches.Batch;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.KernelSet;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.Upload;
import norma.trainer.golden.Differences;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.Architecture;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Head;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Network;
import norma.trainer.model.Precision;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every architecture against Hugging Face's model for pre-training on PyTorch: outputs, gradients, optimiser steps,
 * ablations. Its fixture is each folder of the golden ones whose {@code model_type} is its own.
 */
@Tag("engine")
class ArchitectureGoldenTest {
    /** What steps compute with, and on how many devices. */
    enum Steps {
        OPERATORS,
        FUSED,
        HOST,
        A_REPLICA_PER_SEQUENCE;

        Replica.Kernels kernels() {
            return switch (this) {
                case FUSED -> new Replica.Kernels(new KernelSet.Choice(KernelSet.Way.FUSED, Precision.FLOAT32), true);
                case HOST -> new Replica.Kernels(new KernelSet.Choice(KernelSet.Way.HOST, Precision.FLOAT32), false);
                default -> Replica.Kernels.of(Device.cpu(), Precision.FLOAT32);
            };
        }

        int replicas(Batch batch) {
            return this == A_REPLICA_PER_SEQUENCE ? batch.rows() : 1;
        }

        List<Batch> microBatches(Batch batch) {
            return this == A_REPLICA_PER_SEQUENCE
                    ? IntStream.range(0, batch.rows())
                            .mapToObj(row -> SyntheticBatches.rows(batch, row, row + 1))
                            .toList()
                    : List.of(batch);
        }
    }

    static Stream<ReferenceFolder> fixtures() {
        return Architectures.ALL.stream().flatMap(one -> GoldenFixture.pretraining(one.modelType()).stream());
    }

    static Stream<Arguments> fixturesAndSteps() {
        return fixtures().flatMap(fixture -> Arrays.stream(Steps.values()).map(steps -> Arguments.of(fixture, steps)));
    }

    private static PretrainingLearner learner(ReferenceFolder golden, Steps steps) {
        ModelConfig config = Architectures.config(golden.config(), golden + "/config.json");
        PretrainingLearner learner = Learners.of(
                config,
                golden.hyperparameters(),
                golden.objective(),
                1,
                Collections.nCopies(steps.replicas(golden.batch()), Device.cpu()),
                steps.kernels());
        learner.load(golden.weights());
        return learner;
    }

    @Test
    void everyArchitecture_hasAFixture() {
        assertThat(Architectures.ALL).isNotEmpty();
        for (Architecture architecture : Architectures.ALL) {
            assertThat(GoldenFixture.pretraining(architecture.modelType()))
                    .as("golden fixtures of " + architecture.modelType())
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void hiddenStatesAndAttentionProbs_equalTheReference(ReferenceFolder golden) throws IOException {
        try (PretrainingLearner learner = learner(golden, Steps.OPERATORS);
                SafetensorsFile io = golden.io();
                NDManager scope = learner.manager().newSubManager()) {
            ShownPass recording = new ShownPass(learner.inferencePass(), scope);
            NDArray last = encode(learner, recording, golden.batch(), scope);
            Map<String, List<NDArray>> shown = new TreeMap<>();
            boolean apart = recording.hiddenStates().size() > 1; // the stacks' names stand before what is theirs
            String stream = recording.queryStates().isEmpty() ? "." : "_h."; // beside a query stream that of content
            recording
                    .hiddenStates()
                    .forEach((stack, states) -> shown.put(named(apart, stack, "hidden_states" + stream), states));
            recording
                    .attentions()
                    .forEach((kind, probs) -> shown.put(named(apart, kind, "attentions" + stream), probs));
            SoftAssertions softly = new SoftAssertions();
            long compared = 0;
            for (Map.Entry<String, List<NDArray>> one : shown.entrySet()) {
                double tolerance = one.getKey().contains("hidden_states") ? 2e-5 : 5e-6;
                for (int i = 0; i < one.getValue().size(); i++) {
                    compare(softly, io, one.getKey() + i, one.getValue().get(i), tolerance);
                    compared++;
                }
            }
            softly.assertThat(compared)
                    .as("compared of all that the reference has")
                    .isEqualTo(io.names().stream()
                            .filter(name -> name.matches("(\\w+_)?(hidden_states|attentions)(_h)?\\.\\d+"))
                            .count());
            if (recording.queryStates().isEmpty()) { // what is read of a query stream has a test of its own
                String states = named(apart, Stack.DECODER, "hidden_states.");
                compare(softly, io, states + (shown.get(states).size() - 1), last, 2e-5);
            }
            softly.assertAll();
        }
    }

    private static String named(boolean apart, Enum<?> of, String name) {
        return apart ? of.name().toLowerCase(Locale.ROOT) + "_" + name : name;
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void headsLogits_equalTheReference(ReferenceFolder golden) throws IOException {
        try (PretrainingLearner learner = learner(golden, Steps.OPERATORS);
                SafetensorsFile io = golden.io();
                NDManager scope = learner.manager().newSubManager()) {
            Network network = learner.model().main();
            ForwardPass pass = learner.inferencePass();
            NDArray hidden = encode(learner, pass, golden.batch(), scope);
            Map<Head, String> expected = Map.of(
                    Head.LANGUAGE_MODEL,
                    logits(io),
                    Head.REPLACED_TOKENS,
                    logits(io),
                    Head.POOLER,
                    "pooled_output",
                    Head.NEXT_SENTENCE,
                    "seq_relationship_logits");
            assertThat(network.heads()).contains(tokenHead(network));
            SoftAssertions softly = new SoftAssertions();
            for (Head head : network.heads()) {
                NDArray ours = network.head(pass, head, hidden, batch(golden, scope));
                compare(softly, io, expected.get(head), asked(io, ours), 2e-5);
            }
            softly.assertAll();
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void losses_equalTheReference(ReferenceFolder golden) {
        try (PretrainingLearner learner = learner(golden, Steps.OPERATORS)) {
            checkLosses(learner, golden, golden.expected().get("loss"));
        }
    }

    @ParameterizedTest
    @MethodSource("fixturesAndSteps")
    void gradients_equalTheReference(ReferenceFolder golden, Steps steps) throws IOException {
        try (PretrainingLearner learner = learner(golden, steps);
                SafetensorsFile io = golden.io()) {
            Map<String, HostTensor> gradients = learner.gradients(0, steps.microBatches(golden.batch()));
            SoftAssertions softly = new SoftAssertions();
            int compared = 0;
            for (String name : io.names()) {
                if (name.startsWith("grad.")) {
                    HostTensor gradient = gradients.remove(name.substring(5));
                    softly.assertThat(gradient).as(name).isNotNull();
                    if (gradient != null) {
                        double difference =
                                Differences.max(gradient.values(), io.read(name).values());
                        softly.assertThat(difference).as(name).isLessThanOrEqualTo(2e-5);
                        compared++;
                    }
                }
            }
            softly.assertThat(compared).as("gradients compared").isPositive();
            softly.assertThat(gradients.keySet())
                    .as("gradients that the reference lacks")
                    .isEmpty();
            softly.assertAll();
        }
    }

    @ParameterizedTest
    @MethodSource("fixturesAndSteps")
    void fiveAdamWSteps_endAtTheReferenceWeights(ReferenceFolder golden, Steps steps) throws IOException {
        JsonNode train = golden.expected().get("train");
        try (PretrainingLearner learner = learner(golden, steps);
                SafetensorsFile io = golden.io()) {
            SoftAssertions softly = new SoftAssertions();
            int count = train.get("steps").asInt();
            assertThat(count).isPositive();
            for (int i = 0; i < count; i++) {
                Learner.Outcome outcome = learner.step(
                                i,
                                steps.microBatches(golden.batch()),
                                train.get("lr").get(i).asDouble())
                        .outcome();
                softly.assertThat(outcome.loss())
                        .as("loss of step " + (i + 1))
                        .isCloseTo(train.get("loss").get(i).asDouble(), within(1e-4));
                softly.assertThat(outcome.gradientNorm())
                        .as("gradient norm of step " + (i + 1))
                        .isCloseTo(train.get("grad_norm").get(i).asDouble(), within(5e-4));
            }
            softly.assertThat(total(learner.evaluate(List.of(golden.batch()))))
                    .as("loss after")
                    .isCloseTo(train.get("loss_after").asDouble(), within(1e-4));
            compareAfter(softly, io, Learners.weights(learner), golden);
            softly.assertAll();
        }
    }

    private static void compareAfter(
            SoftAssertions softly, SafetensorsFile io, Map<String, HostTensor> weights, ReferenceFolder golden)
            throws IOException {
        Map<String, int[]> noise = golden.zeroGradients();
        int compared = 0;
        for (String name : io.names()) {
            String parameter = name.replaceFirst("^after\\.", "");
            float[] ours = name.startsWith("after.")
                    ? without(weights.get(parameter).values(), noise.get(parameter))
                    : new float[0];
            if (ours.length > 0) {
                float[] theirs = without(io.read(name).values(), noise.get(parameter));
                boolean ill = golden.illConditioned().contains(parameter);
                softly.assertThat(ill ? Differences.median(ours, theirs) : Differences.mean(ours, theirs))
                        .as((ill ? "median of " : "mean of ") + name)
                        .isLessThanOrEqualTo(ill ? 1e-6 : 3e-6);
                softly.assertThat(Differences.max(ours, theirs))
                        .as("max of " + name)
                        .isLessThanOrEqualTo(ill ? 2e-2 : 2e-3);
                compared++;
            }
        }
        softly.assertThat(compared).as("parameters compared").isPositive();
    }

    /** Without the elements that are noise. */
    private static float[] without(float[] values, int[] noise) {
        return noise == null
                ? values
                : concat(
                        Arrays.copyOf(values, noise[0]),
                        Arrays.copyOfRange(values, Math.min(noise[1], values.length), values.length));
    }

    private static float[] concat(float[] first, float[] second) {
        float[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void ablations_giveTheReferenceLogitsAndLosses(ReferenceFolder golden) throws IOException {
        JsonNode cases = golden.expected().get("ablation");
        assertThat(cases.size()).isPositive();
        try (PretrainingLearner learner = learner(golden, Steps.OPERATORS);
                SafetensorsFile io = golden.io()) {
            SoftAssertions softly = new SoftAssertions();
            for (var ablation : cases.properties()) {
                Map<String, HostTensor> weights = golden.weights();
                assertThat(ablation.getValue().get("zeroed")).isNotEmpty();
                for (JsonNode zeroed : ablation.getValue().get("zeroed")) {
                    zero(weights.get(zeroed.get("param").asText()), zeroed);
                }
                learner.load(weights);
                checkLosses(learner, golden, ablation.getValue().get("loss"));
                ForwardPass pass = learner.inferencePass();
                Network network = learner.model().main();
                try (NDManager scope = learner.manager().newSubManager()) {
                    NDArray hidden = encode(learner, pass, golden.batch(), scope);
                    NDArray logits = network.head(pass, tokenHead(network), hidden, batch(golden, scope));
                    compare(softly, io, "ablation." + ablation.getKey() + "." + logits(io), asked(io, logits), 2e-5);
                }
            }
            softly.assertAll();
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void parameterNamesAndShapes_areTheReferences(ReferenceFolder golden) {
        try (PretrainingLearner learner = learner(golden, Steps.OPERATORS)) {
            assertThat(shapes(Learners.weights(learner))).isNotEmpty().isEqualTo(shapes(golden.weights()));
        }
    }

    private static Map<String, List<Long>> shapes(Map<String, HostTensor> tensors) {
        Map<String, List<Long>> shapes = new HashMap<>();
        tensors.forEach((name, tensor) ->
                shapes.put(name, Arrays.stream(tensor.shape()).boxed().toList()));
        return shapes;
    }

    private static void zero(HostTensor tensor, JsonNode zeroed) {
        int axis = zeroed.get("axis").asInt();
        long stride = Arrays.stream(tensor.shape()).skip(axis + 1L).reduce(1, (a, b) -> a * b);
        for (JsonNode index : zeroed.get("index")) {
            for (int i = 0; i < tensor.values().length; i++) {
                if (i / stride % tensor.shape()[axis] == index.asLong()) {
                    tensor.values()[i] = 0;
                }
            }
        }
    }

    private static NDArray encode(PretrainingLearner learner, ForwardPass pass, Batch batch, NDManager scope) {
        return learner.model().main().stages().forward(pass, new DeviceBatch(Upload.to(scope), scope, batch));
    }

    private static DeviceBatch batch(ReferenceFolder golden, NDManager scope) {
        return new DeviceBatch(Upload.to(scope), scope, golden.batch());
    }

    /** The head that gives logits at every token. */
    private static Head tokenHead(Network network) {
        return network.heads().contains(Head.LANGUAGE_MODEL) ? Head.LANGUAGE_MODEL : Head.REPLACED_TOKENS;
    }

    /** What the fixture calls the logits at every token. */
    private static String logits(SafetensorsFile io) {
        return io.contains("logits") ? "logits" : "prediction_logits";
    }

    /** Of logits at every token those that the fixture has: all, or those of the places that it asks for. */
    private static float[] asked(SafetensorsFile io, NDArray logits) throws IOException {
        return io.contains(AskedPlaces.MAPPING)
                ? AskedPlaces.of(io).rows(logits.toFloatArray())
                : logits.toFloatArray();
    }

    private static void compare(SoftAssertions softly, SafetensorsFile io, String name, float[] ours, double tolerance)
            throws IOException {
        float[] theirs = io.read(name).values();
        softly.assertThat(Differences.max(
                        ours,
                        io.contains(AskedPlaces.MAPPING) ? AskedPlaces.of(io).present(theirs) : theirs))
                .as(name)
                .isLessThanOrEqualTo(tolerance);
    }

    private static void checkLosses(PretrainingLearner learner, ReferenceFolder golden, JsonNode expected) {
        Learner.Evaluation evaluation = learner.evaluate(List.of(golden.batch()));
        assertThat(total(evaluation)).isCloseTo(expected.get("total").asDouble(), within(5e-6));
        for (Learner.TermScore term : evaluation.terms()) {
            double loss =
                    expected.path(term.name()).asDouble(expected.get("total").asDouble());
            assertThat(term.loss()).as(term.name()).isCloseTo(loss, within(5e-6));
        }
    }

    private static double total(Learner.Evaluation evaluation) {
        return evaluation.terms().stream().mapToDouble(Learner.TermScore::loss).sum();
    }

    private static void compare(SoftAssertions softly, SafetensorsFile io, String name, NDArray ours, double tolerance)
            throws IOException {
        float[] theirs = io.read(name).values();
        softly.assertThat(Differences.max(ours.toFloatArray(), theirs)).as(name).isLessThanOrEqualTo(tolerance);
    }
}
