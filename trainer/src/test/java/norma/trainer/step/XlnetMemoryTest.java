package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.batches.HiddenTokens;
import norma.datasets.objectives.PermutationLm;
import norma.datasets.random.CounterHash;
import norma.trainer.blocks.KernelSet;
import norma.trainer.model.Precision;
import norma.trainer.optimizer.AdamW;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.xlnet.NaiveXlnet;
import norma.trainer.xlnet.NaiveXlnet.Input;
import norma.trainer.xlnet.XlnetConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps of XLNet with a memory against loops that run the previous segment first and then keep its states. */
@Tag("engine")
class XlnetMemoryTest {
    private static final int VOCABULARY = 30;
    private static final int LAYERS = 2;
    private static final int HEADS = 2;
    private static final int SIZE = 4;
    private static final int LENGTH = 11;
    private static final int[] REMEMBERED = {4, 2};
    private static final int[] LENGTHS = {11, 8};
    private static final int ONLY_IN_MEMORY = 29;
    private static final Batch BATCH = batch();

    private static Map<String, HostTensor> weights;
    private static double loss;
    private static Map<String, HostTensor> gradients;

    private static Batch batch() {
        int[] ids = IntStream.range(0, 2 * LENGTH)
                .map(i -> CounterHash.below(4, i, VOCABULARY - 1))
                .toArray();
        ids[1] = ONLY_IN_MEMORY;
        int[] types = new int[2 * LENGTH];
        types[LENGTHS[0] - 1] = 2;
        types[LENGTH + LENGTHS[1] - 1] = 2;
        int[] positions = {5, 6, 9, LENGTH + 3, LENGTH + 6};
        int[] order = new int[2 * LENGTH];
        Arrays.fill(order, HiddenTokens.InOrder.SHOWN);
        int[] places = {1, 0, 2, 1, 0};
        for (int i = 0; i < positions.length; i++) {
            order[positions[i]] = places[i];
        }
        int[] labels = Arrays.stream(positions).map(i -> ids[i]).toArray();
        return new Batch(2, LENGTH, ids, types, LENGTHS, positions, labels, null)
                .hiding(new HiddenTokens.Remembering(new HiddenTokens.InOrder(LENGTH, order), REMEMBERED));
    }

    private static PretrainingLearner learner(Replica.Kernels kernels) {
        XlnetConfig config =
                new XlnetConfig(VOCABULARY, HEADS * SIZE, LAYERS, HEADS, 12, null, 0.0, 0.0, null, 0.5, null, 0);
        AdamW.Hyperparameters adam = new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1);
        return Learners.of(config, adam, new PermutationLm(4), 1, List.of(Device.cpu()), kernels);
    }

    @BeforeAll
    static void train() {
        try (PretrainingLearner learner = learner(Replica.Kernels.of(Device.cpu(), Precision.FLOAT32))) {
            weights = Learners.weights(learner);
            loss = learner.evaluate(List.of(BATCH)).terms().get(0).loss();
            gradients = learner.gradients(0, List.of(BATCH));
        }
    }

    private static NaiveXlnet naive(Map<String, HostTensor> of) {
        return new NaiveXlnet(of, LAYERS, HEADS, SIZE);
    }

    private static Input segment(int row) {
        int from = row * LENGTH + REMEMBERED[row];
        int to = row * LENGTH + LENGTHS[row];
        boolean[] real = new boolean[to - from];
        Arrays.fill(real, true);
        int shift = REMEMBERED[row];
        return new Input(
                Arrays.copyOfRange(BATCH.inputIds(), from, to),
                Arrays.copyOfRange(BATCH.tokenTypeIds(), from, to),
                real,
                (query, key) -> BATCH.hidden().hides(row, query + shift, key + shift));
    }

    /** What each layer reads of the text before a row's segment, by the weights as they were. */
    private static List<double[][]> memory(int row) {
        int from = row * LENGTH;
        boolean[] real = new boolean[REMEMBERED[row]];
        Arrays.fill(real, true);
        int[] ids = Arrays.copyOfRange(BATCH.inputIds(), from, from + REMEMBERED[row]);
        return naive(weights).inputsOfLayers(new Input(ids, new int[ids.length], real, (query, key) -> false));
    }

    /** The mean cross-entropy by other weights, the memory as it was. */
    private static double loss(Map<String, HostTensor> of) {
        List<Double> losses = new ArrayList<>();
        for (int row = 0; row < 2; row++) {
            int ofRow = row;
            int shift = row * LENGTH + REMEMBERED[row];
            int[] asked = Arrays.stream(BATCH.predictedPositions())
                    .filter(i -> i / LENGTH == ofRow)
                    .map(i -> i - shift)
                    .toArray();
            Input segment = segment(row);
            double[][] states = naive(of).run(memory(row), segment, asked);
            for (int p = 0; p < asked.length; p++) {
                double[] logits = naive(of).logits(states[segment.ids().length + p]);
                double sum = Arrays.stream(logits).map(Math::exp).sum();
                losses.add(Math.log(sum) - logits[segment.ids()[asked[p]]]);
            }
        }
        return losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    @Test
    void theLoss_isThatOfTwoSegmentsOneAfterTheOther() {
        assertThat(loss).isCloseTo(loss(weights), within(1e-5));
    }

    @ParameterizedTest
    @EnumSource(KernelSet.Way.class)
    void everyKindOfKernel_givesTheSameGradients(KernelSet.Way way) {
        try (PretrainingLearner learner =
                learner(new Replica.Kernels(new KernelSet.Choice(way, Precision.FLOAT32), false))) {
            Map<String, HostTensor> others = learner.gradients(0, List.of(BATCH));
            gradients.forEach((name, gradient) -> {
                float[] values = others.get(name).values();
                for (int i = 0; i < values.length; i++) {
                    assertThat(values[i]).as(name).isCloseTo(gradient.values()[i], within(1e-5f));
                }
            });
        }
    }

    /** Differences of the loss in double precision, the memory's states kept: no gradient comes through them. */
    @Test
    void gradients_endAtTheMemory() {
        double step = 1.0 / 1024; // which float32 weights move by exactly enough
        int moved = 0;
        for (Map.Entry<String, HostTensor> entry : gradients.entrySet()) {
            float[] gradient = entry.getValue().values();
            for (int k = 0; k < 6; k++) {
                int at = entry.getKey().equals("transformer.word_embedding.weight") && k < 3
                        ? ONLY_IN_MEMORY * HEADS * SIZE + k
                        : CounterHash.below(CounterHash.key(8, entry.getKey()), k, gradient.length);
                Move up = moved(entry.getKey(), at, step);
                Move down = moved(entry.getKey(), at, -step);
                double expected = (loss(up.weights()) - loss(down.weights())) / (up.by() - down.by());
                assertThat((double) gradient[at])
                        .as(entry.getKey() + " " + at)
                        .isCloseTo(expected, within(2e-4 * Math.max(1, Math.abs(expected))));
                moved += Math.abs(expected) > 1e-3 ? 1 : 0;
            }
        }
        assertThat(moved).isGreaterThan(gradients.size());
    }

    private record Move(Map<String, HostTensor> weights, double by) {}

    private static Move moved(String name, int at, double by) {
        Map<String, HostTensor> copy = new LinkedHashMap<>(weights);
        float[] values = weights.get(name).values().clone();
        float before = values[at];
        values[at] += (float) by;
        copy.put(name, new HostTensor(weights.get(name).shape(), values));
        return new Move(copy, (double) values[at] - before);
    }
}
