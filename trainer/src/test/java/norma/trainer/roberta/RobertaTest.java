package norma.trainer.roberta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.golden.ByHand;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.golden.PublishedFolder;
import norma.trainer.imports.ImportOptions;
import norma.trainer.imports.ModelImport;
import norma.trainer.model.ForwardObserver;
import norma.trainer.model.Head;
import norma.trainer.model.LayerNormSite;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is RoBERTa's own; what it shares with every architecture, ArchitectureGoldenTest compares. */
@Tag("engine")
class RobertaTest {
    private static final ReferenceFolder GOLDEN = GoldenFixture.of("roberta");

    @TempDir
    private Path folder;

    @Test
    void positions_beginAfterThePaddingToken_inEveryRow() {
        int[] ids = {0, 9, 2, 1, 1, /**/ 0, 9, 9, 9, 2, /**/ 0, 1, 9, 2, 1};
        Batch batch = new Batch(3, 5, ids, new int[15], new int[] {3, 5, 5}, new int[0], new int[0], null);
        assertThat(new RobertaPositions(1).of(batch))
                .containsExactly(2, 3, 4, 1, 1, /**/ 2, 3, 4, 5, 6, /**/ 2, 1, 3, 4, 1);
    }

    @Test
    void thePublishedConfiguration_leavesRoomFor512Tokens() throws IOException {
        String base = """
                {"architectures": ["RobertaForMaskedLM"], "attention_probs_dropout_prob": 0.1, "bos_token_id": 0,
                 "eos_token_id": 2, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 768,
                 "initializer_range": 0.02, "intermediate_size": 3072, "layer_norm_eps": 1e-05,
                 "max_position_embeddings": 514, "model_type": "roberta", "num_attention_heads": 12,
                 "num_hidden_layers": 12, "pad_token_id": 1, "type_vocab_size": 1, "vocab_size": 50265}
                """;
        RobertaConfig config = (RobertaConfig) Architectures.config(new ObjectMapper().readTree(base), "config.json");
        assertThat(config.longestSequence()).isEqualTo(512);
        assertThat(config.layerNormEps()).isEqualTo(1e-5);
        assertThat(config.typeVocabSize()).isEqualTo(1);
        assertThat(RobertaConfig.fromJson(config.toJson(), "config.json")).isEqualTo(config);
        assertThat(new RobertaConfig(
                        50265, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                        null))
                .isEqualTo(config);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{model: {model_type: roberta}, data: {objective: mlm+nsp}} | data.objective: found mlm+nsp, expected mlm, which model.model_type roberta is trained with",
                "{model: {model_type: roberta, max_position_embeddings: 64}, data: {sequence_length: 64}} | data.sequence_length: found 64, expected at most model.max_position_embeddings (62)",
                "{model: {model_type: roberta, max_position_embeddings: 9}} | max_position_embeddings: found 9, expected at least 10",
                "{model: {bos_token_id: 0}} | model.bos_token_id: unknown key, expected only with model_type roberta",
                "{model: {model_type: robrta}} | model_type: found \"robrta\", expected one of bert, roberta",
            })
    void whatDoesNotFit_isRefused(String yaml, String message) {
        assertThatThrownBy(() -> RunConfigYaml.parse(yaml, "run.yaml", List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aConfigurationWithoutAModelType_isABert_andARobertaReadsBackAsItself() {
        assertThat(RunConfigYaml.parse("{}", "run.yaml", List.of()).model().modelType())
                .isEqualTo("bert");
        String yaml = RunConfigYaml.write(
                RunConfigYaml.parse("{model: {model_type: roberta, hidden_size: 24}}", "run.yaml", List.of()));
        assertThat(yaml).contains("model_type: \"roberta\"");
        assertThat(RunConfigYaml.parse(yaml, "run.yaml", List.of()).model())
                .isInstanceOfSatisfying(RobertaConfig.class, model -> assertThat(model.hiddenSize())
                        .isEqualTo(24));
    }

    @Test
    void theHeadHasGelu_whateverHiddenActSays() throws IOException {
        ObjectNode config = GOLDEN.config().deepCopy();
        config.put("hidden_act", "relu");
        PublishedFolder.write(folder, config, GOLDEN.weights());
        try (PretrainedModel relu = PretrainedModel.open(folder, Device.cpu());
                PretrainedModel gelu = PretrainedModel.open(GOLDEN.folder(), Device.cpu());
                BatchState ofRelu = relu.advance(GOLDEN.batch(), 0);
                BatchState ofGelu = gelu.advance(GOLDEN.batch(), 0)) {
            int hidden = relu.config().hiddenSize();
            float[] last = relu.lastHiddenState(ofRelu, ForwardObserver.NONE);
            assertThat(last).isNotEqualTo(gelu.lastHiddenState(ofGelu, ForwardObserver.NONE));
            float[] logits = relu.predictedLogits(ofRelu);
            int at = GOLDEN.batch().predictedPositions()[0];
            assertThat((double) logits[7])
                    .isCloseTo(logit(Arrays.copyOfRange(last, at * hidden, (at + 1) * hidden), 7), within(1e-4));
        }
    }

    /** LN(gelu(W x + b)) · E_token + c, in double. */
    private static double logit(float[] x, int token) {
        Map<String, HostTensor> weights = GOLDEN.weights();
        double[] inner = ByHand.linear(weights, "lm_head.dense", x);
        for (int i = 0; i < inner.length; i++) {
            inner[i] = ByHand.gelu(inner[i]);
        }
        double mean = Arrays.stream(inner).average().orElseThrow();
        double variance = Arrays.stream(inner)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElseThrow();
        double logit = weights.get("lm_head.bias").values()[token];
        float[] table = weights.get("roberta.embeddings.word_embeddings.weight").values();
        for (int i = 0; i < inner.length; i++) {
            double normed = (inner[i] - mean)
                            / Math.sqrt(variance + 1e-5)
                            * weights.get("lm_head.layer_norm.weight").values()[i]
                    + weights.get("lm_head.layer_norm.bias").values()[i];
            logit += normed * table[token * inner.length + i];
        }
        return logit;
    }

    @Test
    void itsClassifier_isHuggingFacesTwoLayersOnTheFirstToken() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>(GOLDEN.weights());
        weights.keySet().removeIf(name -> name.startsWith("lm_head."));
        int hidden = GOLDEN.config().get("hidden_size").asInt();
        weights.put("classifier.dense.weight", GOLDEN.weights().get("lm_head.dense.weight"));
        weights.put("classifier.dense.bias", GOLDEN.weights().get("lm_head.dense.bias"));
        float[] rows = Arrays.copyOf(
                GOLDEN.weights()
                        .get("roberta.embeddings.word_embeddings.weight")
                        .values(),
                3 * hidden);
        weights.put("classifier.out_proj.weight", new HostTensor(new long[] {3, hidden}, rows));
        weights.put("classifier.out_proj.bias", new HostTensor(new long[] {3}, new float[] {0.1f, -0.2f, 0.3f}));
        ObjectNode config = GOLDEN.config().deepCopy();
        config.putArray("architectures").add("RobertaForSequenceClassification");
        PublishedFolder.write(folder, config, weights);
        try (PretrainedModel model = PretrainedModel.open(folder, Device.cpu());
                BatchState state = model.advance(GOLDEN.unlabelledBatch(), 0)) {
            assertThat(model.heads()).containsExactly(Head.CLASSIFIER);
            assertThat(model.labels()).containsExactly("LABEL_0", "LABEL_1", "LABEL_2");
            float[] last = model.lastHiddenState(state, ForwardObserver.NONE);
            double[] dense = ByHand.linear(weights, "classifier.dense", Arrays.copyOf(last, hidden));
            float[] squashed = new float[hidden];
            for (int i = 0; i < hidden; i++) {
                squashed[i] = (float) Math.tanh(dense[i]);
            }
            double[] expected = ByHand.linear(weights, "classifier.out_proj", squashed);
            float[] logits = model.classLogits(state);
            assertThat(logits).hasSize(3 * GOLDEN.unlabelledBatch().rows());
            for (int label = 0; label < 3; label++) {
                assertThat((double) logits[label]).isCloseTo(expected[label], within(1e-5));
            }
        }
    }

    @Test
    void aRobertaModelWithAPooler_andTheTiedCopiesOfAnOldFile_areImported() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        GOLDEN.weights().forEach((name, tensor) -> weights.put(name.replaceFirst("^roberta\\.", ""), tensor));
        weights.put("pooler.dense.weight", GOLDEN.weights().get("lm_head.dense.weight"));
        weights.put("pooler.dense.bias", GOLDEN.weights().get("lm_head.dense.bias"));
        weights.put("lm_head.decoder.weight", GOLDEN.weights().get("roberta.embeddings.word_embeddings.weight"));
        weights.put("lm_head.decoder.bias", GOLDEN.weights().get("lm_head.bias"));
        weights.put("embeddings.position_ids", new HostTensor(new long[] {1}, new float[1]));
        PublishedFolder.write(folder, GOLDEN.config().deepCopy(), weights);
        Path imported = folder.resolve("imported");
        ObjectNode record = ModelImport.run(folder, imported, ImportOptions.NONE, false);
        assertThat(record.get("heads").toString()).isEqualTo("[\"pooler\",\"language_model\"]");
        assertThat(record.get("architecture").asText()).isEqualTo("RobertaForMaskedLM");
        try (PretrainedModel model = PretrainedModel.open(imported, Device.cpu());
                BatchState state = model.advance(GOLDEN.batch(), 0);
                SafetensorsFile io = GOLDEN.io()) {
            assertThat(model.score(state).loss())
                    .isCloseTo(GOLDEN.expected().at("/loss/total").asDouble(), within(5e-6));
            float[] expected =
                    io.read("hidden_states." + model.config().numHiddenLayers()).values();
            float[] last = model.lastHiddenState(state, ForwardObserver.NONE);
            for (int i = 0; i < expected.length; i++) {
                assertThat((double) last[i]).isCloseTo(expected[i], within(2e-5));
            }
            assertThat(model.layerNormSites())
                    .filteredOn(LayerNormSite::isLayerOutput)
                    .hasSize(model.config().numHiddenLayers());
        }
    }

    @Test
    void aConfigurationBesideTheTensorsOfAnotherArchitecture_isNamedAsSuch() throws IOException {
        PublishedFolder.write(
                folder, GOLDEN.config().deepCopy(), GoldenFixture.of("bert").weights());
        assertThatThrownBy(() -> PretrainedModel.open(folder, Device.cpu()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("the tensors are those of model_type bert, so the two files are of two models");
    }
}
