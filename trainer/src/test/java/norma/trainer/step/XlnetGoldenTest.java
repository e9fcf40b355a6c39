package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import norma.datasets.batches.Batch;
import norma.datasets.objectives.Objective;
import norma.trainer.architectures.Architectures;
import norma.trainer.device.DeviceBatch;
import norma.trainer.device.Upload;
import norma.trainer.golden.Differences;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardPass;
import norma.trainer.model.Head;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.Network;
import norma.trainer.model.StageState;
import norma.trainer.model.Stages;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.step.ArchitectureGoldenTest.Steps;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * XLNet against Hugging Face's where it has more than other architectures: the query stream, and the pass without it.
 */
@Tag("engine")
class XlnetGoldenTest {
    static Stream<ReferenceFolder> fixtures() {
        return GoldenFixture.pretraining("xlnet").stream();
    }

    static Stream<Arguments> fixturesAndSteps() {
        return fixtures().flatMap(fixture -> Stream.of(Steps.OPERATORS, Steps.FUSED, Steps.HOST)
                .map(steps -> Arguments.of(fixture, steps)));
    }

    private static PretrainingLearner learner(ReferenceFolder golden, Steps steps) {
        PretrainingLearner learner = Learners.of(
                Architectures.config(golden.config(), golden + "/config.json"),
                golden.hyperparameters(),
                golden.objective(),
                1,
                List.of(Device.cpu()),
                steps.kernels());
        learner.load(golden.weights());
        return learner;
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void queryStream_itsAttentionAndItsLogits_areTheReferences(ReferenceFolder golden) throws IOException {
        try (PretrainingLearner learner = learner(golden, Steps.OPERATORS);
                SafetensorsFile io = golden.io();
                NDManager scope = learner.manager().newSubManager()) {
            ShownPass shown = new ShownPass(learner.inferencePass(), scope);
            Network network = learner.model().main();
            DeviceBatch batch = new DeviceBatch(Upload.to(scope), scope, golden.batch());
            StageState last = run(network.stages(), shown, batch);
            assertThat(last.streams()).hasSize(3);
            NDArray g = last.streams().get(2); // (B*P', H), with as many places as ours has
            AskedPlaces asked = AskedPlaces.of(io);
            int b = golden.batch().rows();
            int places = asked.positions().length / b;
            int ours = (int) (g.getShape().get(0) / b);
            SoftAssertions softly = new SoftAssertions();
            for (int i = 0; i < shown.queryStates().size(); i++) {
                float[] theirs = io.read("hidden_states_g." + i).values();
                float[] cut = first(shown.queryStates().get(i).toFloatArray(), b, ours, places);
                softly.assertThat(Differences.max(cut, theirs))
                        .as("hidden_states_g." + i)
                        .isLessThanOrEqualTo(2e-5);
            }
            for (int i = 0; i < shown.queryAttentions().size(); i++) {
                softly.assertThat(attention(
                                io, "attentions_g." + i, shown.queryAttentions().get(i), asked, b))
                        .as("attentions_g." + i)
                        .isLessThanOrEqualTo(5e-6);
            }
            NDArray logits = network.head(learner.inferencePass(), Head.LANGUAGE_MODEL, g, batch);
            softly.assertThat(Differences.max(
                            first(logits.toFloatArray(), b, ours, places),
                            io.read("logits").values()))
                    .as("logits, of places that are nowhere too")
                    .isLessThanOrEqualTo(2e-5);
            softly.assertThat(shown.queryAttentions()).isNotEmpty();
            softly.assertThat(shown.queryStates()).hasSize(network.config().numHiddenLayers() + 1);
            softly.assertAll();
        }
    }

    private static StageState run(Stages stages, ForwardPass pass, DeviceBatch batch) {
        StageState state = stages.begin(pass, batch);
        for (int stage = 0; stage < stages.count(); stage++) {
            state = stages.run(pass, stage, state);
        }
        return state;
    }

    /** The first places of each sequence: (B, ours, …) to (B, theirs, …). */
    private static float[] first(float[] values, int rows, int ours, int theirs) {
        assertThat(ours).isGreaterThanOrEqualTo(theirs);
        int ofRow = values.length / rows;
        int kept = ofRow / ours * theirs;
        float[] cut = new float[rows * kept];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(values, row * ofRow, cut, row * kept, kept);
        }
        return cut;
    }

    /** Theirs has a row of attention for every token, ours for every place. */
    private static double attention(SafetensorsFile io, String name, NDArray probs, AskedPlaces asked, int rows)
            throws IOException {
        long[] shape = probs.getShape().getShape(); // (B, A, P', S)
        float[] ours = probs.toFloatArray();
        float[] theirs = io.read(name).values(); // (B, A, S, S)
        int places = asked.positions().length / rows;
        int s = (int) shape[3];
        double largest = 0;
        int compared = 0;
        for (int i = 0; i < asked.positions().length; i++) {
            for (int head = 0; asked.positions()[i] >= 0 && head < shape[1]; head++) {
                int matrix = i / places * (int) shape[1] + head;
                int from = (matrix * (int) shape[2] + i % places) * s;
                int reference = (matrix * s + asked.positions()[i] % s) * s;
                largest = Math.max(
                        largest,
                        Differences.max(
                                Arrays.copyOfRange(ours, from, from + s),
                                Arrays.copyOfRange(theirs, reference, reference + s)));
                compared++;
            }
        }
        assertThat(compared).isPositive();
        return largest;
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void aPassThatHidesNothing_isTheReferencesContentStream(ReferenceFolder golden) throws IOException {
        try (PretrainingLearner learner = learner(golden, Steps.OPERATORS);
                SafetensorsFile io = golden.io();
                NDManager scope = learner.manager().newSubManager()) {
            ShownPass shown = new ShownPass(learner.inferencePass(), scope);
            NDArray logits = logits(learner, shown, plain(golden), scope);
            SoftAssertions softly = new SoftAssertions();
            softly.assertThat(shown.queryStates()).isEmpty();
            for (int i = 0; i < shown.hiddenStates().get(Stack.ENCODER).size(); i++) {
                compare(
                        softly,
                        io,
                        "plain.hidden_states." + i,
                        shown.hiddenStates().get(Stack.ENCODER).get(i),
                        2e-5);
            }
            for (int i = 0; i < shown.attentions().get(AttentionKind.ENCODER).size(); i++) {
                compare(
                        softly,
                        io,
                        "plain.attentions." + i,
                        shown.attentions().get(AttentionKind.ENCODER).get(i),
                        5e-6);
            }
            compare(softly, io, "plain.logits", logits, 2e-5);
            compare(softly, io, "bare.logits", logits(learner, shown.pass(), bare(golden), scope), 2e-5);
            softly.assertThat(learner.evaluate(List.of(plain(golden)))
                            .terms()
                            .get(0)
                            .loss())
                    .as("plain.loss")
                    .isCloseTo(golden.expected().at("/plain/loss/total").asDouble(), within());
            softly.assertAll();
        }
    }

    private static Offset<Double> within() {
        return Offset.offset(5e-6);
    }

    @ParameterizedTest
    @MethodSource("fixturesAndSteps")
    void gradientsOfThatPass_areTheReferences(ReferenceFolder golden, Steps steps) throws IOException {
        try (PretrainingLearner learner = learner(golden, steps);
                SafetensorsFile io = golden.io()) {
            Map<String, HostTensor> gradients = learner.gradients(0, List.of(plain(golden)));
            Set<String> without = new HashSet<>();
            golden.expected().at("/plain/params_without_grad").forEach(name -> without.add(name.asText()));
            assertThat(without).isNotEmpty();
            SoftAssertions softly = new SoftAssertions();
            gradients.forEach((name, gradient) -> {
                float[] theirs = new float[gradient.values().length];
                if (!without.contains(name)) {
                    theirs = read(io, "plain.grad." + name);
                }
                softly.assertThat(Differences.max(gradient.values(), theirs))
                        .as(name)
                        .isLessThanOrEqualTo(2e-5);
            });
            softly.assertAll();
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void ablationsOfThatPass_areTheReferences(ReferenceFolder golden) throws IOException {
        try (PretrainingLearner learner = learner(golden, Steps.OPERATORS);
                SafetensorsFile io = golden.io();
                NDManager scope = learner.manager().newSubManager()) {
            SoftAssertions softly = new SoftAssertions();
            for (Map.Entry<String, JsonNode> ablation :
                    golden.expected().get("ablation").properties()) {
                Map<String, HostTensor> weights = golden.weights();
                for (JsonNode zeroed : ablation.getValue().get("zeroed")) { // vectors all
                    zeroed.get("index")
                            .forEach(index ->
                                    weights.get(zeroed.get("param").asText()).values()[index.asInt()] = 0);
                }
                learner.load(weights);
                String name = "ablation." + ablation.getKey() + ".plain.logits";
                compare(softly, io, name, logits(learner, learner.inferencePass(), plain(golden), scope), 2e-5);
                softly.assertThat(learner.evaluate(List.of(plain(golden)))
                                .terms()
                                .get(0)
                                .loss())
                        .isCloseTo(ablation.getValue().at("/plain.loss/total").asDouble(), within());
            }
            softly.assertAll();
        }
    }

    private static NDArray logits(PretrainingLearner learner, ForwardPass pass, Batch host, NDManager scope) {
        Network network = learner.model().main();
        DeviceBatch batch = new DeviceBatch(Upload.to(scope), scope, host);
        return network.head(pass, Head.LANGUAGE_MODEL, network.stages().forward(pass, batch), batch);
    }

    /** The fixture's inputs with a label for each token and none of them hidden. */
    private static Batch plain(ReferenceFolder golden) throws IOException {
        Batch batch = golden.batch();
        try (SafetensorsFile io = golden.io()) {
            long[] labels = io.readLongs("input.plain.labels");
            int[] positions = IntStream.range(0, labels.length)
                    .filter(i -> labels[i] != Objective.NOT_PREDICTED)
                    .toArray();
            return new Batch(
                    batch.rows(),
                    batch.length(),
                    batch.inputIds(),
                    batch.tokenTypeIds(),
                    batch.lengths(),
                    positions,
                    Arrays.stream(positions).map(i -> (int) labels[i]).toArray(),
                    null);
        }
    }

    /** The ids alone: no padding, no segments. */
    private static Batch bare(ReferenceFolder golden) {
        Batch batch = golden.batch();
        int[] lengths = new int[batch.rows()];
        Arrays.fill(lengths, batch.length());
        int[] ids = batch.inputIds();
        return new Batch(batch.rows(), batch.length(), ids, new int[ids.length], lengths, new int[0], new int[0], null);
    }

    private static void compare(
            SoftAssertions softly, SafetensorsFile io, String name, NDArray ours, double tolerance) {
        softly.assertThat(Differences.max(ours.toFloatArray(), read(io, name)))
                .as(name)
                .isLessThanOrEqualTo(tolerance);
    }

    private static float[] read(SafetensorsFile io, String name) {
        try {
            return io.read(name).values();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
