package norma.trainer.blocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.Objective;
import norma.datasets.random.CounterHash;
import norma.trainer.bert.BertArchitecture;
import norma.trainer.bert.BertConfig;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.model.StepClock;
import norma.trainer.optimizer.AdamW;
import norma.trainer.optimizer.DecayGroups;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.step.PretrainingLearner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A BERT whose norms stand before attention and feed-forward, against the same model in plain Java. */
@Tag("engine")
class PreNormTest {
    private static final int VOCABULARY = 11;
    private static final int ROWS = 2;
    private static final int LENGTH = 5;
    private static final int HIDDEN = 6;
    private static final int LAYERS = 2;
    private static final int HEADS = 2;
    private static final int INNER = 7;
    private static final double EPSILON = 1e-6;
    private static final int[] LENGTHS = {5, 3};
    private static final int[] IDS = {1, 2, 3, 4, 5, 6, 7, 8, 0, 0};
    private static final int[] TYPES = {0, 0, 1, 1, 1, 0, 0, 0, 0, 0};
    private static final int[] PREDICTED = {1, 3, 7};
    private static final int[] LABELS = {9, 4, 2};

    private static final BertConfig CONFIG = new BertConfig(
            VOCABULARY,
            HIDDEN,
            LAYERS,
            HEADS,
            INNER,
            "relu",
            0.0,
            0.0,
            8,
            2,
            EPSILON,
            0.5,
            0,
            new EncoderVariant(null, null, null, null, NormPosition.PRE, null));

    private static PretrainingLearner learner() {
        return PretrainingLearner.create(
                () -> new BertArchitecture().pretraining(CONFIG, Objective.of("mlm", null, null), 3),
                new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1),
                new DecayGroups(false, false),
                3,
                List.of(Device.cpu()),
                Precision.FLOAT32,
                StepClock.OFF);
    }

    private static Batch batch() {
        return new Batch(ROWS, LENGTH, IDS, TYPES, LENGTHS, PREDICTED, LABELS, null);
    }

    @Test
    void lossAndGradients_areThoseOfTheEquations() {
        try (PretrainingLearner learner = learner()) {
            Map<String, HostTensor> weights = new LinkedHashMap<>(
                    learner.tensors().get(PretrainingModel.MAIN).weights());
            weights.replaceAll((name, tensor) -> random(name, tensor)); // no weight is 1 and no bias 0
            learner.load(weights);
            Map<String, double[]> given = new LinkedHashMap<>();
            weights.forEach((name, tensor) -> given.put(name, doubles(tensor.values())));

            assertThat(learner.evaluate(List.of(batch())).loss()).isCloseTo(loss(given)[0], within(1e-5));

            Map<String, HostTensor> gradients = learner.gradients(0, List.of(batch()));
            Map<String, double[]> trained = new LinkedHashMap<>(given);
            trained.keySet().retainAll(gradients.keySet());
            assertThat(trained).hasSize(given.size() - 4); // pooler and next-sentence head take no part
            FiniteDifferences.of(some -> loss(given), trained, new double[] {1}).forEach((name, gradient) -> {
                float[] found = gradients.get(name).values();
                for (int i = 0; i < found.length; i++) {
                    assertThat((double) found[i]).as(name).isCloseTo(gradient[i], within(2e-4));
                }
            });
        }
    }

    @Test
    void theSites_areTheNormsOnTheirWay_andTheLastMatrixOfEachLayer() {
        try (PretrainingLearner learner = learner()) {
            assertThat(learner.layerNormSites().stream().map(LayerNormSite::name))
                    .containsExactly(
                            "layer.0.attention.input",
                            "layer.0.intermediate.input",
                            "layer.0.output",
                            "layer.1.attention.input",
                            "layer.1.intermediate.input",
                            "layer.1.output",
                            "final",
                            "head");
            float[] matrix = learner.tensors()
                    .get(PretrainingModel.MAIN)
                    .weights()
                    .get("bert.encoder.layer.1.output.dense.weight")
                    .values();
            float[] snapshot = learner.layerNorms();
            for (int d = 0; d < HIDDEN; d++) {
                double squares = 0;
                for (int i = 0; i < INNER; i++) {
                    squares += Math.pow(matrix[d * INNER + i], 2);
                }
                assertThat((double) snapshot[5 * 2 * HIDDEN + d]).isCloseTo(Math.sqrt(squares), within(1e-6));
            }
        }
    }

    /** Mean cross-entropy of the predicted tokens. */
    private static double[] loss(Map<String, double[]> w) {
        int tokens = ROWS * LENGTH;
        double[] x = new double[tokens * HIDDEN];
        for (int i = 0; i < x.length; i++) {
            int token = i / HIDDEN;
            int d = i % HIDDEN;
            x[i] = w.get("bert.embeddings.word_embeddings.weight")[IDS[token] * HIDDEN + d]
                    + w.get("bert.embeddings.position_embeddings.weight")[token % LENGTH * HIDDEN + d]
                    + w.get("bert.embeddings.token_type_embeddings.weight")[TYPES[token] * HIDDEN + d];
        }
        ReferenceAttention attention = new ReferenceAttention(ROWS, LENGTH, HEADS, HIDDEN, LENGTHS, 0, 1);
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "bert.encoder.layer." + layer + ".";
            Map<String, double[]> own = new LinkedHashMap<>();
            w.forEach((name, values) -> {
                if (name.startsWith(prefix + "attention.")) {
                    own.put(name.substring((prefix + "attention.").length()), values);
                }
            });
            double[] normed = norm(x, w, prefix + "attention.ln");
            own.put("x", normed);
            double[] added = attention.output(own); // with what it read
            for (int i = 0; i < x.length; i++) {
                x[i] += added[i] - normed[i];
            }
            double[] inner = linear(norm(x, w, prefix + "ln"), w, prefix + "intermediate.dense");
            double[] outer = linear(relu(inner), w, prefix + "output.dense");
            for (int i = 0; i < x.length; i++) {
                x[i] += outer[i];
            }
        }
        double[] hidden = norm(x, w, "bert.encoder.ln");
        double[] dense = relu(linear(hidden, w, "cls.predictions.transform.dense"));
        double[] head = norm(dense, w, "cls.predictions.transform.LayerNorm");
        double sum = 0;
        for (int i = 0; i < PREDICTED.length; i++) {
            double[] logits = new double[VOCABULARY];
            for (int token = 0; token < VOCABULARY; token++) {
                logits[token] = w.get("cls.predictions.bias")[token];
                for (int d = 0; d < HIDDEN; d++) {
                    logits[token] += head[PREDICTED[i] * HIDDEN + d]
                            * w.get("bert.embeddings.word_embeddings.weight")[token * HIDDEN + d];
                }
            }
            double total = Arrays.stream(logits).map(Math::exp).sum();
            sum += Math.log(total) - logits[LABELS[i]];
        }
        return new double[] {sum / PREDICTED.length};
    }

    private static double[] norm(double[] x, Map<String, double[]> w, String name) {
        double[] y = new double[x.length];
        for (int token = 0; token < x.length / HIDDEN; token++) {
            int from = token * HIDDEN;
            double mean = IntStream.range(0, HIDDEN)
                    .mapToDouble(d -> x[from + d])
                    .average()
                    .orElseThrow();
            double variance = IntStream.range(0, HIDDEN)
                    .mapToDouble(d -> Math.pow(x[from + d] - mean, 2))
                    .average()
                    .orElseThrow();
            for (int d = 0; d < HIDDEN; d++) {
                y[from + d] = (x[from + d] - mean) / Math.sqrt(variance + EPSILON) * w.get(name + ".weight")[d]
                        + w.get(name + ".bias")[d];
            }
        }
        return y;
    }

    private static double[] linear(double[] x, Map<String, double[]> w, String name) {
        double[] weight = w.get(name + ".weight");
        double[] bias = w.get(name + ".bias");
        int in = weight.length / bias.length;
        double[] y = new double[x.length / in * bias.length];
        for (int i = 0; i < y.length; i++) {
            int out = i % bias.length;
            y[i] = bias[out];
            for (int j = 0; j < in; j++) {
                y[i] += x[i / bias.length * in + j] * weight[out * in + j];
            }
        }
        return y;
    }

    private static double[] relu(double[] x) {
        return Arrays.stream(x).map(value -> Math.max(0, value)).toArray();
    }

    private static HostTensor random(String name, HostTensor tensor) {
        float[] values = new float[tensor.values().length];
        long key = CounterHash.key(17, name);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (1.6 * CounterHash.uniform(key, i) - 0.8);
        }
        return new HostTensor(tensor.shape(), values);
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        Arrays.setAll(doubles, i -> values[i]);
        return doubles;
    }
}
