package norma.trainer.gpt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.dropout.DropoutSite;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.golden.PublishedFolder;
import norma.trainer.imports.ImportOptions;
import norma.trainer.imports.ModelImport;
import norma.trainer.model.ForwardObserver;
import norma.trainer.model.Head;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Network;
import norma.trainer.model.PretrainingModel;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is GPT-2's own; what it shares with every architecture, ArchitectureGoldenTest compares. */
@Tag("engine")
class Gpt2Test {
    private static final ReferenceFolder GOLDEN = GoldenFixture.of("gpt2");
    private static final Gpt2Architecture ARCHITECTURE = new Gpt2Architecture();
    private static final String WORDS = "transformer.wte.weight";

    @TempDir
    private Path folder;

    /** Of the published gpt2. */
    @Test
    void thePublishedConfiguration_isTheDefault() throws IOException {
        String small = """
                {"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
                 "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256, "initializer_range": 0.02,
                 "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768, "n_head": 12,
                 "n_layer": 12, "n_positions": 1024, "resid_pdrop": 0.1, "summary_activation": null,
                 "summary_first_dropout": 0.1, "summary_proj_to_labels": true, "summary_type": "cls_index",
                 "summary_use_proj": true, "vocab_size": 50257}
                """;
        Gpt2Config config = (Gpt2Config) Architectures.config(new ObjectMapper().readTree(small), "config.json");
        assertThat(config.longestSequence()).isEqualTo(1024);
        assertThat(config.intermediateSize()).isEqualTo(3072);
        assertThat(Gpt2Config.fromJson(config.toJson(), "config.json")).isEqualTo(config);
        assertThat(new Gpt2Config(
                        50257, null, null, null, null, null, null, null, null, null, null, null, null, 50256, null))
                .isEqualTo(config);
        double parameters = Architectures.of(config).network(config).parameters().stream()
                .mapToDouble(parameter -> parameter.getShape().size())
                .sum();
        assertThat(parameters).isEqualTo(124_439_808); // as Hugging Face counts the published one
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{model: {model_type: gpt2}, data: {objective: mlm}} | data.objective: found mlm, expected clm, which model.model_type gpt2 is trained with",
                "{data: {objective: clm}} | data.objective: found clm, expected mlm or mlm+nsp, which model.model_type bert is trained with",
                "{model: {model_type: gpt2, n_embd: 30, n_head: 4}, data: {objective: clm}} | n_embd: found 30, expected a multiple of n_head (4)",
                "{model: {model_type: gpt2, n_positions: 4}, data: {objective: clm}} | n_positions: found 4, expected a whole number of at least 8",
                "{model: {model_type: gpt2, n_positions: 32}, data: {objective: clm, sequence_length: 33}} | data.sequence_length: found 33, expected at most model.n_positions (32)",
                "{model: {model_type: gpt2, activation_function: swish}, data: {objective: clm}} | activation_function: found swish, expected gelu, gelu_new or relu",
                "{model: {model_type: gpt2, hidden_size: 32}, data: {objective: clm}} | model.hidden_size: unknown key",
                "{model: {model_type: gpt2, variant: {norm: rms-norm}}, data: {objective: clm}} | variant",
            })
    void whatDoesNotFit_isRefused(String yaml, String message) {
        assertThatThrownBy(() -> RunConfigYaml.parse(yaml, "run.yaml", List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "scale_attn_weights, false",
        "scale_attn_by_inverse_layer_idx, true",
        "add_cross_attention, true",
        "tie_word_embeddings, false"
    })
    void whatItDoesNotCompute_isRefusedByKey(String key, boolean value) {
        ObjectNode config = GOLDEN.config().deepCopy();
        config.put(key, value);
        assertThatThrownBy(() -> Architectures.config(config, "config.json"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("config.json: " + key + ": found " + value + ", expected " + !value);
    }

    /**
     * Radford et al. 2019, section 2.3: residual projections are scaled at initialisation by 1 / sqrt(residual layers).
     */
    @Test
    void projectionsIntoTheResidualStream_beginSmaller() {
        Gpt2Config config = new Gpt2Config(300, 32, 128, 8, 4, null, null, null, null, null, null, 0.02, null, 0, null);
        Network network = ARCHITECTURE
                .pretraining(config, ARCHITECTURE.standardObjective(Set.of()), 5)
                .networks()
                .get(PretrainingModel.MAIN);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            for (Parameter parameter : network.parameters()) {
                String name = parameter.getName();
                if (parameter.getShape().dimension() < 2) {
                    continue;
                }
                parameter.initialize(manager, DataType.FLOAT32);
                float[] values = parameter.getArray().toFloatArray();
                double expected = name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(2 * 8) : 0.02;
                double error = expected / Math.sqrt(values.length); // of the mean; of the deviation 1 / sqrt(2) of it
                assertThat(mean(values)).as(name).isCloseTo(0, within(6 * error));
                assertThat(Math.sqrt(meanOfSquares(values))).as(name).isCloseTo(expected, within(6 * error));
            }
        }
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double meanOfSquares(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum / values.length;
    }

    @Test
    void dropout_isWhereHuggingFaceHasIt() {
        Gpt2Config config = new Gpt2Config(300, 32, 16, 2, 4, null, null, 0.1, 0.2, 0.3, null, null, null, 0, null);
        DropoutSite embeddings = DropoutSite.ofHiddenStates(8, 32, 16, 0.2);
        DropoutSite attention = DropoutSite.ofAttentionProbs(4, 8, 32, 0.3);
        DropoutSite residual = DropoutSite.ofHiddenStates(8, 32, 16, 0.1);
        assertThat(config.dropoutSites(8, 32))
                .containsExactly(embeddings, attention, residual, residual, attention, residual, residual);
    }

    @Test
    void itsClassifier_readsTheLastTokenOfEachRow_notThePadding() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>(GOLDEN.weights());
        int hidden = GOLDEN.config().get("n_embd").asInt();
        float[] score = Arrays.copyOf(weights.get(WORDS).values(), 3 * hidden);
        weights.put("score.weight", new HostTensor(new long[] {3, hidden}, score));
        ObjectNode config = GOLDEN.config().deepCopy();
        config.putArray("architectures").add("GPT2ForSequenceClassification");
        PublishedFolder.write(folder, config, weights);
        Batch batch = GOLDEN.unlabelledBatch();
        assertThat(batch.hasPadding()).isTrue();
        try (PretrainedModel model = PretrainedModel.open(folder, Device.cpu());
                BatchState state = model.advance(batch, 0)) {
            assertThat(model.heads()).containsExactly(Head.CLASSIFIER);
            float[] last = model.lastHiddenState(state, ForwardObserver.NONE);
            float[] logits = model.classLogits(state);
            assertThat(logits).hasSize(3 * batch.rows());
            for (int row = 0; row < batch.rows(); row++) {
                int token = row * batch.length() + batch.lengths()[row] - 1;
                for (int label = 0; label < 3; label++) {
                    double expected = 0;
                    for (int i = 0; i < hidden; i++) {
                        expected += (double) score[label * hidden + i] * last[token * hidden + i];
                    }
                    assertThat((double) logits[3 * row + label]).isCloseTo(expected, within(2e-5));
                }
            }
        }
    }

    /** The published file has no prefix, and buffers. */
    @Test
    void aPublishedFile_inShardsToo_isImported() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        GOLDEN.weights().forEach((name, tensor) -> weights.put(name.replaceFirst("^transformer\\.", ""), tensor));
        for (int layer = 0; layer < GOLDEN.config().get("n_layer").asInt(); layer++) {
            weights.put("h." + layer + ".attn.bias", new HostTensor(new long[] {1, 1, 2, 2}, new float[] {1, 0, 1, 1}));
            weights.put("h." + layer + ".attn.masked_bias", new HostTensor(new long[] {1}, new float[] {-1e4f}));
        }
        PublishedFolder.writeShards(folder, GOLDEN.config(), weights);
        ObjectNode record = ModelImport.run(folder, folder.resolve("imported"), ImportOptions.NONE, false);
        assertThat(record.get("heads").toString()).isEqualTo("[\"language_model\"]");
        assertThat(record.get("architecture").asText()).isEqualTo("GPT2LMHeadModel");
        try (PretrainedModel model = PretrainedModel.open(folder.resolve("imported"), Device.cpu());
                BatchState state = model.advance(GOLDEN.batch(), 0)) {
            assertThat(model.score(state).loss())
                    .isCloseTo(GOLDEN.expected().at("/loss/total").asDouble(), within(5e-6));
            assertThat(model.layerNormSites())
                    .filteredOn(LayerNormSite::isLayerOutput)
                    .hasSize(model.config().numHiddenLayers());
        }
    }
}
