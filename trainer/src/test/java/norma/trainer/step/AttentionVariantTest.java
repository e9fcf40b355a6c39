package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.KernelSet;
import norma.trainer.config.RunConfig;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.optimizer.Optimizer;
import norma.trainer.optimizer.RotatedAdamW;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Encoders whose heads attend otherwise: their configuration, and what training makes of them. */
@Tag("engine")
class AttentionVariantTest {
    private static final int VOCABULARY = 37;
    private static final int LENGTH = 9;

    private static Stream<Replica.Kernels> kernels() {
        return Stream.of(KernelSet.Way.values())
                .map(way -> new Replica.Kernels(new KernelSet.Choice(way, Precision.FLOAT32), false));
    }

    /** A model whose {@code model:} group has an attention, in the words of a configuration. */
    private static ModelConfig config(String modelType, String attention) {
        return run(modelType, attention).model().withVocabSize(VOCABULARY);
    }

    private static RunConfig run(String modelType, String attention) {
        List<String> settings = List.of(
                "model.model_type=" + modelType,
                "model.hidden_size=12",
                "model.num_hidden_layers=2",
                "model.num_attention_heads=3",
                "model.intermediate_size=20",
                "model.initializer_range=0.2",
                "model.pad_token_id=0",
                "model.hidden_dropout_prob=0.0",
                "model.attention_probs_dropout_prob=0.0",
                "data.sequence_length=" + LENGTH);
        String yaml = attention == null ? "{}" : "model: {variant: {attention: " + attention + "}}";
        return RunConfigYaml.parse(yaml, "run.yaml", settings);
    }

    private static Map<String, HostTensor> trained(ModelConfig config, Replica.Kernels kernels) {
        AdamW.Hyperparameters adam = new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1);
        try (PretrainingLearner learner =
                Learners.of(config, adam, Learners.objective(false), 7, List.of(Device.cpu()), kernels)) {
            for (int step = 0; step < 4; step++) {
                learner.step(step, List.of(SyntheticBatches.batch(8, LENGTH, VOCABULARY, step)), 1e-2);
            }
            return Learners.weights(learner);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta"})
    void theSoftmaxByName_changesNoBit_andAnotherAttentionDoes(String type) {
        kernels().forEach(kernels -> {
            Map<String, HostTensor> plain = trained(config(type, null), kernels);
            Map<String, HostTensor> named = trained(config(type, "{type: softmax}"), kernels);
            assertThat(named.keySet()).isEqualTo(plain.keySet());
            named.forEach((name, tensor) -> assertThat(tensor.values())
                    .as(name)
                    .containsExactly(plain.get(name).values()));
            String matrix = type + ".encoder.layer.0.output.dense.weight";
            for (String other : List.of(
                    "{type: clipped-softmax}", "{type: clipped-softmax, gamma: 0, zeta: 1.4}", "{type: gated}")) {
                assertThat(trained(config(type, other), kernels).get(matrix).values())
                        .as(other)
                        .isNotEqualTo(plain.get(matrix).values());
            }
        });
    }

    @Test
    void alpha_isDividedByTheLengthOfTheTrainingsSequences_andTheModelKeepsThatLength() {
        ModelConfig alpha = config("bert", "{type: clipped-softmax, alpha: 0.9}");
        ModelConfig gamma = config("bert", "{type: clipped-softmax, gamma: -0.1}");
        kernels().forEach(kernels -> assertThat(trained(alpha, kernels))
                .usingRecursiveComparison()
                .isEqualTo(trained(gamma, kernels)));
        assertThat(alpha.toJson().at("/norma_variant/attention/sequence_length").asInt())
                .isEqualTo(LENGTH);
        RunConfig run = run("bert", "{type: clipped-softmax, alpha: 0.9}");
        assertThat(RunConfigYaml.parse(RunConfigYaml.write(run), "config.yaml", List.of()))
                .isEqualTo(run);
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "mlp", "all-heads-linear"})
    void aGate_isTrained_decaysAsMatricesAndBiasesDo_andIsTheSameWithEitherKernels(String gate) {
        ModelConfig config = config("bert", "{type: gated, gate: " + gate + ", gate_init: 0.3}");
        Map<String, HostTensor> byOperators = trained(config, kernels().toList().get(0));
        Map<String, HostTensor> fused = trained(config, kernels().toList().get(1));
        byOperators.forEach((name, tensor) -> {
            for (int i = 0; i < tensor.values().length; i++) {
                assertThat(fused.get(name).values()[i]).as(name).isCloseTo(tensor.values()[i], within(2e-3f));
            }
        });
        double rate = 0.01;
        double decay = 0.4;
        Map<String, HostTensor> without = afterOneStep(config, 0, rate);
        Map<String, HostTensor> with = afterOneStep(config, decay, rate);
        Map<String, HostTensor> before = afterOneStep(config, 0, 0);
        List<String> gates =
                with.keySet().stream().filter(name -> name.contains("gate")).toList();
        assertThat(gates).hasSize(gate.equals("mlp") ? 8 : 4); // of two layers
        for (String name : gates) {
            double factor = name.endsWith("weight") ? rate * decay : 0;
            for (int i = 0; i < with.get(name).values().length; i++) {
                float start = before.get(name).values()[i];
                float moved = without.get(name).values()[i];
                assertThat((double) with.get(name).values()[i]).isCloseTo(moved - factor * start, within(1e-6));
            }
            assertThat(without.get(name).values())
                    .as(name)
                    .isNotEqualTo(before.get(name).values());
        }
    }

    private static Map<String, HostTensor> afterOneStep(ModelConfig config, double decay, double rate) {
        AdamW.Hyperparameters adam = new AdamW.Hyperparameters(0.9, 0.999, 1e-8, decay, 1);
        Replica.Kernels kernels = Replica.Kernels.of(Device.cpu(), Precision.FLOAT32);
        try (PretrainingLearner learner =
                Learners.of(config, adam, Learners.objective(false), 7, List.of(Device.cpu()), kernels)) {
            learner.step(0, List.of(SyntheticBatches.batch(8, LENGTH, VOCABULARY, 0)), rate);
            return Learners.weights(learner);
        }
    }

    @Test
    void aGateOnAHeadsOwnPositions_hasNoRotatedBasis_andOneOnAllHas() {
        RotatedAdamW.Hyperparameters rotated =
                new RotatedAdamW.Hyperparameters(new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0, 1), 1);
        learner(config("bert", "{type: gated, gate: all-heads-linear}"), rotated)
                .close();
        assertThatThrownBy(() -> learner(config("bert", "{type: gated, gate: linear}"), rotated))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("optimizer.type: found rotated-adamw");
    }

    private static PretrainingLearner learner(ModelConfig config, Optimizer.Settings optimizer) {
        return PretrainingLearner.create(
                () -> Architectures.of(config).pretraining(config, Learners.objective(false), 7),
                optimizer,
                new DecayGroups(false, false),
                7,
                List.of(Device.cpu()),
                Precision.FLOAT32,
                StepClock.OFF);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta"})
    void configJson_hasAModelTypeThatHuggingFaceDoesNotKnow_andIsReadBack(String type) throws Exception {
        ModelConfig gated = config(type, "{type: gated, gate_hidden_size: 2}");
        assertThat(Architectures.config(gated.toJson(), "config.json")).isEqualTo(gated);
        assertThat(gated.toJson().get("model_type").asText()).isEqualTo("norma-" + type);
        ModelConfig config = config(type, "{type: clipped-softmax, gamma: -0.03}");
        ObjectNode json =
                (ObjectNode) new ObjectMapper().readTree(config.toJson().toString());
        assertThat(json.get("model_type").asText()).isEqualTo("norma-" + type);
        ModelConfig read = Architectures.config(json, "config.json");
        assertThat(read).isEqualTo(config);
        assertThat(read.modelType()).isEqualTo(type);
        assertThat(read.attentionSumsToOne()).isFalse();

        json.put("model_type", type);
        assertThatThrownBy(() -> Architectures.config(json, "config.json"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("config.json: model_type: found \"" + type + "\", expected norma-" + type);
        assertThat(config(type, "{type: softmax}").toJson())
                .isEqualTo(config(type, null).toJson());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {type: sparse}                                | type: found sparse, expected softmax, clipped-softmax or gated
            {type: clipped-softmax, gamma: 0.1}           | gamma: found 0.1, expected a number from -100 to 0
            {type: clipped-softmax, zeta: 0.9}            | zeta: found 0.9, expected a number from 1 to 100
            {type: clipped-softmax, gamma: -1, alpha: 2}  | alpha: found 2.0, expected no such key beside gamma
            {type: clipped-softmax, sequence_length: 8}   | sequence_length: found 8, expected no such key without alpha
            {gamma: -0.1}                                 | gamma: found -0.1, expected no such key, for the attention's type is softmax
            {type: gated, gate: conv}                     | gate: found conv, expected linear, mlp or all-heads-linear
            {type: gated, gate: linear, gate_hidden_size: 2} | gate_hidden_size: found 2, expected no such key, for the gate is linear
            {type: gated, gate_hidden_size: 0}            | gate_hidden_size: found 0, expected a whole number of at least 1
            {type: gated, gate_init: 1}                   | gate_init: found 1.0, expected a number between 0 and 1
            {type: gated, zeta: 1}                        | zeta: found 1.0, expected no such key, for the attention's type is gated
            {type: clipped-softmax, gama: -0.1}           | gama: unknown key, did you mean model.variant.attention.gamma?
            """)
    void whatMakesNoSense_isRefusedByItsKey(String attention, String message) {
        assertThatThrownBy(() -> run("bert", attention))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("run.yaml, line 1: model.variant.attention." + message);
    }

    @Test
    void anArchitectureWithoutVariants_refusesThem() {
        assertThatThrownBy(() -> RunConfigYaml.parse(
                        "model: {model_type: gpt2, variant: {attention: {type: clipped-softmax}}}",
                        "a.yaml",
                        List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(
                        "a.yaml, line 1: model.variant: unknown key, expected only with model_type bert or roberta");
    }

    @Test
    void anotherTypeBySetting_leavesOutWhatTheConfigurationSaysOfItsOwn() {
        String written = RunConfigYaml.write(run("bert", "{type: clipped-softmax}"));
        assertThat(written).contains("gamma: -0.025");
        RunConfig plain = RunConfigYaml.parse(written, "config.yaml", List.of("model.variant.attention.type=softmax"));
        assertThat(plain).isEqualTo(run("bert", "{type: softmax}"));
    }
}
