package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.KernelSet;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.optimizer.AdamW;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encoders without an output bias or without position embeddings. */
@Tag("engine")
class EncoderVariantTest {
    private static final int VOCABULARY = 37;
    private static final int LENGTH = 9;
    private static final Replica.Kernels PLAIN_KERNELS = Replica.Kernels.of(Device.cpu(), Precision.FLOAT32);

    private static ObjectNode json(String modelType) {
        ObjectNode json = HiddenAxesTest.models()
                .filter(one -> one.modelType().equals(modelType))
                .findFirst()
                .orElseThrow()
                .toJson();
        json.remove("norma_variant");
        return json;
    }

    private static ModelConfig config(String modelType, String key, Boolean value) {
        ObjectNode json = json(modelType);
        if (value != null) {
            json.putObject("norma_variant").put(key, value);
        }
        return Architectures.config(json, "config.json");
    }

    private static PretrainingLearner learner(ModelConfig config, Replica.Kernels kernels) {
        AdamW.Hyperparameters adam = new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1);
        return Learners.of(config, adam, Learners.objective(false), 7, List.of(Device.cpu()), kernels);
    }

    private static PretrainingLearner trained(ModelConfig config, Replica.Kernels kernels) {
        PretrainingLearner learner = learner(config, kernels);
        for (int step = 0; step < 4; step++) {
            learner.step(step, List.of(SyntheticBatches.batch(8, LENGTH, VOCABULARY, step)), 1e-2);
        }
        return learner;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta"})
    void switchedOff_anOptionChangesNoBit_andSwitchedOnItDoes(String type) {
        for (String key : List.of("output_bias", "position_embeddings")) {
            try (PretrainingLearner plain = trained(config(type, key, (Boolean) null), PLAIN_KERNELS);
                    PretrainingLearner off = trained(config(type, key, true), PLAIN_KERNELS);
                    PretrainingLearner on = trained(config(type, key, false), PLAIN_KERNELS)) {
                Map<String, HostTensor> expected = Learners.weights(plain);
                Learners.weights(off).forEach((name, tensor) -> assertThat(tensor.values())
                        .as(name)
                        .containsExactly(expected.get(name).values()));
                String matrix = expected.keySet().stream()
                        .filter(name -> name.endsWith("layer.0.output.dense.weight"))
                        .findFirst()
                        .orElseThrow();
                assertThat(Learners.weights(on).get(matrix).values())
                        .isNotEqualTo(expected.get(matrix).values());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta"})
    void theLayerNormByName_changesNoBit_andAnotherNormDoes(String type) {
        Replica.Kernels fused =
                new Replica.Kernels(new KernelSet.Choice(KernelSet.Way.FUSED, Precision.FLOAT32), false);
        String matrix = type + ".encoder.layer.0.output.dense.weight";
        for (Replica.Kernels kernels : List.of(PLAIN_KERNELS, fused)) {
            Map<String, HostTensor> plain = weights(config(type, "norm", (String) null), kernels);
            weights(config(type, "norm", "layer-norm"), kernels).forEach((name, tensor) -> assertThat(tensor.values())
                    .as(name)
                    .containsExactly(plain.get(name).values()));
            weights(config(type, "norm_position", "post"), kernels)
                    .forEach((name, tensor) -> assertThat(tensor.values())
                            .as(name)
                            .containsExactly(plain.get(name).values()));
            for (String norm : List.of("no-scale", "one-scale", "rms-norm")) {
                Map<String, HostTensor> other = weights(config(type, "norm", norm), kernels);
                assertThat(other.get(matrix).values())
                        .as(norm)
                        .isNotEqualTo(plain.get(matrix).values());
                String prefix = type + ".encoder.layer.0.output.LayerNorm.";
                assertThat(other.containsKey(prefix + "scale")).isEqualTo(norm.equals("one-scale"));
                assertThat(other.containsKey(prefix + "bias")).isEqualTo(!norm.equals("rms-norm"));
                ModelConfig config = config(type, "norm", norm);
                assertThat(Architectures.config(config.toJson(), "config.json")).isEqualTo(config);
            }
        }
        ObjectNode unknown = json(type);
        unknown.putObject("norma_variant").put("norm", "batch-norm");
        assertThatThrownBy(() -> Architectures.config(unknown, "config.json"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("norma_variant.norm: found \"batch-norm\", expected one of layer-norm, no-scale,"
                        + " one-scale, rms-norm");
    }

    @Test
    void normsBeforeAttentionAndFeedForward_areBertsAlone() {
        ModelConfig config = config("bert", "norm_position", "pre");
        assertThat(config.toJson().get("model_type").asText()).isEqualTo("norma-bert");
        assertThat(Architectures.config(config.toJson(), "config.json")).isEqualTo(config);
        assertThat(weights(config, PLAIN_KERNELS))
                .containsKeys("bert.encoder.layer.0.attention.ln.weight", "bert.encoder.ln.bias")
                .doesNotContainKeys("bert.embeddings.LayerNorm.weight", "bert.encoder.layer.0.output.LayerNorm.bias");
        assertThatThrownBy(() -> config("roberta", "norm_position", "pre"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("config.json: model: variant.norm_position: found pre, expected post");
    }

    private static Map<String, HostTensor> weights(ModelConfig config, Replica.Kernels kernels) {
        try (PretrainingLearner learner = trained(config, kernels)) {
            return Learners.weights(learner);
        }
    }

    private static ModelConfig config(String modelType, String key, String value) {
        ObjectNode json = json(modelType);
        if (value != null) {
            json.putObject("norma_variant").put(key, value);
            boolean otherwise = List.of("one-scale", "rms-norm", "pre").contains(value);
            json.put("model_type", otherwise ? "norma-" + modelType : modelType);
        }
        return Architectures.config(json, "config.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta"})
    void whatIsMissing_staysZero_withEveryKernel_isNotInTheNorm_andHasNoMoments(String type) {
        Map<String, String> tensors = Map.of(
                "output_bias",
                type.equals("bert") ? "cls.predictions.bias" : "lm_head.bias",
                "position_embeddings",
                type + ".embeddings.position_embeddings.weight");
        Replica.Kernels fused =
                new Replica.Kernels(new KernelSet.Choice(KernelSet.Way.FUSED, Precision.FLOAT32), false);
        tensors.forEach((key, tensor) -> Stream.of(PLAIN_KERNELS, fused).forEach(kernels -> {
            try (PretrainingLearner learner = trained(config(type, key, false), kernels)) {
                assertThat(Learners.weights(learner).get(tensor).values()).containsOnly(0);
                assertThat(Learners.optimizerState(learner))
                        .doesNotContainKey("exp_avg." + tensor)
                        .isNotEmpty();
                Batch batch = SyntheticBatches.batch(8, LENGTH, VOCABULARY, 4);
                Map<String, HostTensor> gradients = learner.gradients(4, List.of(batch));
                assertThat(gradients).doesNotContainKey(tensor);
                double squares = 0;
                for (HostTensor gradient : gradients.values()) {
                    for (float value : gradient.values()) {
                        squares += (double) value * value;
                    }
                }
                assertThat(learner.step(4, List.of(batch), 1e-2).outcome().gradientNorm())
                        .isCloseTo(Math.sqrt(squares), within(1e-5));
            }
        }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta"})
    void withoutPositions_theOrderOfTheTokensChangesNoLoss(String type) {
        Batch batch = SyntheticBatches.batch(8, LENGTH, VOCABULARY, 9);
        Batch reversed = reversed(batch);
        try (PretrainingLearner without = trained(config(type, "position_embeddings", false), PLAIN_KERNELS);
                PretrainingLearner plain =
                        trained(config(type, "position_embeddings", (Boolean) null), PLAIN_KERNELS)) {
            assertThat(without.evaluate(List.of(reversed)).loss())
                    .isCloseTo(without.evaluate(List.of(batch)).loss(), within(1e-5));
            assertThat(plain.evaluate(List.of(reversed)).loss())
                    .isNotCloseTo(plain.evaluate(List.of(batch)).loss(), within(1e-4));
        }
    }

    /** Every row from its last token to its first, labels with them. */
    private static Batch reversed(Batch batch) {
        int s = batch.length();
        int[] ids = new int[batch.inputIds().length];
        for (int i = 0; i < ids.length; i++) {
            ids[mirrored(i, s)] = batch.inputIds()[i];
        }
        Map<Integer, Integer> labels = new TreeMap<>();
        for (int i = 0; i < batch.predictedPositions().length; i++) {
            labels.put(mirrored(batch.predictedPositions()[i], s), batch.predictedLabels()[i]);
        }
        return new Batch(
                batch.rows(),
                s,
                ids,
                batch.tokenTypeIds(),
                batch.lengths(),
                labels.keySet().stream().mapToInt(Integer::intValue).toArray(),
                labels.values().stream().mapToInt(Integer::intValue).toArray(),
                batch.nextSentenceLabels());
    }

    private static int mirrored(int position, int length) {
        return position / length * length + length - 1 - position % length;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta"})
    void configJson_saysWhatIsMissing_underAPlainModelType_andIsReadBack(String type) {
        ModelConfig config = config(type, "output_bias", false);
        assertThat(config.toJson().get("model_type").asText()).isEqualTo(type);
        assertThat(config.toJson().at("/norma_variant/output_bias").asBoolean(true))
                .isFalse();
        assertThat(Architectures.config(config.toJson(), "config.json")).isEqualTo(config);
        assertThat(config(type, "output_bias", (Boolean) null).toJson().has("norma_variant"))
                .isFalse();

        ObjectNode unknown = json(type);
        unknown.putObject("norma_variant").put("rotary", true);
        assertThatThrownBy(() -> Architectures.config(unknown, "config.json"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(
                        "config.json: norma_variant.rotary: found true, expected one of output_bias, position_embeddings, attention, norm, norm_position, pad_vocab_to_multiple_of, unpadded_vocab_size");
    }
}
