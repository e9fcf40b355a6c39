package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import norma.datasets.batches.Batch;
import norma.trainer.blocks.HeadLosses;
import norma.trainer.checkpoint.Checkpoint;
import norma.trainer.checkpoint.Checkpoints;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.toy.ToyConfig;
import norma.trainer.toy.ToyNetwork;
import norma.trainer.toy.ToyPair;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What no BERT has: sites of two widths, norms without weight or bias, matrices as output components, two networks. */
@Tag("engine")
class UnusualNetworksTest {
    private static final int VOCABULARY = 23;
    private static final int HIDDEN = 6;
    private static final int NARROW = 4;
    private static final ToyConfig CONFIG = new ToyConfig(VOCABULARY, HIDDEN, NARROW, 2);

    @TempDir
    private Path folder;

    private static PretrainingLearner learner(Supplier<PretrainingModel> model) {
        return PretrainingLearner.create(
                model,
                new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1),
                new DecayGroups(false, false),
                1,
                List.of(Device.cpu()),
                Replica.Kernels.of(Device.cpu(), Precision.FLOAT32),
                StepClock.OFF);
    }

    private static PretrainingLearner one() {
        return learner(() -> new HeadLosses(new ToyNetwork(CONFIG, 7), List.of(HeadLosses.Task.MASKED_LM), Set.of()));
    }

    private static Batch batch(long step) {
        return SyntheticBatches.batch(4, 6, VOCABULARY, step);
    }

    @Test
    void aSnapshot_hasTheWidthOfEachSite_nothingWhereAPartIsMissing_andNormsOfAMatrix() {
        try (PretrainingLearner learner = one()) {
            learner.step(0, List.of(batch(0)), 1e-2);
            Map<String, HostTensor> weights = Learners.weights(learner);
            float[] snapshot = learner.layerNorms();
            List<LayerNormSite> sites = learner.layerNormSites();
            assertThat(sites).extracting(LayerNormSite::width).containsExactly(NARROW, HIDDEN, HIDDEN, HIDDEN);
            assertThat(snapshot).hasSize(sites.size() * 2 * HIDDEN);

            assertThat(part(snapshot, 0, 0)).containsExactly(padded(weights, "embeddings.norm.weight"));
            assertThat(part(snapshot, 0, 1)).containsExactly(padded(weights, "embeddings.norm.bias"));
            assertThat(part(snapshot, 1, 0)).containsExactly(padded(weights, "encoder.norm.weight"));
            assertThat(part(snapshot, 1, 1)).as("RMSNorm has no bias").containsOnly(Float.NaN);
            assertThat(part(snapshot, 2, 0)).as("this LayerNorm has no weight").containsOnly(Float.NaN);
            assertThat(part(snapshot, 2, 1)).containsExactly(padded(weights, "decoder.norm.bias"));
            assertThat(part(snapshot, 3, 1)).containsExactly(padded(weights, "decoder.c_proj.bias"));
            float[] matrix = weights.get("decoder.c_proj.weight").values();
            for (int column = 0; column < HIDDEN; column++) {
                double squares = 0;
                for (int row = 0; row < HIDDEN; row++) {
                    squares += Math.pow(matrix[row * HIDDEN + column], 2);
                }
                assertThat((double) part(snapshot, 3, 0)[column]).isCloseTo(Math.sqrt(squares), within(1e-6));
            }
            learner.keepLayerNorms();
            learner.step(1, List.of(batch(1)), 1e-2);
            learner.keepLayerNorms();
            List<float[]> taken = learner.takeLayerNorms();
            assertThat(taken.get(0)).containsExactly(snapshot);
            assertThat(taken.get(1)).containsExactly(learner.layerNorms());
            assertThat(taken.get(1)).isNotEqualTo(snapshot);
        }
    }

    private static float[] part(float[] snapshot, int site, int part) {
        int from = (2 * site + part) * HIDDEN;
        return Arrays.copyOfRange(snapshot, from, from + HIDDEN);
    }

    private static float[] padded(Map<String, HostTensor> weights, String name) {
        float[] values = weights.get(name).values();
        float[] wide = new float[HIDDEN];
        Arrays.fill(wide, Float.NaN);
        System.arraycopy(values, 0, wide, 0, values.length);
        return wide;
    }

    @Test
    void parametersOfThreeDimensions_andMatricesStoredInOut_areTrained_andABufferIsNot() {
        try (PretrainingLearner learner = one()) {
            Map<String, HostTensor> before = Learners.weights(learner);
            assertThat(before.get("encoder.mix").shape()).containsExactly(HIDDEN, 2, HIDDEN / 2);
            double first = learner.step(0, List.of(batch(0)), 1e-2).outcome().loss();
            double last = first;
            for (int step = 1; step < 40; step++) {
                last = learner.step(step, List.of(batch(0)), 1e-2).outcome().loss();
            }
            assertThat(last).isLessThan(0.8 * first);
            Map<String, HostTensor> after = Learners.weights(learner);
            for (String name : List.of("encoder.mix", "decoder.c_proj.weight", "decoder.norm.bias")) {
                assertThat(after.get(name).values())
                        .as(name)
                        .isNotEqualTo(before.get(name).values());
            }
            assertThat(after.get("final_logits_bias").values())
                    .containsExactly(before.get("final_logits_bias").values());
            assertThat(Learners.optimizerState(learner))
                    .containsKey("exp_avg.encoder.mix")
                    .doesNotContainKey("exp_avg.final_logits_bias");
        }
    }

    @Test
    void gradients_areThoseOfTheLoss_byFiniteDifferences() {
        try (PretrainingLearner learner = one()) {
            Map<String, HostTensor> gradients = learner.gradients(0, List.of(batch(0)));
            for (String name :
                    List.of("encoder.norm.weight", "encoder.mix", "decoder.norm.bias", "decoder.c_proj.weight")) {
                Map<String, HostTensor> weights = Learners.weights(learner);
                float[] values = weights.get(name).values();
                float value = values[1];
                values[1] = value + 0.01f;
                learner.load(weights);
                double above = learner.evaluate(List.of(batch(0))).loss();
                values[1] = value - 0.01f;
                learner.load(weights);
                double below = learner.evaluate(List.of(batch(0))).loss();
                values[1] = value;
                learner.load(weights);
                assertThat((double) gradients.get(name).values()[1])
                        .as(name)
                        .isCloseTo((above - below) / 0.02, within(2e-3));
            }
        }
    }

    @Test
    void twoNetworksOfTheSameNames_learnTogether_andAreBothInTheirCheckpoint() throws IOException {
        Supplier<PretrainingModel> pair = () -> new ToyPair(CONFIG, 3);
        try (PretrainingLearner learner = learner(pair);
                PretrainingLearner resumed = learner(pair)) {
            Map<String, Map<String, HostTensor>> fresh = new LinkedHashMap<>();
            learner.tensors().forEach((network, now) -> fresh.put(network, Learners.copied(now.weights())));
            assertThat(fresh.keySet()).containsExactly(PretrainingModel.MAIN, ToyPair.GENERATOR);
            Learner.Outcome first = learner.step(0, List.of(batch(0)), 1e-2).outcome();
            assertThat(first.terms()).hasSize(2);
            assertThat(first.loss())
                    .isEqualTo(first.terms().get(0) + first.terms().get(1));
            Learner.Evaluation scores = learner.evaluate(List.of(batch(0)));
            assertThat(scores.terms()).hasSize(2);
            learner.step(1, List.of(batch(1)), 1e-2);
            Map<String, NetworkTensors> tensors = learner.tensors();
            String name = "encoder.mix";
            for (String network : tensors.keySet()) {
                assertThat(tensors.get(network).weights().get(name).values())
                        .as(network + " has learned")
                        .isNotEqualTo(fresh.get(network).get(name).values());
            }
            assertThat(tensors.get(PretrainingModel.MAIN).weights().get(name).values())
                    .isNotEqualTo(
                            tensors.get(ToyPair.GENERATOR).weights().get(name).values());

            Checkpoint checkpoint = write(learner, tensors);
            assertThat(checkpoint.damage()).isEmpty();
            assertThat(checkpoint.folder().resolve("generator/model.safetensors"))
                    .isRegularFile();
            Map<String, NetworkTensors> read = new LinkedHashMap<>();
            for (String network : tensors.keySet()) {
                Checkpoint.Part part = checkpoint.part(network);
                read.put(network, new NetworkTensors(part.weights(), part.optimizerState()));
            }
            resumed.restore(read, learner.updates());
            assertThat(resumed.step(2, List.of(batch(2)), 1e-2).outcome())
                    .isEqualTo(learner.step(2, List.of(batch(2)), 1e-2).outcome());
            Map<String, NetworkTensors> expected = learner.tensors();
            resumed.tensors().forEach((network, found) -> found.weights().forEach((tensor, values) -> assertThat(
                            values.values())
                    .as(network + " " + tensor)
                    .containsExactly(expected.get(network).weights().get(tensor).values())));
        }
    }

    private Checkpoint write(PretrainingLearner learner, Map<String, NetworkTensors> tensors) throws IOException {
        Map<String, Checkpoints.NetworkFiles> networks = new LinkedHashMap<>();
        learner.networks()
                .forEach((name, network) -> networks.put(
                        name,
                        new Checkpoints.NetworkFiles(
                                network.config().toJson(),
                                tensors.get(name).weights(),
                                tensors.get(name).optimizerState())));
        ObjectMapper json = new ObjectMapper();
        return new Checkpoints(folder.resolve("checkpoints"))
                .write(
                        2,
                        new Checkpoints.Contents(
                                networks,
                                "{}",
                                json.createObjectNode(),
                                json.createObjectNode().put("step", 2)));
    }
}
