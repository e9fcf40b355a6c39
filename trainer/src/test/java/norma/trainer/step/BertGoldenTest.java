package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.batches.Batch;
import norma.trainer.bert.BertConfig;
import norma.trainer.bert.BertForPreTraining;
import norma.trainer.device.BatchArrays;
import norma.trainer.device.Upload;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Precision;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Hugging Face's BertForPreTraining on PyTorch: outputs, gradients, optimiser steps and ablations. */
@Tag("engine")
class BertGoldenTest {
    private ReferenceFolder golden;
    private Batch batch;
    private SafetensorsFile io;
    private PretrainingLearner learner;

    @BeforeEach
    void load() {
        golden = GoldenFixture.of("bert");
        batch = golden.batch();
        io = golden.io();
        BertConfig config = BertConfig.fromJson(golden.config(), "golden/bert/config.json");
        learner = PretrainingLearner.create(
                config,
                golden.hyperparameters(),
                new DecayGroups(false, false),
                true,
                1,
                devices(),
                kernels(),
                StepClock.OFF);
        learner.load(golden.weights());
    }

    /** Where the learner computes. */
    List<Device> devices() {
        return List.of(Device.cpu());
    }

    /** What its steps compute with. */
    Replica.Kernels kernels() {
        return Replica.Kernels.of(Device.cpu(), Precision.FLOAT32);
    }

    /** The fixture's batch as the steps take it. */
    List<Batch> microBatches(Batch whole) {
        return List.of(whole);
    }

    @AfterEach
    void close() throws IOException {
        if (learner != null) {
            learner.close();
            io.close();
        }
    }

    @Test
    void hiddenStatesAndAttentionProbs_equalTheReference() throws IOException {
        Recording recording = new Recording(learner.inferencePass());
        try (NDManager scope = learner.manager().newSubManager()) {
            encode(recording, scope);
            SoftAssertions softly = new SoftAssertions();
            assertThat(recording.hiddenStates).isNotEmpty();
            for (int i = 0; i < recording.hiddenStates.size(); i++) {
                compare(softly, "hidden_states." + i, recording.hiddenStates.get(i), 2e-5);
            }
            for (int i = 0; i < recording.attentions.size(); i++) {
                compare(softly, "attentions." + i, recording.attentions.get(i), 5e-6);
            }
            softly.assertThat(io.contains("hidden_states." + recording.hiddenStates.size()))
                    .isFalse();
            softly.assertAll();
        }
    }

    @Test
    void logitsAndPooledOutput_equalTheReference() throws IOException {
        ForwardPass pass = learner.inferencePass();
        BertForPreTraining model = learner.model();
        try (NDManager scope = learner.manager().newSubManager()) {
            NDArray hidden = encode(pass, scope);
            NDArray pooled = model.pool(pass, hidden, batch.rows());
            SoftAssertions softly = new SoftAssertions();
            compare(softly, "prediction_logits", model.predict(pass, hidden), 2e-5);
            compare(softly, "pooled_output", pooled, 2e-5);
            compare(softly, "seq_relationship_logits", model.relate(pass, pooled), 2e-5);
            softly.assertAll();
        }
    }

    @Test
    void theDjlBlock_givesTheSameLogits() throws IOException {
        try (NDManager scope = learner.manager().newSubManager()) {
            NDList inputs = new NDList(
                    BatchArrays.inputIds(Upload.to(scope), scope, batch),
                    BatchArrays.tokenTypeIds(Upload.to(scope), scope, batch),
                    BatchArrays.attentionMask(Upload.to(scope), scope, batch));
            NDList logits = learner.model().forward(new ParameterStore(scope, false), inputs, false);
            SoftAssertions softly = new SoftAssertions();
            compare(softly, "prediction_logits", logits.get(0), 2e-5);
            compare(softly, "seq_relationship_logits", logits.get(1), 2e-5);
            softly.assertAll();
        }
    }

    @Test
    void losses_equalTheReference() {
        checkLosses(golden.expected().get("loss"));
    }

    @Test
    void gradients_equalTheReference() throws IOException {
        Map<String, HostTensor> gradients = learner.gradients(0, microBatches(batch));
        SoftAssertions softly = new SoftAssertions();
        for (String name : io.names()) {
            if (name.startsWith("grad.")) {
                HostTensor gradient = gradients.remove(name.substring(5));
                softly.assertThat(gradient).as(name).isNotNull();
                if (gradient != null) {
                    softly.assertThat(maxDifference(
                                    gradient.values(), io.read(name).values()))
                            .as(name)
                            .isLessThanOrEqualTo(2e-5);
                }
            }
        }
        softly.assertThat(gradients.keySet())
                .as("gradients that the reference lacks")
                .isEmpty();
        softly.assertAll();
    }

    @Test
    void fiveAdamWSteps_endAtTheReferenceWeights() throws IOException {
        JsonNode train = golden.expected().get("train");
        SoftAssertions softly = new SoftAssertions();
        for (int i = 0; i < train.get("steps").asInt(); i++) {
            Learner.Outcome outcome = learner.step(
                            i, microBatches(batch), train.get("lr").get(i).asDouble())
                    .outcome();
            softly.assertThat(outcome.loss())
                    .as("loss of step " + (i + 1))
                    .isCloseTo(train.get("loss").get(i).asDouble(), within(1e-4));
            softly.assertThat(outcome.gradientNorm())
                    .as("gradient norm of step " + (i + 1))
                    .isCloseTo(train.get("grad_norm").get(i).asDouble(), within(5e-4));
        }
        Learner.Evaluation after = learner.evaluate(List.of(batch));
        softly.assertThat(after.maskedLmLoss() + after.nextSentenceLoss())
                .as("loss after")
                .isCloseTo(train.get("loss_after").asDouble(), within(1e-4));
        Set<String> noise = new HashSet<>();
        train.get("zero_gradient_params").forEach(name -> noise.add(name.asText()));
        Map<String, HostTensor> weights = learner.weights();
        int compared = 0;
        for (String name : io.names()) {
            String parameter = name.replaceFirst("^after\\.", "");
            if (name.startsWith("after.") && !noise.contains(parameter)) {
                float[] ours = weights.get(parameter).values();
                float[] theirs = io.read(name).values();
                softly.assertThat(meanDifference(ours, theirs))
                        .as("mean of " + name)
                        .isLessThanOrEqualTo(3e-6);
                softly.assertThat(maxDifference(ours, theirs))
                        .as("max of " + name)
                        .isLessThanOrEqualTo(2e-3);
                compared++;
            }
        }
        softly.assertThat(compared).isPositive();
        softly.assertAll();
    }

    @Test
    void ablations_giveTheReferenceLogitsAndLosses() throws IOException {
        JsonNode cases = golden.expected().get("ablation");
        SoftAssertions softly = new SoftAssertions();
        assertThat(cases.size()).isPositive();
        for (var ablation : cases.properties()) {
            Map<String, HostTensor> weights = golden.weights();
            for (JsonNode zeroed : ablation.getValue().get("zeroed")) {
                zero(weights.get(zeroed.get("param").asText()), zeroed);
            }
            learner.load(weights);
            checkLosses(ablation.getValue().get("loss"));
            String prefix = "ablation." + ablation.getKey() + ".";
            ForwardPass pass = learner.inferencePass();
            try (NDManager scope = learner.manager().newSubManager()) {
                NDArray hidden = encode(pass, scope);
                compare(softly, prefix + "prediction_logits", learner.model().predict(pass, hidden), 2e-5);
            }
        }
        softly.assertAll();
    }

    @Test
    void parameterNamesAndShapes_areTheReferences() {
        Map<String, List<Long>> ours = new LinkedHashMap<>();
        learner.weights().forEach((name, tensor) -> ours.put(name, shape(tensor)));
        Map<String, List<Long>> theirs = new LinkedHashMap<>();
        golden.weights().forEach((name, tensor) -> theirs.put(name, shape(tensor)));
        assertThat(ours).containsExactlyInAnyOrderEntriesOf(theirs);
    }

    private static void zero(HostTensor tensor, JsonNode zeroed) {
        assertThat(tensor.shape()).as("the ablated parameter is a vector").hasSize(1);
        zeroed.get("index").forEach(index -> tensor.values()[index.asInt()] = 0);
    }

    private NDArray encode(ForwardPass pass, NDManager scope) {
        return learner.model()
                .encode(
                        pass,
                        BatchArrays.inputIds(Upload.to(scope), scope, batch),
                        BatchArrays.tokenTypeIds(Upload.to(scope), scope, batch),
                        BatchArrays.attentionMask(Upload.to(scope), scope, batch));
    }

    private void checkLosses(JsonNode expected) {
        Learner.Evaluation evaluation = learner.evaluate(List.of(batch));
        assertThat(evaluation.maskedLmLoss()).isCloseTo(expected.get("mlm").asDouble(), within(5e-6));
        assertThat(evaluation.nextSentenceLoss()).isCloseTo(expected.get("nsp").asDouble(), within(5e-6));
        assertThat(evaluation.maskedLmLoss() + evaluation.nextSentenceLoss())
                .isCloseTo(expected.get("total").asDouble(), within(5e-6));
    }

    private void compare(SoftAssertions softly, String name, NDArray ours, double tolerance) throws IOException {
        float[] theirs = io.read(name).values();
        softly.assertThat(maxDifference(ours.toFloatArray(), theirs)).as(name).isLessThanOrEqualTo(tolerance);
    }

    private static List<Long> shape(HostTensor tensor) {
        List<Long> shape = new ArrayList<>();
        for (long dimension : tensor.shape()) {
            shape.add(dimension);
        }
        return shape;
    }

    private static double maxDifference(float[] ours, float[] theirs) {
        assertThat(ours).hasSameSizeAs(theirs);
        double max = 0;
        for (int i = 0; i < ours.length; i++) {
            double difference = Math.abs((double) ours[i] - theirs[i]);
            max = Double.isNaN(difference) ? Double.NaN : Math.max(max, difference);
        }
        return max;
    }

    private static double meanDifference(float[] ours, float[] theirs) {
        double sum = 0;
        for (int i = 0; i < ours.length; i++) {
            sum += Math.abs((double) ours[i] - theirs[i]);
        }
        return sum / ours.length;
    }

    /** Keeps what a pass shows. */
    private static final class Recording implements ForwardPass {
        private final ForwardPass pass;
        private final List<NDArray> hiddenStates = new ArrayList<>();
        private final List<NDArray> attentions = new ArrayList<>();

        Recording(ForwardPass pass) {
            this.pass = pass;
        }

        @Override
        public NDArray value(Parameter parameter) {
            return pass.value(parameter);
        }

        @Override
        public NDArray stacked(Parameter... parameters) {
            return pass.stacked(parameters);
        }

        @Override
        public void hiddenState(NDArray hiddenState) {
            hiddenStates.add(hiddenState);
        }

        @Override
        public void attentionProbs(NDArray probs) {
            attentions.add(probs);
        }
    }
}
