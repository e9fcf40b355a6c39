package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.Objective;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.HeadLosses;
import norma.trainer.model.DimensionValue;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.toy.ToyConfig;
import norma.trainer.toy.ToyNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A value put at a dimension of the LayerNorms between two updates. */
@Tag("engine")
class DimensionEditTest {
    private static final int VOCABULARY = 37;
    private static final double RATE = 1e-2;
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;
    private static final AdamW.Hyperparameters ADAM = new AdamW.Hyperparameters(BETA1, BETA2, EPSILON, 0.01, 1e9);
    private static final DimensionValue PLANTED = new DimensionValue(5, 3.5, -2.25);

    private static PretrainingLearner learner(Supplier<PretrainingModel> model, int replicas) {
        return PretrainingLearner.create(
                model,
                ADAM,
                new DecayGroups(false, false),
                7,
                Collections.nCopies(replicas, Device.cpu()),
                Precision.FLOAT32,
                StepClock.OFF);
    }

    private static PretrainingLearner learner(String modelType, int replicas) throws Exception {
        ModelConfig config = Architectures.config(new ObjectMapper().readTree("""
                {"model_type": "%s", "vocab_size": 37, "hidden_size": 12, "num_hidden_layers": 2,
                 "num_attention_heads": 3, "intermediate_size": 20, "max_position_embeddings": 20, "pad_token_id": 0,
                 "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "n_embd": 12, "n_layer": 2,
                 "n_head": 3, "n_positions": 20, "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0,
                 "eos_token_id": 0, "bos_token_id": 0}
                """.formatted(modelType)), "config.json");
        Objective objective = Objective.of(modelType.equals("gpt2") ? "clm" : "mlm", null, null);
        return learner(() -> Architectures.of(config).pretraining(config, objective, 7), replicas);
    }

    private static List<Batch> batch(long step) {
        Batch batch = SyntheticBatches.batch(8, 9, VOCABULARY, step);
        return List.of(SyntheticBatches.rows(batch, 0, 4), SyntheticBatches.rows(batch, 4, 8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta", "gpt2"})
    void theValue_standsAtEveryLayerNorm_onEveryReplica_andNothingElseMoves(String type) throws Exception {
        try (PretrainingLearner learner = learner(type, 2)) {
            for (int step = 0; step < 2; step++) {
                learner.step(step, batch(step), RATE);
            }
            Map<String, HostTensor> before = Learners.weights(learner);
            Map<String, HostTensor> moments = Learners.optimizerState(learner);
            learner.set(PLANTED);

            Map<String, HostTensor> expected = new LinkedHashMap<>(before);
            int norms = 0;
            for (LayerNormSite site : learner.layerNormSites()) {
                String weight = site.weight().parameter();
                if (before.get(weight).shape().length == 1) {
                    expected.put(weight, replaced(before.get(weight), 3.5f));
                    expected.put(
                            site.bias().parameter(),
                            replaced(before.get(site.bias().parameter()), -2.25f));
                    norms++;
                }
            }
            assertThat(norms).isEqualTo(type.equals("gpt2") ? 5 : 6); // gpt2 has matrices among its sites
            Learners.weights(learner) // of the first replica, once the others are found equal to it
                    .forEach((name, tensor) -> assertThat(tensor.values())
                            .as(name)
                            .containsExactly(expected.get(name).values()));
            Learners.optimizerState(learner).forEach((name, tensor) -> assertThat(tensor.values())
                    .as(name)
                    .containsExactly(moments.get(name).values()));
        }
    }

    private static HostTensor replaced(HostTensor tensor, float value) {
        float[] values = tensor.values().clone();
        values[PLANTED.dimension()] = value;
        return new HostTensor(tensor.shape(), values);
    }

    @Test
    void theNextUpdate_isAdamsFromThePlantedValue_withTheMomentsFromBefore() throws Exception {
        String name = "bert.encoder.layer.1.output.LayerNorm.weight";
        int at = PLANTED.dimension();
        try (PretrainingLearner learner = learner("bert", 1)) {
            for (int step = 0; step < 3; step++) {
                learner.step(step, batch(step), RATE);
            }
            learner.set(PLANTED);
            Map<String, HostTensor> state = Learners.optimizerState(learner);
            double g = learner.gradients(3, batch(3)).get(name).values()[at];
            double m = BETA1 * state.get("exp_avg." + name).values()[at] + (1 - BETA1) * g;
            double v = BETA2 * state.get("exp_avg_sq." + name).values()[at] + (1 - BETA2) * g * g;
            learner.step(3, batch(3), RATE);

            double corrected = m / (1 - Math.pow(BETA1, 4));
            double root = Math.sqrt(v / (1 - Math.pow(BETA2, 4)));
            assertThat((double) Learners.weights(learner).get(name).values()[at])
                    .isCloseTo(3.5 - RATE * corrected / (root + EPSILON), within(1e-6))
                    .isNotCloseTo(3.5, within(1e-4));
        }
    }

    @Test
    void aSiteThatIsTooNarrow_orLacksAPart_isLeftAsFarAsItIs() {
        ToyConfig config = new ToyConfig(23, 6, 4, 2);
        try (PretrainingLearner learner = learner(
                () -> new HeadLosses(new ToyNetwork(config, 7), List.of(HeadLosses.Task.MASKED_LM), java.util.Set.of()),
                1)) {
            float[] before = learner.layerNorms();
            learner.set(PLANTED); // the sites have 4, 6, 6 and 6 dimensions; the last one is a matrix

            float[] after = learner.layerNorms();
            float[] expected = before.clone();
            expected[2 * 6 + 5] = 3.5f; // RMSNorm: weight alone
            expected[5 * 6 + 5] = -2.25f; // LayerNorm without weight: bias alone
            assertThat(Arrays.equals(after, expected))
                    .as(Arrays.toString(after))
                    .isTrue();
        }
    }
}
