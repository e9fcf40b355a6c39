package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.nn.Parameter;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.CausalLm;
import norma.datasets.objectives.Objective;
import norma.trainer.architectures.Architectures;
import norma.trainer.bart.BartConfig;
import norma.trainer.bert.BertConfig;
import norma.trainer.blocks.AttentionVariant;
import norma.trainer.blocks.EncoderVariant;
import norma.trainer.blocks.HeadLosses;
import norma.trainer.blocks.NormPosition;
import norma.trainer.model.HiddenAxes;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.optimizer.Optimizer;
import norma.trainer.optimizer.RotatedAdamW;
import norma.trainer.optimizer.Sgd;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.toy.ToyConfig;
import norma.trainer.toy.ToyNetwork;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which axes of the parameters are the hidden vector's: renumbering the hidden positions everywhere is a symmetry of
 * every such network, so it changes no loss, and it does as soon as one axis is forgotten.
 */
@Tag("engine")
class HiddenAxesTest {
    private static final int VOCABULARY = 37;
    private static final int HIDDEN = 12;
    private static final AdamW.Hyperparameters ADAM = new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1);

    static Stream<ModelConfig> models() {
        BertConfig bert = new BertConfig(VOCABULARY, HIDDEN, 2, 3, 20, "gelu", 0.0, 0.0, 16, 2, 1e-12, 0.2, 0, null);
        ModelConfig roberta = Architectures.config(
                bert.toJson().put("model_type", "roberta").put("max_position_embeddings", 20), "test");
        AttentionVariant gated = new AttentionVariant("gated", null, null, null, null, "all-heads-linear", null, null);
        EncoderVariant variant = new EncoderVariant(null, null, gated, null, NormPosition.PRE, null);
        ModelConfig otherwise =
                new BertConfig(VOCABULARY, HIDDEN, 2, 3, 20, "gelu", 0.0, 0.0, 16, 2, 1e-12, 0.2, 0, variant);
        ModelConfig gpt2 = Architectures.config(
                JsonNodeFactory.instance
                        .objectNode()
                        .put("model_type", "gpt2")
                        .put("vocab_size", VOCABULARY)
                        .put("n_embd", HIDDEN)
                        .put("n_layer", 2)
                        .put("n_head", 3)
                        .put("n_inner", 20)
                        .put("n_positions", 16)
                        .put("resid_pdrop", 0.0)
                        .put("embd_pdrop", 0.0)
                        .put("attn_pdrop", 0.0)
                        .put("initializer_range", 0.2)
                        .put("eos_token_id", 0)
                        .put("bos_token_id", 0),
                "test");
        BartConfig bart =
                new BartConfig(VOCABULARY, 16, HIDDEN, 1, 2, 3, 2, 20, 14, "gelu", 0.0, 0.0, 0.0, 0.0, 0.2, 0, 1, 2, 2);
        return Stream.of(bert, roberta, otherwise, gpt2, bart);
    }

    private static PretrainingLearner learner(ModelConfig config, Optimizer.Settings optimizer) {
        return PretrainingLearner.create(
                () -> Architectures.of(config).pretraining(config, objective(config), 7),
                optimizer,
                new DecayGroups(false, false),
                7,
                List.of(Device.cpu()),
                Precision.FLOAT32,
                StepClock.OFF);
    }

    private static Objective objective(ModelConfig config) {
        Set<Class<? extends Objective>> known = Architectures.of(config).objectives();
        return known.contains(CausalLm.class) ? new CausalLm() : Learners.objective(false);
    }

    private static Batch batch(long step) {
        return SyntheticBatches.batch(8, 9, VOCABULARY, step);
    }

    @ParameterizedTest
    @MethodSource("models")
    void renumberingTheHiddenPositions_changesNoLoss(ModelConfig config) {
        try (PretrainingLearner learner = learner(config, ADAM)) {
            for (int step = 0; step < 3; step++) { // weights and biases of the LayerNorms differ from each other then
                learner.step(step, List.of(batch(step)), 1e-2);
            }
            Map<String, HostTensor> weights = Learners.weights(learner);
            double before = loss(learner);
            Map<Parameter, HiddenAxes> axes = learner.model().main().hiddenAxes();
            assertThat(axes.keySet()).containsAll(learner.model().main().parameters());

            learner.load(renumbered(weights, axes, Set.of()));
            assertThat(loss(learner)).isCloseTo(before, within(1e-5));

            for (String forgotten : weights.keySet()) {
                boolean counts = axes.entrySet().stream()
                        .anyMatch(one -> one.getKey().getName().equals(forgotten) && one.getValue() != HiddenAxes.NONE);
                boolean read = !forgotten.contains("pooler") && !forgotten.contains("seq_relationship");
                if (counts && read) {
                    learner.load(renumbered(weights, axes, Set.of(forgotten)));
                    assertThat(Math.abs(loss(learner) - before)).as(forgotten).isGreaterThan(1e-5);
                }
            }
        }
    }

    private static double loss(PretrainingLearner learner) {
        return learner.evaluate(List.of(batch(100))).loss();
    }

    private static Map<String, HostTensor> renumbered(
            Map<String, HostTensor> weights, Map<Parameter, HiddenAxes> axes, Set<String> not) {
        Map<String, HostTensor> result = new LinkedHashMap<>(weights);
        axes.forEach((parameter, which) -> {
            HostTensor tensor = weights.get(parameter.getName());
            if (!not.contains(parameter.getName())) {
                result.put(parameter.getName(), renumbered(tensor, which));
            }
        });
        return result;
    }

    private static HostTensor renumbered(HostTensor tensor, HiddenAxes axes) {
        boolean first = axes == HiddenAxes.FIRST || axes == HiddenAxes.BOTH;
        boolean second = axes == HiddenAxes.SECOND || axes == HiddenAxes.BOTH;
        int columns = tensor.shape().length == 1 ? 1 : (int) tensor.shape()[1];
        float[] values = new float[tensor.values().length];
        for (int i = 0; i < values.length; i++) {
            int row = first ? moved(i / columns) : i / columns;
            int column = second ? moved(i % columns) : i % columns;
            values[row * columns + column] = tensor.values()[i];
        }
        return new HostTensor(tensor.shape(), values);
    }

    private static int moved(int position) {
        return (5 * position + 3) % HIDDEN;
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyOptimizer_lowersTheLoss_andTwoLearnersAgreeBitForBit(ModelConfig config) {
        for (Optimizer.Settings settings :
                List.of(ADAM, new RotatedAdamW.Hyperparameters(ADAM, 1), new Sgd.Hyperparameters(0.9, 0.01, 1))) {
            double rate = settings instanceof Sgd.Hyperparameters ? 0.1 : 1e-2;
            try (PretrainingLearner one = learner(config, settings);
                    PretrainingLearner two = learner(config, settings)) {
                double first = loss(one);
                for (int step = 0; step < 30; step++) {
                    one.step(step, List.of(batch(100)), rate);
                    two.step(step, List.of(batch(100)), rate);
                    if (step == 10) { // from a checkpoint on
                        two.restore(one.tensors(), one.updates());
                    }
                }
                assertThat(loss(one)).as(settings.type()).isLessThan(first - 0.3);
                Learners.weights(one).forEach((name, tensor) -> assertThat(
                                Learners.weights(two).get(name).values())
                        .as(settings.type() + " " + name)
                        .containsExactly(tensor.values()));
            }
        }
    }

    @Test
    void aNetworkThatDoesNotSay_isRefused() {
        ToyConfig config = new ToyConfig(VOCABULARY, 6, 4, 2);
        assertThatThrownBy(() -> PretrainingLearner.create(
                        () -> new HeadLosses(new ToyNetwork(config, 7), List.of(HeadLosses.Task.MASKED_LM), Set.of()),
                        new RotatedAdamW.Hyperparameters(ADAM, 1),
                        new DecayGroups(false, false),
                        7,
                        List.of(Device.cpu()),
                        Precision.FLOAT32,
                        StepClock.OFF))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(
                        "config: optimizer.type: found rotated-adamw, expected another, for model.model_type");
    }
}
