package norma.trainer.xlnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.batches.HiddenTokens;
import norma.datasets.random.CounterHash;
import norma.trainer.model.ForwardObserver;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsWriter;
import norma.trainer.xlnet.NaiveXlnet.Input;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** XLNet of several sizes against loops in double precision, with padding at the right here and at the left there. */
@Tag("engine")
class NaiveXlnetTest {
    private static final int VOCABULARY = 17;

    /** Random weights of a shape, of a size that keeps scores and states apart. */
    private static Map<String, HostTensor> weights(XlnetConfig config) {
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        new XlnetArchitecture().network(config).parameters().forEach(parameter -> {
            String name = parameter.getName();
            long key = CounterHash.key(3, name);
            float[] values = new float[(int) parameter.getShape().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.8 * (CounterHash.uniform(key, i) - 0.5));
                values[i] += name.endsWith("layer_norm.weight") ? 1 : 0;
            }
            weights.put(name, new HostTensor(parameter.getShape().getShape(), values));
        });
        return weights;
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 2, 1, 1", "7, 3, 12, 2, 3", "8, 1, 6, 1, 5", "13, 2, 8, 3, 9", "30, 4, 8, 1, 22"})
    void bothStreams_areThoseOfTheEquations_whicheverSideIsPadded(
            int length, int heads, int width, int layers, int shorter, @TempDir Path folder) throws IOException {
        XlnetConfig config =
                new XlnetConfig(VOCABULARY, width, layers, heads, 2 * width + 1, null, 0.0, 0.0, null, null, null, 0);
        Map<String, HostTensor> weights = weights(config);
        Files.writeString(folder.resolve("config.json"), config.toJson().toString());
        SafetensorsWriter.write(folder.resolve("model.safetensors"), weights, Map.of());
        NaiveXlnet naive = new NaiveXlnet(weights, layers, heads, width / heads);
        Batch batch = batch(length, shorter);
        try (PretrainedModel model = PretrainedModel.open(folder, Device.cpu());
                BatchState state = model.advance(batch, 0)) {
            float[] logits = model.predictedLogits(state);
            float[] last = model.lastHiddenState(state, ForwardObserver.NONE);
            int next = 0;
            for (int row = 0; row < 2; row++) {
                int ofRow = row;
                int n = batch.lengths()[row];
                int[] asked = Arrays.stream(batch.predictedPositions())
                        .filter(i -> i / length == ofRow)
                        .map(i -> i % length)
                        .toArray();
                int pad = length - n; // at the left
                double[][] states = naive.run(
                        padded(batch, row, pad),
                        Arrays.stream(asked).map(i -> i + pad).toArray());
                for (int i = 0; i < n; i++) {
                    if (Arrays.binarySearch(asked, i) < 0) {
                        for (int j = 0; j < width; j++) {
                            assertThat((double) last[(row * length + i) * width + j])
                                    .isCloseTo(states[pad + i][j], within(2e-5));
                        }
                    }
                }
                for (int p = 0; p < asked.length; p++, next++) {
                    double[] expected = naive.logits(states[length + p]);
                    for (int token = 0; token < VOCABULARY; token++) {
                        assertThat((double) logits[next * VOCABULARY + token]).isCloseTo(expected[token], within(5e-5));
                    }
                }
            }
            assertThat(next).isEqualTo(batch.predictedPositions().length).isPositive();
        }
    }

    /** A full row and a shorter one of three segments, some tokens of which are predicted in a random order. */
    private static Batch batch(int length, int shorter) {
        long key = CounterHash.key(7, "naive", length);
        int[] ids = IntStream.range(0, 2 * length)
                .map(i -> CounterHash.below(key, i, VOCABULARY))
                .toArray();
        int[] types =
                IntStream.range(0, 2 * length).map(i -> i % length * 3 / length).toArray();
        int[] lengths = {length, shorter};
        int[] asked = IntStream.range(0, 2 * length)
                .filter(i -> i % length < lengths[i / length])
                .filter(i -> length == 1 || i % length > 0)
                .filter(i -> length == 1 || CounterHash.uniform(key, 1000 + i) < 0.6)
                .toArray();
        int[] order = new int[2 * length];
        Arrays.fill(order, HiddenTokens.InOrder.SHOWN);
        // nothing is hidden in a single token, which would have nothing to see
        Arrays.stream(asked).forEach(i -> order[i] = length == 1 ? -1 : CounterHash.below(key, 2000 + i, 1000));
        return new Batch(2, length, ids, types, lengths, asked, new int[asked.length], null)
                .hiding(new HiddenTokens.InOrder(length, order));
    }

    private static Input padded(Batch batch, int row, int pad) {
        int s = batch.length();
        int[] ids = new int[s];
        int[] types = new int[s];
        boolean[] real = new boolean[s];
        Arrays.fill(types, 3);
        for (int i = pad; i < s; i++) {
            ids[i] = batch.inputIds()[row * s + i - pad];
            types[i] = batch.tokenTypeIds()[row * s + i - pad];
            real[i] = true;
        }
        return new Input(
                ids,
                types,
                real,
                (query, key) -> query >= pad && key >= pad && batch.hidden().hides(row, query - pad, key - pad));
    }
}
