package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.MarkedReplacements;
import norma.datasets.objectives.MaskedLm;
import norma.datasets.objectives.Objective;
import norma.datasets.objectives.ReplacedTokens;
import norma.datasets.random.CounterHash;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.Operators;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.Upload;
import norma.trainer.electra.ElectraConfig;
import norma.trainer.model.Head;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Network;
import norma.trainer.model.Precision;
import norma.trainer.model.PretrainingModel;
import norma.trainer.optimizer.AdamW;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a step of ELECTRA does to its two networks, beside plain Java and beside each network alone. */
@Tag("engine")
class ElectraPretrainingTest {
    private static final int VOCABULARY = 23;
    private static final int SEED = 7;
    private static final double WEIGHT = 50;
    private static final AdamW.Hyperparameters ADAM = new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1);
    private static final String GENERATOR = ReplacedTokens.GENERATOR;
    private static final List<String> TABLES = List.of(
            "electra.embeddings.word_embeddings.weight",
            "electra.embeddings.position_embeddings.weight",
            "electra.embeddings.token_type_embeddings.weight");

    private static ElectraConfig config(double dropout, int hidden, double generatorSize) {
        return new ElectraConfig(
                VOCABULARY, 6, hidden, 2, 4, 20, "gelu", dropout, dropout, 16, 2, 1e-12, 0.5, 0, generatorSize, WEIGHT);
    }

    private static final ElectraConfig CONFIG = config(0, 16, 0.5);

    private static PretrainingLearner learner(ElectraConfig config, Objective objective, int devices, int seed) {
        return Learners.of(
                config,
                ADAM,
                objective,
                seed,
                java.util.Collections.nCopies(devices, Device.cpu()),
                Replica.Kernels.of(Device.cpu(), Precision.FLOAT32));
    }

    private static PretrainingLearner pair(ElectraConfig config) {
        return learner(config, ReplacedTokens.STANDARD, 1, SEED);
    }

    /** Rows of 9, 6 and twice 9 tokens. */
    private static Batch batch(long step) {
        return SyntheticBatches.padded(SyntheticBatches.batch(4, 9, VOCABULARY, step), 9, 6, 9, 9);
    }

    private static List<Batch> rows(Batch batch) {
        return IntStream.range(0, batch.rows())
                .mapToObj(row -> SyntheticBatches.rows(batch, row, row + 1))
                .toList();
    }

    /** A network's logits, row by row. */
    private static double[][] logits(PretrainingLearner learner, String name, Head head, Batch batch) {
        Network network = learner.model().networks().get(name);
        try (NDManager scope = learner.manager().newSubManager()) {
            DeviceBatch inputs = new DeviceBatch(Upload.to(scope), scope, batch);
            NDArray hidden = network.stages().forward(learner.inferencePass(), inputs);
            NDArray read = Operators.rows(inputs.predictedPositions(), hidden);
            float[] values =
                    network.head(learner.inferencePass(), head, read, inputs).toFloatArray();
            int width = network.outputs(head);
            double[][] rows = new double[values.length / width][width];
            for (int i = 0; i < values.length; i++) {
                rows[i / width][i % width] = values[i];
            }
            return rows;
        }
    }

    private static double[] softmax(double[] logits) {
        double sum = Arrays.stream(logits).map(Math::exp).sum();
        return Arrays.stream(logits).map(x -> Math.exp(x) / sum).toArray();
    }

    /**
     * The tokens that a step draws, in plain Java: the inverse of the cumulated softmax at a share of the row's stream.
     */
    private static int[] drawn(double[][] logits, Batch batch, long step, int seed) {
        int[] tokens = new int[logits.length];
        for (int i = 0; i < tokens.length; i++) {
            int position = batch.predictedPositions()[i];
            long key = CounterHash.key(seed, "replacements", step, position / batch.length());
            double share = (CounterHash.at(key, position % batch.length()) >>> 40) / (double) (1 << 24);
            double[] probabilities = softmax(logits[i]);
            double below = probabilities[0];
            while (below <= share) {
                below += probabilities[++tokens[i]];
            }
        }
        return tokens;
    }

    /** What the discriminator reads, and its labels, made by hand. */
    private static Batch replaced(Batch masked, int[] tokens) {
        int[] ids = masked.inputIds().clone();
        int[] labels = new int[ids.length];
        for (int i = 0; i < tokens.length; i++) {
            ids[masked.predictedPositions()[i]] = tokens[i];
            labels[masked.predictedPositions()[i]] = tokens[i] == masked.predictedLabels()[i] ? 0 : 1;
        }
        int[] real = IntStream.range(0, ids.length)
                .filter(i -> i % masked.length() < masked.lengths()[i / masked.length()])
                .toArray();
        return new Batch(
                masked.rows(),
                masked.length(),
                ids,
                masked.tokenTypeIds(),
                masked.lengths(),
                real,
                Arrays.stream(real).map(i -> labels[i]).toArray(),
                null);
    }

    @Test
    void theLossesOfAStep_areThoseOfPlainJava() {
        try (PretrainingLearner learner = pair(CONFIG)) {
            Batch batch = batch(1);
            long step = 3;
            double[][] vocabulary = logits(learner, GENERATOR, Head.LANGUAGE_MODEL, batch);
            double masked = 0;
            for (int i = 0; i < vocabulary.length; i++) {
                masked -= Math.log(softmax(vocabulary[i])[batch.predictedLabels()[i]]) / vocabulary.length;
            }
            Batch text = replaced(batch, drawn(vocabulary, batch, step, SEED));
            double[][] found = logits(learner, PretrainingModel.MAIN, Head.REPLACED_TOKENS, text);
            assertThat(found).hasNumberOfRows(9 + 6 + 9 + 9);
            assertThat(text.predictedLabels()).contains(0, 1);
            double detected = 0;
            for (int i = 0; i < found.length; i++) {
                double probability = 1 / (1 + Math.exp(-found[i][0]));
                detected -= Math.log(text.predictedLabels()[i] == 1 ? probability : 1 - probability) / found.length;
            }
            Learner.Outcome outcome = learner.step(step, List.of(batch), 1e-3).outcome();
            assertThat(outcome.terms().get(0)).isCloseTo(masked, within(1e-6));
            assertThat(outcome.terms().get(1)).isCloseTo(detected, within(1e-6));
            assertThat(outcome.loss()).isCloseTo(masked + WEIGHT * detected, within(1e-4));
            assertThat(learner.terms()).extracting(term -> term.name()).containsExactly("mlm", "rtd");
        }
    }

    @Test
    void gradients_areThoseOfEachNetworkAlone_theDiscriminatorsWeighted_andOfSharedTablesTheSum() {
        try (PretrainingLearner both = pair(CONFIG);
                PretrainingLearner discriminator = learner(CONFIG, new MarkedReplacements(), 1, SEED);
                PretrainingLearner generator =
                        learner((ElectraConfig) network(both, GENERATOR).config(), MaskedLm.STANDARD, 1, SEED)) {
            discriminator.load(both.tensors().get(PretrainingModel.MAIN).weights());
            generator.load(both.tensors().get(GENERATOR).weights());
            Batch batch = batch(2);
            int[] tokens = drawn(logits(both, GENERATOR, Head.LANGUAGE_MODEL, batch), batch, 0, SEED);
            Map<String, HostTensor> together = both.gradients(0, List.of(batch));
            Map<String, HostTensor> detected = discriminator.gradients(0, List.of(replaced(batch, tokens)));
            Map<String, HostTensor> predicted = generator.gradients(0, List.of(batch));
            assertThat(together.keySet()).isEqualTo(detected.keySet());
            together.forEach((name, gradient) -> {
                float[] of = detected.get(name).values();
                float[] ofGenerator =
                        TABLES.contains(name) ? predicted.get(name).values() : new float[of.length];
                for (int i = 0; i < of.length; i++) {
                    double expected = WEIGHT * of[i] + ofGenerator[i];
                    assertThat((double) gradient.values()[i]).as(name).isCloseTo(expected, within(1e-4));
                }
            });
            assertThat(predicted.get(TABLES.get(0)).values())
                    .as("the generator's part")
                    .isNotEqualTo(new float[VOCABULARY * 6]);
        }
    }

    private static Network network(PretrainingLearner learner, String name) {
        return learner.model().networks().get(name);
    }

    @Test
    void sharedTables_areOneTensor_andNothingElseIs() {
        try (PretrainingLearner learner = pair(config(0.1, 16, 1))) {
            Map<String, HostTensor> before = Learners.weights(learner);
            for (int step = 0; step < 3; step++) {
                learner.step(step, List.of(batch(step)), 1e-2).outcome();
            }
            Map<String, NetworkTensors> after = learner.tensors();
            Map<String, HostTensor> main = after.get(PretrainingModel.MAIN).weights();
            Map<String, HostTensor> generator = after.get(GENERATOR).weights();
            List<String> same = new ArrayList<>();
            main.forEach((name, tensor) -> {
                if (generator.containsKey(name)
                        && Arrays.equals(tensor.values(), generator.get(name).values())) {
                    same.add(name);
                }
            });
            assertThat(same).containsExactlyInAnyOrderElementsOf(TABLES);
            assertThat(main.get(TABLES.get(0)).values())
                    .isNotEqualTo(before.get(TABLES.get(0)).values());
            assertThat(after.get(GENERATOR)
                            .optimizerState()
                            .get("exp_avg." + TABLES.get(0))
                            .values())
                    .containsExactly(after.get(PretrainingModel.MAIN)
                            .optimizerState()
                            .get("exp_avg." + TABLES.get(0))
                            .values());
            for (String table : TABLES) {
                assertThat(network(learner, GENERATOR).parameters())
                        .filteredOn(parameter -> parameter.getName().equals(table))
                        .singleElement()
                        .isSameAs(network(learner, PretrainingModel.MAIN).parameters().stream()
                                .filter(parameter -> parameter.getName().equals(table))
                                .findFirst()
                                .orElseThrow());
            }
        }
    }

    @Test
    void aBatch_equalsItsRowsAsMicroBatches_orOnAReplicaEach_withDropout() {
        ElectraConfig config = config(0.1, 16, 0.5);
        try (PretrainingLearner whole = pair(config);
                PretrainingLearner cut = pair(config);
                PretrainingLearner replicas = learner(config, ReplacedTokens.STANDARD, 4, SEED)) {
            for (int step = 0; step < 3; step++) {
                Learner.Outcome expected =
                        whole.step(step, List.of(batch(step)), 1e-3).outcome();
                for (PretrainingLearner other : List.of(cut, replicas)) {
                    Learner.Outcome found =
                            other.step(step, rows(batch(step)), 1e-3).outcome();
                    for (int term = 0; term < 2; term++) {
                        assertThat(found.terms().get(term))
                                .isCloseTo(expected.terms().get(term), within(1e-5));
                    }
                    assertThat(found.gradientNorm()).isCloseTo(expected.gradientNorm(), within(1e-3));
                }
            }
        }
    }

    @Test
    void draws_areAFunctionOfSeedAndStep() {
        try (PretrainingLearner one = pair(CONFIG);
                PretrainingLearner two = pair(CONFIG);
                PretrainingLearner other = learner(CONFIG, ReplacedTokens.STANDARD, 1, SEED + 1)) {
            other.restore(one.tensors(), one.updates());
            Learner.Outcome first = one.step(5, List.of(batch(0)), 0).outcome();
            assertThat(two.step(5, List.of(batch(0)), 0).outcome()).isEqualTo(first);
            Learner.Outcome ofOther = other.step(5, List.of(batch(0)), 0).outcome();
            Learner.Outcome later = two.step(6, List.of(batch(0)), 0).outcome();
            for (Learner.Outcome outcome : List.of(ofOther, later)) {
                assertThat(outcome.terms().get(0))
                        .as("the same masks")
                        .isEqualTo(first.terms().get(0));
                assertThat(outcome.terms().get(1))
                        .as("other replacements")
                        .isNotEqualTo(first.terms().get(1));
            }
        }
    }

    @Test
    void anEvaluation_hasOneTextHoweverItIsCut() {
        try (PretrainingLearner learner = pair(CONFIG)) {
            Learner.Evaluation whole = learner.evaluate(List.of(batch(0)));
            Learner.Evaluation cut = learner.evaluate(rows(batch(0)));
            assertThat(whole.terms().get(1).predictions()).isEqualTo(33);
            assertThat(cut.terms().get(1).predictions()).isEqualTo(33);
            assertThat(cut.terms().get(1).loss()).isCloseTo(whole.terms().get(1).loss(), within(1e-6));
            assertThat(cut.terms().get(1).accuracy())
                    .isEqualTo(whole.terms().get(1).accuracy());
        }
    }

    @Test
    void withoutAMask_theDiscriminatorLearnsAlone() {
        try (PretrainingLearner learner = pair(CONFIG)) {
            Batch whole = SyntheticBatches.predictingBefore(batch(0), 0);
            Learner.Outcome outcome = learner.step(0, List.of(whole), 1e-3).outcome();
            assertThat(outcome.terms().get(0)).isNaN();
            assertThat(outcome.terms().get(1)).isFinite();
            assertThat(outcome.finite()).isTrue();
            assertThat(outcome.loss()).isCloseTo(WEIGHT * outcome.terms().get(1), within(1e-9));
        }
    }

    @Test
    void aSnapshot_holdsTheSitesOfBoth_theDiscriminatorsFirst() {
        try (PretrainingLearner learner = pair(CONFIG)) {
            learner.step(0, List.of(batch(0)), 1e-2).outcome();
            List<LayerNormSite> sites = learner.layerNormSites();
            assertThat(sites)
                    .extracting(site -> site.name() + " " + site.width())
                    .containsExactly(
                            "embeddings 6",
                            "layer.0.attention.output 16",
                            "layer.0.output 16",
                            "layer.1.attention.output 16",
                            "layer.1.output 16",
                            "generator.embeddings 6",
                            "generator.layer.0.attention.output 8",
                            "generator.layer.0.output 8",
                            "generator.layer.1.attention.output 8",
                            "generator.layer.1.output 8",
                            "generator.head 6");
            float[] snapshot = learner.layerNorms();
            for (int site = 0; site < sites.size(); site++) {
                boolean main = site < 5;
                assertThat(sites.get(site).network()).isEqualTo(main ? PretrainingModel.MAIN : GENERATOR);
                String name = sites.get(site).weight().parameter();
                HostTensor weight = learner.tensors()
                        .get(sites.get(site).network())
                        .weights()
                        .get(main ? name : name.replace(GENERATOR + "/", ""));
                assertThat(Arrays.copyOfRange(
                                snapshot, site * 32, site * 32 + sites.get(site).width()))
                        .as(name)
                        .containsExactly(weight.values());
            }
        }
    }

    @Test
    void bothLearn() {
        try (PretrainingLearner learner = pair(CONFIG)) {
            Learner.Evaluation before = learner.evaluate(List.of(batch(0)));
            for (int step = 0; step < 60; step++) {
                learner.step(step, List.of(batch(0)), 1e-2).outcome();
            }
            Learner.Evaluation after = learner.evaluate(List.of(batch(0)));
            assertThat(after.terms().get(0).loss())
                    .isLessThan(0.5 * before.terms().get(0).loss());
            assertThat(Architectures.of(CONFIG).modelType()).isEqualTo("electra");
            assertThat(after.terms().get(1).loss())
                    .isLessThan(before.terms().get(1).loss());
        }
    }
}
