package norma.trainer.xlnet;

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
import norma.datasets.batches.HiddenTokens;
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

/** What is XLNet's own; its numbers are compared by ArchitectureGoldenTest and XlnetGoldenTest. */
@Tag("engine")
class XlnetTest {
    private static final ReferenceFolder GOLDEN = GoldenFixture.of("xlnet");
    private static final XlnetArchitecture ARCHITECTURE = new XlnetArchitecture();

    @TempDir
    private Path folder;

    private static XlnetConfig config(double dropout) {
        return new XlnetConfig(300, 16, 2, 4, 24, null, dropout, 0.3, null, 0.05, null, 0);
    }

    /** Of the published xlnet-base-cased. */
    @Test
    void thePublishedConfiguration_isTheDefault() throws IOException {
        String base = """
                {"architectures": ["XLNetLMHeadModel"], "attn_type": "bi", "bi_data": false, "bos_token_id": 1, "clamp_len": -1,
                 "d_head": 64, "d_inner": 3072, "d_model": 768, "dropout": 0.1, "end_n_top": 5, "eos_token_id": 2,
                 "ff_activation": "gelu", "initializer_range": 0.02, "layer_norm_eps": 1e-12, "mem_len": null,
                 "model_type": "xlnet", "n_head": 12, "n_layer": 12, "pad_token_id": 5, "reuse_len": null,
                 "same_length": false, "start_n_top": 5, "summary_activation": "tanh", "summary_last_dropout": 0.1,
                 "summary_type": "last", "summary_use_proj": true, "untie_r": true, "vocab_size": 32000}
                """;
        XlnetConfig config = (XlnetConfig) Architectures.config(new ObjectMapper().readTree(base), "config.json");
        assertThat(XlnetConfig.fromJson(config.toJson(), "config.json")).isEqualTo(config);
        assertThat(new XlnetConfig(32000, null, null, null, null, null, null, null, null, null, null, 5))
                .isEqualTo(config);
        double parameters = Architectures.of(config).network(config).parameters().stream()
                .mapToDouble(parameter -> parameter.getShape().size())
                .sum();
        assertThat(parameters)
                .isEqualTo(116_718_336 + 32_000); // as Hugging Face counts XLNetModel, and the head's bias
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{model: {model_type: xlnet}, data: {objective: mlm}} | data.objective: found mlm, expected plm, which model.model_type xlnet is trained with",
                "{data: {objective: plm}} | data.objective: found plm, expected mlm or mlm+nsp, which model.model_type bert is trained with",
                "{model: {model_type: xlnet, d_model: 30, n_head: 4}, data: {objective: plm}} | d_model: found 30, expected a multiple of n_head (4)",
                "{model: {model_type: xlnet, d_model: 15, n_head: 3}, data: {objective: plm}} | d_model: found 15, expected an even number",
                "{model: {model_type: xlnet, mem_len: 64}, data: {objective: plm}} | mem_len: found 64, expected none: how much text is remembered is data.mem_len",
                "{model: {model_type: xlnet}, data: {objective: plm, mem_len: -1}} | data.mem_len: found -1, expected a whole number of at least 0",
                "{model: {model_type: xlnet}, data: {objective: plm, mem_len: 8, packing: sentence}} | data.packing: found sentence, expected full or separated-sentences, because data.mem_len remembers the running text",
                "{data: {mem_len: 8}} | data.mem_len: found 8, expected none, because objective mlm has no memory",
                "{model: {model_type: xlnet, dropout: 1}, data: {objective: plm}} | dropout: found 1.0, expected a probability",
                "{model: {model_type: xlnet, ff_activation: swish}, data: {objective: plm}} | ff_activation: found swish, expected gelu, gelu_new or relu",
                "{model: {model_type: xlnet, hidden_size: 32}, data: {objective: plm}} | model.hidden_size: unknown key",
                "{model: {model_type: xlnet, variant: {norm: rms-norm}}, data: {objective: plm}} | model.variant: unknown key",
                "{model: {model_type: xlnet, variant: {norm_position: pre}}, data: {objective: plm}} | model.variant: unknown key",
                "{model: {model_type: xlnet}, data: {objective: plm, mask_probability: 0.2}} | mask_probability: found 0.2, expected none",
            })
    void whatDoesNotFit_isRefused(String yaml, String message) {
        assertThatThrownBy(() -> RunConfigYaml.parse(yaml, "run.yaml", List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "attn_type, uni, bi",
        "bi_data, true, false",
        "clamp_len, 400, -1",
        "untie_r, false, true",
        "same_length, true, false",
        "tie_word_embeddings, false, true",
        "summary_type, first, last",
        "summary_use_proj, false, true",
        "summary_activation, relu, tanh",
        "d_head, 16, 8",
        "summary_first_dropout, 0.1, 0",
    })
    void whatItDoesNotCompute_isRefusedByKey(String key, String value, String expected) throws IOException {
        ObjectNode config = GOLDEN.config().deepCopy();
        boolean word = value.chars().allMatch(Character::isLetter) && !value.matches("true|false");
        String json = word ? '"' + value + '"' : value;
        config.set(key, new ObjectMapper().readTree(json));
        assertThatThrownBy(() -> Architectures.config(config, "config.json"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("config.json: " + key + ": found " + json + ", expected " + expected);
    }

    /** How much is remembered is not the model's to say here. */
    @Test
    void aPublishedMemoryLength_isRead() {
        assertThat(GOLDEN.config().get("mem_len").asInt()).isPositive();
        assertThat(((XlnetConfig) Architectures.config(GOLDEN.config(), "config.json")).memLen())
                .isZero();
    }

    @Test
    void matricesEmbeddingsAndAttentionsBiases_beginAsHuggingFaces() {
        XlnetConfig config = new XlnetConfig(300, 64, 2, 4, null, null, null, null, null, 0.02, null, 0);
        Network network = ARCHITECTURE
                .pretraining(config, ARCHITECTURE.standardObjective(Set.of()), 5)
                .networks()
                .get(PretrainingModel.MAIN);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            for (Parameter parameter : network.parameters()) {
                String name = parameter.getName();
                parameter.initialize(manager, DataType.FLOAT32);
                float[] values = parameter.getArray().toFloatArray();
                if (name.endsWith("layer_norm.weight")) {
                    assertThat(values).as(name).containsOnly(1);
                } else if (name.endsWith(".bias")) {
                    assertThat(values).as(name).containsOnly(0);
                } else {
                    double squares = 0;
                    for (float value : values) {
                        squares += (double) value * value;
                    }
                    assertThat(Math.sqrt(squares / values.length))
                            .as(name)
                            .isCloseTo(0.02, within(6 * 0.02 / Math.sqrt(2.0 * values.length)));
                }
            }
        }
    }

    /** As XLNetModel's, XLNetRelativeAttention's and XLNetFeedForward's; P is 6 for sequences of 8, 9 for 30. */
    /**
     * Of 2 sequences of 3 tokens, 4 of them predicted: counted by hand from the matrices' sizes. Dropout makes other
     * encodings of the 6 distances for each sequence.
     */
    @Test
    void multiplications_areThoseOfBothStreams_andOfEachSequencesDistances() {
        double content = 6 * (4 * 16 * 16 + 2 * 16 * 24 + 4 * 3 * 16);
        double query = 4 * (2 * 16 * 16 + 2 * 16 * 24 + 4 * 3 * 16);
        double distances = 6 * 16 * 16 * 2.0 / 3; // there, and back to the weight alone
        double head = 4 * 16 * 300;
        assertThat(config(0).multiplications(2, 3, 4, false)).isEqualTo(2 * (content + query + distances) + head);
        assertThat(config(0.1).multiplications(2, 3, 4, false)).isEqualTo(2 * (content + query + 2 * distances) + head);
    }

    @Test
    void dropout_isWhereHuggingFaceHasIt() {
        XlnetConfig config = config(0.1);
        DropoutSite content = DropoutSite.ofHiddenStates(8, 30, 16, 0.1);
        DropoutSite query = DropoutSite.ofHiddenStates(5, 9, 16, 0.1);
        List<DropoutSite> layer = List.of(
                DropoutSite.ofAttentionProbs(4, 8, 30, 0.1),
                content,
                DropoutSite.ofHiddenStates(8, 30, 24, 0.1),
                content);
        List<DropoutSite> ofQuery = List.of(
                new DropoutSite(4, 5, 8, 9, 30, 0.1, true), query, DropoutSite.ofHiddenStates(5, 9, 24, 0.1), query);
        List<DropoutSite> contentSites = config.contentDropoutSites(8, 30);
        assertThat(contentSites.subList(0, 2)).containsExactly(content, DropoutSite.ofHiddenStates(16, 60, 16, 0.1));
        assertThat(contentSites.subList(2, 6)).isEqualTo(layer);
        assertThat(contentSites.subList(6, 10)).isEqualTo(layer);
        List<DropoutSite> all = config.dropoutSites(8, 30);
        assertThat(all.subList(0, 10)).isEqualTo(contentSites);
        assertThat(all.get(10)).isEqualTo(query);
        assertThat(all.subList(11, 15)).isEqualTo(ofQuery);
        assertThat(all.subList(15, 19)).isEqualTo(ofQuery);
        assertThat(all.subList(19, all.size())).containsExactly(query);
        assertThat(ARCHITECTURE.classifier(config, 3, 1).dropoutSites(8, 30))
                .hasSize(12)
                .endsWith(DropoutSite.ofVectors(16, 0.1), DropoutSite.ofVectors(16, 0.3));
    }

    @Test
    void itsClassifier_readsTheLastTokenOfEachRow_howeverMuchPaddingFollows() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>(GOLDEN.weights());
        weights.remove("lm_loss.bias");
        int h = GOLDEN.config().get("d_model").asInt();
        float[] words = weights.get("transformer.word_embedding.weight").values();
        float[] dense = Arrays.copyOf(words, h * h);
        float[] bias = Arrays.copyOfRange(words, 1, 1 + h);
        float[] output = Arrays.copyOfRange(words, 7, 7 + 3 * h);
        weights.put("sequence_summary.summary.weight", new HostTensor(new long[] {h, h}, dense));
        weights.put("sequence_summary.summary.bias", new HostTensor(new long[] {h}, bias));
        weights.put("logits_proj.weight", new HostTensor(new long[] {3, h}, output));
        weights.put("logits_proj.bias", new HostTensor(new long[] {3}, new float[] {0.5f, -1, 2}));
        ObjectNode config = GOLDEN.config().deepCopy();
        config.putArray("architectures").add("XLNetForSequenceClassification");
        PublishedFolder.write(folder, config, weights);
        Batch batch = GOLDEN.unlabelledBatch();
        assertThat(batch.hasPadding()).isTrue();
        try (PretrainedModel model = PretrainedModel.open(folder, Device.cpu());
                BatchState state = model.advance(batch, 0)) {
            assertThat(model.heads()).containsExactly(Head.CLASSIFIER);
            float[] last = model.lastHiddenState(state, ForwardObserver.NONE);
            float[] logits = model.classLogits(state);
            for (int row = 0; row < batch.rows(); row++) {
                int token = row * batch.length() + batch.lengths()[row] - 1;
                double[] summary = new double[h];
                for (int i = 0; i < h; i++) {
                    summary[i] = bias[i];
                    for (int j = 0; j < h; j++) {
                        summary[i] += (double) dense[i * h + j] * last[token * h + j];
                    }
                    summary[i] = Math.tanh(summary[i]);
                }
                for (int label = 0; label < 3; label++) {
                    double expected = List.of(0.5, -1.0, 2.0).get(label);
                    for (int i = 0; i < h; i++) {
                        expected += output[label * h + i] * summary[i];
                    }
                    assertThat((double) logits[3 * row + label]).isCloseTo(expected, within(2e-5));
                }
            }
            int length = batch.lengths()[batch.rows() - 1]; // the last row alone, without its padding
            assertThat(length).isLessThan(batch.length());
            int from = (batch.rows() - 1) * batch.length();
            Batch alone = new Batch(
                    1,
                    length,
                    Arrays.copyOfRange(batch.inputIds(), from, from + length),
                    Arrays.copyOfRange(batch.tokenTypeIds(), from, from + length),
                    new int[] {length},
                    new int[0],
                    new int[0],
                    null);
            try (BatchState unpadded = model.advance(alone, 0)) {
                float[] same = model.classLogits(unpadded);
                for (int label = 0; label < 3; label++) {
                    assertThat(same[label]).isCloseTo(logits[3 * (batch.rows() - 1) + label], within(1e-5f));
                }
            }
        }
    }

    /** A sequence of 9 tokens, of which two are asked for. */
    private static Batch asking(int atBlank, int... positions) {
        int[] ids = {11, 12, atBlank, 14, 15, 16, atBlank, 3, 4};
        int[] types = {0, 0, 0, 0, 0, 0, 0, 0, 2};
        int[] blanks = {2, 6};
        return new Batch(1, 9, ids, types, new int[] {9}, positions, new int[positions.length], null)
                .hiding(HiddenTokens.fromAll(9, blanks));
    }

    @Test
    void aBlank_isFilledByTheQueryStream_whateverStandsThere_andHoweverManyAreAskedFor() throws IOException {
        PublishedFolder.write(folder, GOLDEN.config().deepCopy(), GOLDEN.weights());
        try (PretrainedModel model = PretrainedModel.open(folder, Device.cpu())) {
            float[] both = logits(model, asking(6, 2, 6));
            assertThat(both).hasSize(2 * 101);
            assertThat(logits(model, asking(77, 2, 6))).isEqualTo(both);
            assertThat(logits(model, asking(6, 6))).containsExactly(Arrays.copyOfRange(both, 101, 202), within(1e-5f));
            Batch shown = asking(6, 2, 6);
            Batch content = new Batch(
                    1,
                    9,
                    shown.inputIds(),
                    shown.tokenTypeIds(),
                    shown.lengths(),
                    shown.predictedPositions(),
                    shown.predictedLabels(),
                    null);
            assertThat(logits(model, content)).isNotEqualTo(both);
            int[] all = {0, 1, 2, 3, 4, 5, 6, 7, 8}; // as fill asks for every token
            float[] every = logits(model, asking(6, all));
            assertThat(Arrays.copyOfRange(every, 202, 303))
                    .containsExactly(Arrays.copyOfRange(both, 0, 101), within(1e-5f));
        }
    }

    private static float[] logits(PretrainedModel model, Batch batch) {
        try (BatchState state = model.advance(batch, 0)) {
            return model.predictedLogits(state);
        }
    }

    @Test
    void aStageFurtherOn_givesTheSameScore() throws IOException {
        PublishedFolder.write(folder, GOLDEN.config().deepCopy(), GOLDEN.weights());
        try (PretrainedModel model = PretrainedModel.open(folder, Device.cpu())) {
            double loss = GOLDEN.expected().at("/loss/total").asDouble();
            for (int stage = 0; stage < 2 * model.config().numHiddenLayers() + 1; stage++) {
                try (BatchState state = model.advance(GOLDEN.batch(), stage)) {
                    assertThat(model.score(state).loss()).isCloseTo(loss, within(5e-6));
                }
            }
            try (BatchState state = model.advance(GOLDEN.batch(), 1)) { // masks of 12 x 12, and 7 x 12, for 3 rows
                assertThat(state.bytes()).isGreaterThan(4L * (2 * 3 * 12 * 12 + 2 * 3 * 7 * 12 + 3 * (12 + 7) * 32));
            }
            assertThat(model.firstStage(List.of("transformer.mask_emb"))).isZero();
            assertThat(model.firstStage(List.of("transformer.layer.0.rel_attn.layer_norm.bias")))
                    .isEqualTo(1);
            assertThat(model.firstStage(List.of("transformer.layer.0.ff.layer_norm.bias")))
                    .isEqualTo(2);
            assertThat(model.firstStage(List.of("transformer.layer.1.rel_attn.r")))
                    .isEqualTo(2);
            assertThat(model.firstStage(List.of("transformer.layer.1.ff.layer_norm.weight")))
                    .isEqualTo(4);
        }
    }

    /** The published file has no prefix, and the tied matrix. */
    @Test
    void aPublishedFile_inShardsToo_isImported() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        GOLDEN.weights().forEach((name, tensor) -> weights.put(name.replaceFirst("^transformer\\.", ""), tensor));
        weights.put("lm_loss.weight", weights.get("word_embedding.weight"));
        PublishedFolder.writeShards(folder, GOLDEN.config(), weights);
        ObjectNode record = ModelImport.run(folder, folder.resolve("imported"), ImportOptions.NONE, false);
        assertThat(record.get("heads").toString()).isEqualTo("[\"language_model\"]");
        assertThat(record.get("architecture").asText()).isEqualTo("XLNetLMHeadModel");
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
