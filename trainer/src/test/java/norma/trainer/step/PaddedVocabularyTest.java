package norma.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.trainer.architectures.Architectures;
import norma.trainer.blocks.KernelSet;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.ModelConfig;
import norma.trainer.model.Precision;
import norma.trainer.optimizer.AdamW;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.safetensors.SafetensorsWriter;
import norma.trainer.serving.FillMaskModel;
import norma.trainer.serving.LetterCheckpoint;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Word embeddings that are filled up: the rows of no token are never predicted and never trained. */
@Tag("engine")
class PaddedVocabularyTest {
    private static final int TOKENS = 37;
    private static final int ROWS = 40;
    private static final float RULED_OUT = -10_000;

    private static Replica.Kernels kernels(KernelSet.Way way, Precision precision) {
        return new Replica.Kernels(new KernelSet.Choice(way, precision), false);
    }

    private static ObjectNode json(String type) {
        ObjectNode json = HiddenAxesTest.models()
                .filter(one -> one.modelType().equals(type))
                .findFirst()
                .orElseThrow()
                .toJson();
        json.remove("norma_variant");
        return json;
    }

    private static ModelConfig padded(String type) {
        ObjectNode json = json(type).put("vocab_size", ROWS);
        json.putObject("norma_variant").put("pad_vocab_to_multiple_of", 8).put("unpadded_vocab_size", TOKENS);
        return Architectures.config(json, "config.json");
    }

    private static ModelConfig plain(String type) {
        return Architectures.config(json(type).put("vocab_size", TOKENS), "config.json");
    }

    private static PretrainingLearner learner(ModelConfig config, Replica.Kernels kernels) {
        AdamW.Hyperparameters adam = new AdamW.Hyperparameters(0.9, 0.999, 1e-8, 0.01, 1);
        return Learners.of(config, adam, Learners.objective(false), 7, List.of(Device.cpu()), kernels);
    }

    private static Batch batch(long seed) {
        return SyntheticBatches.batch(8, 9, TOKENS, seed);
    }

    private static String bias(String type) {
        return type.equals("bert") ? "cls.predictions.bias" : "lm_head.bias";
    }

    @ParameterizedTest
    @CsvSource({"bert, OPERATORS", "bert, FUSED", "bert, HOST", "roberta, OPERATORS", "roberta, FUSED"})
    void lossGradientsNormAndSteps_areThoseOfTheModelWithoutPadding(String type, KernelSet.Way way) {
        Replica.Kernels kernels = kernels(way, Precision.FLOAT32);
        try (PretrainingLearner plain = learner(plain(type), kernels);
                PretrainingLearner padded = learner(padded(type), kernels)) {
            assertAlike(Learners.weights(padded), Learners.weights(plain), 0);
            Map<String, HostTensor> gradients = padded.gradients(0, List.of(batch(0)));
            assertAlike(gradients, plain.gradients(0, List.of(batch(0))), 2e-7);
            for (String filled : List.of(bias(type), type + ".embeddings.word_embeddings.weight")) {
                float[] values = gradients.get(filled).values();
                assertThat(Arrays.copyOfRange(values, values.length / ROWS * TOKENS, values.length))
                        .as(filled)
                        .containsOnly(0);
            }
            for (int step = 0; step < 5; step++) {
                Learner.Outcome expected =
                        plain.step(step, List.of(batch(step)), 1e-2).outcome();
                Learner.Outcome outcome =
                        padded.step(step, List.of(batch(step)), 1e-2).outcome();
                assertThat(outcome.loss()).isCloseTo(expected.loss(), within(1e-5));
                assertThat(outcome.gradientNorm()).isCloseTo(expected.gradientNorm(), within(1e-4));
            }
            assertThat(padded.evaluate(List.of(batch(9))).loss())
                    .isCloseTo(plain.evaluate(List.of(batch(9))).loss(), within(1e-5));
            assertFilled(type, Learners.weights(padded));
        }
    }

    @ParameterizedTest
    @CsvSource({"FUSED, BF16", "HOST, BF16", "FUSED, FLOAT32"})
    void theRowsThatFill_stayAsTheyWere_inEveryPrecision(KernelSet.Way way, Precision precision) {
        try (PretrainingLearner padded = learner(padded("bert"), kernels(way, precision))) {
            for (int step = 0; step < 30; step++) {
                padded.step(step, List.of(batch(0)), 1e-2);
            }
            assertFilled("bert", Learners.weights(padded));
        }
    }

    /** The parameters of both, of the padded ones the rows of tokens. */
    private static void assertAlike(Map<String, HostTensor> padded, Map<String, HostTensor> plain, double tolerance) {
        assertThat(padded.keySet()).isEqualTo(plain.keySet());
        plain.forEach((name, tensor) -> {
            float[] ours = padded.get(name).values();
            for (int i = 0; i < tensor.values().length; i++) {
                assertThat((double) ours[i]).as(name).isCloseTo(tensor.values()[i], within(tolerance));
            }
        });
    }

    private static void assertFilled(String type, Map<String, HostTensor> weights) {
        HostTensor words = weights.get(type + ".embeddings.word_embeddings.weight");
        int width = (int) words.shape()[1];
        assertThat(words.shape()).containsExactly(ROWS, width);
        assertThat(Arrays.copyOfRange(words.values(), TOKENS * width, ROWS * width))
                .containsOnly(0);
        assertThat(Arrays.copyOfRange(weights.get(bias(type)).values(), TOKENS, ROWS))
                .containsOnly(RULED_OUT);
    }

    @Test
    void logitsAndFilledMasks_areThoseOfTheCheckpointWithoutPadding(@TempDir Path folder) throws Exception {
        Path plain = LetterCheckpoint.in(folder);
        int tokens = GoldenFixture.of("bert").config().get("vocab_size").asInt();
        int multiple = 64;
        int rows = (tokens + multiple - 1) / multiple * multiple;
        assertThat(rows).isGreaterThan(tokens);
        Path padded = padded(plain, folder.resolve("padded"), tokens, rows, multiple);
        Batch batch = GoldenFixture.of("bert").batch();
        try (PretrainedModel one = PretrainedModel.open(plain, Device.cpu());
                PretrainedModel other = PretrainedModel.open(padded, Device.cpu());
                BatchState a = one.advance(batch, 0);
                BatchState b = other.advance(batch, 0)) {
            float[] expected = one.predictedLogits(a); // (M, V)
            float[] logits = other.predictedLogits(b); // (M, V)
            assertThat(logits).hasSameSizeAs(expected);
            for (int i = 0; i < logits.length; i++) {
                assertThat(logits[i]).isCloseTo(expected[i], within(1e-5f));
            }
            assertThat(other.score(b).loss()).isCloseTo(one.score(a).loss(), within(1e-6));
            assertThat(other.score(b).correct()).isEqualTo(one.score(a).correct());
            float[] shares = new float[batch.predictedPositions().length];
            Arrays.fill(shares, Math.nextDown(1f));
            assertThat(Arrays.stream(other.draws(b, shares)).max().orElseThrow())
                    .isLessThan(tokens);
            assertThat(other.draws(b, shares)).isEqualTo(one.draws(a, shares));
            Batch beyond =
                    new Batch(1, 2, new int[] {1, tokens}, new int[2], new int[] {2}, new int[1], new int[1], null);
            assertThatThrownBy(() -> other.advance(beyond, 0))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("token id: found " + tokens);
        }
        assertThat(filled(padded, tokens)).isEqualTo(filled(plain, tokens));
        assertThatThrownBy(() -> FillMaskModel.open(padded, Device.cpu(), tokens + 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("expected 1 to " + tokens);
    }

    private static List<String> filled(Path checkpoint, int count) throws Exception {
        try (FillMaskModel model = FillMaskModel.open(checkpoint, Device.cpu(), count);
                Predictor<String, Classifications> predictor = model.newPredictor()) {
            return predictor.predict("a ship [MASK] to sea.").getClassNames();
        }
    }

    private static Path padded(Path from, Path to, int tokens, int rows, int multiple) throws IOException {
        Files.createDirectory(to);
        Files.copy(from.resolve("tokenizer.json"), to.resolve("tokenizer.json"));
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) mapper.readTree(from.resolve("config.json").toFile());
        config.put("vocab_size", rows);
        config.putObject("norma_variant")
                .put("pad_vocab_to_multiple_of", multiple)
                .put("unpadded_vocab_size", tokens);
        mapper.writeValue(to.resolve("config.json").toFile(), config);
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(from.resolve("model.safetensors"))) {
            for (String name : file.names()) {
                HostTensor tensor = file.read(name);
                boolean counts = tensor.shape().length > 0
                        && tensor.shape()[0] == tokens
                        && (name.endsWith("word_embeddings.weight") || name.equals("cls.predictions.bias"));
                tensors.put(name, counts ? longer(tensor, rows) : tensor);
            }
        }
        assertThat(tensors.get("cls.predictions.bias").shape()).containsExactly(rows);
        SafetensorsWriter.write(to.resolve("model.safetensors"), tensors, Map.of());
        return to;
    }

    private static HostTensor longer(HostTensor tensor, int rows) {
        long[] shape = tensor.shape().clone();
        int row = tensor.values().length / (int) shape[0];
        shape[0] = rows;
        float[] values = Arrays.copyOf(tensor.values(), rows * row);
        if (shape.length == 1) {
            Arrays.fill(values, tensor.values().length, values.length, RULED_OUT);
        }
        return new HostTensor(shape, values);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta"})
    void configJson_countsTheRowsAsHuggingFaceDoes_saysHowManyAreTokens_andIsReadBack(String type) {
        ModelConfig config = padded(type);
        assertThat(config.vocabSize()).isEqualTo(TOKENS);
        assertThat(config.vocabularyRows()).isEqualTo(ROWS);
        assertThat(config.toJson().get("model_type").asText()).isEqualTo(type);
        assertThat(config.toJson().get("vocab_size").asInt()).isEqualTo(ROWS);
        assertThat(config.toJson().at("/norma_variant/unpadded_vocab_size").asInt())
                .isEqualTo(TOKENS);
        assertThat(Architectures.config(config.toJson(), "config.json")).isEqualTo(config);

        ObjectNode wrong = config.toJson();
        ((ObjectNode) wrong.get("norma_variant")).put("unpadded_vocab_size", TOKENS + 8);
        assertThatThrownBy(() -> Architectures.config(wrong, "config.json"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("config.json: norma_variant.unpadded_vocab_size: found 45, expected a number of"
                        + " tokens that norma_variant.pad_vocab_to_multiple_of (8) fills up to vocab_size (40)");
    }

    @Test
    void settingsThatWouldLetTheRowsBePredicted_areRefused() {
        String run = "model: {vocab_size: 37, variant: {pad_vocab_to_multiple_of: 8}}";
        assertThat(RunConfigYaml.parse(run, "test", List.of()).model().vocabularyRows())
                .isEqualTo(ROWS);
        assertThatThrownBy(() -> RunConfigYaml.parse(run, "test", List.of("optimizer.decay_bias=true")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("optimizer.decay_bias: found true, expected false");
        assertThatThrownBy(() -> RunConfigYaml.parse(run, "test", List.of("model.variant.output_bias=false")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("variant.output_bias: found false, expected true");
        assertThatThrownBy(() -> RunConfigYaml.parse(run, "test", List.of("model.variant.pad_vocab_to_multiple_of=0")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("variant.pad_vocab_to_multiple_of: found 0");
    }
}
