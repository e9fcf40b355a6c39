package norma.trainer.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import norma.datasets.batches.Batch;
import norma.datasets.random.CounterHash;
import norma.trainer.bert.BertConfig;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.Devices;
import norma.trainer.device.Upload;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.Kernels;
import norma.trainer.model.Precision;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Self-attention and its variants, with all kernels, against a reference in plain Java. */
@Tag("engine")
class SelfAttentionTest {
    private static final int ROWS = 3;
    private static final int LENGTH = 5;
    private static final int HIDDEN = 8;
    private static final int HEADS = 2;
    private static final int[] WHOLE = {LENGTH, LENGTH, LENGTH};
    private static final int[] PADDED = {LENGTH, 3, 1};

    private static AttentionVariant clipped(double gamma, double zeta) {
        return new AttentionVariant("clipped-softmax", gamma, zeta, null, null, null, null, null);
    }

    private static AttentionVariant gated(String gate, Integer hiddenSize) {
        return new AttentionVariant("gated", null, null, null, null, gate, hiddenSize, null);
    }

    static Stream<Arguments> variants() {
        List<AttentionVariant> variants = new ArrayList<>();
        variants.add(null);
        variants.add(clipped(-0.1, 1)); // of five keys some get 0
        variants.add(clipped(-0.15, 1.4)); // some get 1 as well
        variants.add(gated("linear", null));
        variants.add(gated("mlp", null));
        variants.add(gated("mlp", 3));
        variants.add(gated("all-heads-linear", null));
        List<Arguments> all = new ArrayList<>();
        for (AttentionVariant variant : variants) {
            for (KernelSet.Way way : KernelSet.Way.values()) {
                all.add(Arguments.of(variant, way, WHOLE));
                all.add(Arguments.of(variant, way, PADDED));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void outputAndGradients_areThoseOfTheEquations(AttentionVariant variant, KernelSet.Way way, int[] lengths) {
        BertConfig config = config(variant);
        NetworkParameters parameters = new NetworkParameters(config.initializerRange(), 5);
        Kernels.AttentionPlace place = new Kernels.AttentionPlace(AttentionKind.ENCODER, 0, 0);
        SelfAttention block = new SelfAttention(parameters, config, "", place);
        double gamma = config.shape().stretch().gamma();
        double zeta = config.shape().stretch().zeta();
        ReferenceAttention reference = new ReferenceAttention(ROWS, LENGTH, HEADS, HIDDEN, lengths, gamma, zeta);
        Map<String, double[]> given = new LinkedHashMap<>();
        given.put("x", random("x", ROWS * LENGTH * HIDDEN));
        for (Parameter one : parameters.all()) {
            given.put(one.getName(), random(one.getName(), (int) one.getShape().size()));
        }
        assertThat(given.keySet().stream().filter(name -> name.contains("gate")).toList())
                .isEqualTo(gateNames(config.attention()));
        double[] direction = random("direction", ROWS * LENGTH * HIDDEN);

        try (NDManager manager = Devices.engine().newBaseManager();
                KernelSet kernels = new KernelSet(manager, new KernelSet.Choice(way, Precision.FLOAT32))) {
            LeafPass leaves = new LeafPass(manager, kernels, parameters.all(), given);
            leaves.add("x", given.get("x"), new Shape(ROWS * LENGTH, HIDDEN));
            DeviceBatch batch = new DeviceBatch(Upload.to(manager), manager, batch(lengths));
            try (GradientCollector collector = Devices.engine().newGradientCollector()) {
                NDArray x = leaves.leaf("x");
                NDArray output = block.plusResidual(leaves, x, batch);
                double[] expected = reference.output(given);
                float[] found = output.toFloatArray();
                for (int i = 0; i < found.length; i++) {
                    assertThat((double) found[i]).isCloseTo(expected[i], within(1e-5));
                }
                collector.backward(
                        output.mul(LeafPass.floats(manager, direction).reshape(output.getShape()))
                                .sum());
            }
            FiniteDifferences.of(reference::output, given, direction).forEach((name, gradient) -> {
                float[] found = leaves.leaf(name).getGradient().toFloatArray();
                if (!name.equals("self.key.bias")) { // which adds the same to all scores of a query: no softmax sees it
                    assertThat(Arrays.stream(gradient).map(Math::abs).sum())
                            .as(name)
                            .isGreaterThan(0.01);
                }
                for (int i = 0; i < found.length; i++) {
                    assertThat((double) found[i]).as(name).isCloseTo(gradient[i], within(1e-4));
                }
            });
            if (way == KernelSet.Way.OPERATORS) {
                requireProbabilities(leaves.attentionProbs(), lengths, gamma, zeta);
            }
        }
    }

    private static List<String> gateNames(AttentionVariant attention) {
        if (!attention.isGated()) {
            return List.of();
        }
        return "mlp".equals(attention.gate())
                ? List.of(
                        "self.gate.inner.weight",
                        "self.gate.inner.bias",
                        "self.gate.output.weight",
                        "self.gate.output.bias")
                : List.of("self.gate.weight", "self.gate.bias");
    }

    @Test
    void aGate_letsItsInitialShareThrough_beforeItReadsAnything() {
        AttentionVariant quarter = new AttentionVariant("gated", null, null, null, null, "linear", null, 0.25);
        BertConfig config = config(quarter);
        NetworkParameters parameters = new NetworkParameters(config.initializerRange(), 5);
        new SelfAttention(parameters, config, "", new Kernels.AttentionPlace(AttentionKind.ENCODER, 0, 0));
        Parameter bias = parameters.all().stream()
                .filter(one -> one.getName().equals("self.gate.bias"))
                .findFirst()
                .orElseThrow();
        try (NDManager manager = Devices.engine().newBaseManager()) {
            float[] values = bias.getInitializer()
                    .initialize(manager, bias.getShape(), DataType.FLOAT32)
                    .toFloatArray();
            assertThat(values).hasSize(HEADS);
            assertThat(1 / (1 + Math.exp(-values[0]))).isCloseTo(0.25, within(1e-6));
        }
    }

    /**
     * Padding gets nothing at all; a clipped softmax gives some tokens exactly 0, and with zeta above 1 some exactly 1.
     */
    private static void requireProbabilities(float[] probs, int[] lengths, double gamma, double zeta) {
        int zeros = 0;
        int ones = 0;
        for (int i = 0; i < probs.length; i++) {
            int key = i % LENGTH;
            int row = i / (HEADS * LENGTH * LENGTH);
            if (key >= lengths[row]) {
                assertThat(probs[i]).isZero();
            } else {
                zeros += probs[i] == 0 ? 1 : 0;
                ones += probs[i] == 1 && lengths[row] > 1 ? 1 : 0;
            }
        }
        assertThat(zeros > 0).isEqualTo(gamma < 0);
        assertThat(ones > 0).isEqualTo(zeta > 1);
    }

    private static BertConfig config(AttentionVariant attention) {
        EncoderVariant variant = new EncoderVariant(null, null, attention, null, null, null);
        return new BertConfig(9, HIDDEN, 1, HEADS, 16, "gelu", 0.0, 0.0, 16, 2, 1e-12, 0.02, 0, variant);
    }

    private static Batch batch(int[] lengths) {
        int[] ids = new int[ROWS * LENGTH];
        return new Batch(ROWS, LENGTH, ids, new int[ids.length], lengths, new int[0], new int[0], null);
    }

    /** Between -1 and 1, as floats hold them. */
    private static double[] random(String name, int size) {
        double[] values = new double[size];
        long key = CounterHash.key(3, name);
        Arrays.setAll(values, i -> (float) (2 * CounterHash.uniform(key, i) - 1));
        return values;
    }
}
