package norma.trainer.bart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.datasets.batches.Target;
import norma.trainer.architectures.Architectures;
import norma.trainer.config.RunConfigYaml;
import norma.trainer.golden.ByHand;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.golden.PublishedFolder;
import norma.trainer.imports.ImportOptions;
import norma.trainer.imports.ModelImport;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardObserver;
import norma.trainer.model.Head;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Kind;
import norma.trainer.model.LayerNormSite.Stack;
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

/** What is BART's own; what it shares with every architecture, ArchitectureGoldenTest compares. */
@Tag("engine")
class BartTest {
    private static final ReferenceFolder GOLDEN = GoldenFixture.of("bart");
    private static final int END = 2;
    private static final int[] NONE = {};

    /** Two rows of 6 and 4 tokens; the first has an end token inside, as pairs have. */
    private static final int[] IDS = {0, 9, 2, 2, 17, 2, /**/ 0, 30, 31, 2, 1, 1};

    @TempDir
    private Path folder;

    private static Batch batch() {
        return new Batch(2, 6, IDS, new int[12], new int[] {6, 4}, NONE, NONE, null);
    }

    private static float[] last(PretrainedModel model, Batch batch) {
        try (BatchState state = model.advance(batch, 0)) {
            return model.lastHiddenState(state, ForwardObserver.NONE);
        }
    }

    @Test
    void withoutATarget_theDecoderReadsTheSequencesShiftedRight() {
        int[] shifted = {2, 0, 9, 2, 2, 17, /**/ 2, 0, 30, 31, 2, 1};
        try (PretrainedModel model = PretrainedModel.open(GOLDEN.folder(), Device.cpu())) {
            float[] implied = last(model, batch());
            assertThat(implied).containsExactly(last(model, batch().with(new Target(6, shifted, new int[] {6, 4}))));
            int[] other = shifted.clone();
            other[0] = 5;
            assertThat(implied).isNotEqualTo(last(model, batch().with(new Target(6, other, new int[] {6, 4}))));
        }
    }

    @Test
    void theFixturesDecoderInputs_areItsLabelsShiftedRight_paddingWhereNothingIsPredicted() throws IOException {
        try (SafetensorsFile io = GOLDEN.io()) {
            int length = (int) io.shape("input.labels")[1];
            int[] said = Arrays.stream(io.readLongs("input.labels"))
                    .mapToInt(label -> label == -100 ? 1 : (int) label)
                    .toArray();
            int[] lengths = new int[said.length / length];
            Arrays.fill(lengths, length);
            assertThat(Target.shiftedRight(length, said, lengths, END).inputIds())
                    .containsExactly(Arrays.stream(io.readLongs("input.decoder_input_ids"))
                            .mapToInt(Math::toIntExact)
                            .toArray());
        }
    }

    @Test
    void aTokenOfTheDecoder_seesNothingThatFollows_andAllOfTheEncodersTokens() {
        Batch batch = new Batch(1, 4, new int[] {0, 9, 8, 2}, new int[4], new int[] {4}, NONE, NONE, null);
        int hidden = 32;
        try (PretrainedModel model = PretrainedModel.open(GOLDEN.folder(), Device.cpu())) {
            float[] before = last(model, batch.with(new Target(3, new int[] {2, 0, 9}, new int[] {3})));
            float[] later = last(model, batch.with(new Target(3, new int[] {2, 0, 50}, new int[] {3})));
            assertThat(Arrays.copyOf(later, 2 * hidden)).containsExactly(Arrays.copyOf(before, 2 * hidden));
            assertThat(later).isNotEqualTo(before);
            Batch other = new Batch(1, 4, new int[] {0, 9, 8, 77}, new int[4], new int[] {4}, NONE, NONE, null);
            float[] source = last(model, other.with(new Target(3, new int[] {2, 0, 9}, new int[] {3})));
            assertThat(Arrays.copyOf(source, hidden)).isNotEqualTo(Arrays.copyOf(before, hidden));
        }
    }

    @Test
    void itsClassifier_isHuggingFacesTwoLayersOnTheLastEndToken() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>(GOLDEN.weights());
        weights.remove("final_logits_bias");
        int hidden = 32;
        weights.put(
                "classification_head.dense.weight",
                GOLDEN.weights().get("model.encoder.layers.0.self_attn.q_proj.weight"));
        weights.put(
                "classification_head.dense.bias", GOLDEN.weights().get("model.encoder.layers.0.self_attn.q_proj.bias"));
        float[] rows = Arrays.copyOf(GOLDEN.weights().get("model.shared.weight").values(), 3 * hidden);
        weights.put("classification_head.out_proj.weight", new HostTensor(new long[] {3, hidden}, rows));
        weights.put(
                "classification_head.out_proj.bias", new HostTensor(new long[] {3}, new float[] {0.1f, -0.2f, 0.3f}));
        ObjectNode config = GOLDEN.config().deepCopy();
        config.putArray("architectures").add("BartForSequenceClassification");
        PublishedFolder.write(folder, config, weights);
        int[] ends = {5, 6 + 3};
        try (PretrainedModel model = PretrainedModel.open(folder, Device.cpu());
                BatchState state = model.advance(batch(), 0)) {
            assertThat(model.heads()).containsExactly(Head.CLASSIFIER);
            float[] states = model.lastHiddenState(state, ForwardObserver.NONE);
            float[] logits = model.classLogits(state);
            assertThat(logits).hasSize(2 * 3);
            for (int row = 0; row < 2; row++) {
                float[] end = Arrays.copyOfRange(states, ends[row] * hidden, (ends[row] + 1) * hidden);
                double[] dense = ByHand.linear(weights, "classification_head.dense", end);
                float[] squashed = new float[hidden];
                for (int i = 0; i < hidden; i++) {
                    squashed[i] = (float) Math.tanh(dense[i]);
                }
                double[] expected = ByHand.linear(weights, "classification_head.out_proj", squashed);
                for (int label = 0; label < 3; label++) {
                    assertThat((double) logits[3 * row + label]).isCloseTo(expected[label], within(1e-5));
                }
            }
            Batch endless = new Batch(1, 3, new int[] {0, 9, 8}, new int[3], new int[] {3}, NONE, NONE, null);
            try (BatchState without = model.advance(endless, 0)) {
                assertThatThrownBy(() -> model.classLogits(without))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining("eos_token_id: found 2");
            }
        }
    }

    @Test
    void sitesAreOfTheStackTheyBelongTo_inTheOrderOfThePass() {
        try (PretrainedModel model = PretrainedModel.open(GOLDEN.folder(), Device.cpu())) {
            List<LayerNormSite> sites = model.layerNormSites();
            assertThat(sites).hasSize(1 + 2 * 2 + 1 + 2 * 3);
            assertThat(sites.get(4).name()).isEqualTo("encoder.layers.1.final_layer_norm");
            assertThat(sites.get(5).kind()).isEqualTo(Kind.EMBEDDINGS);
            assertThat(sites.get(5).stack()).isEqualTo(Stack.DECODER);
            assertThat(sites.get(7).name()).isEqualTo("decoder.layers.0.encoder_attn_layer_norm");
            assertThat(sites.get(7).kind()).isEqualTo(Kind.CROSS_ATTENTION);
            assertThat(sites)
                    .filteredOn(LayerNormSite::isLayerOutput)
                    .extracting(LayerNormSite::stack, LayerNormSite::layer)
                    .containsExactly(
                            tuple(Stack.ENCODER, 0),
                            tuple(Stack.ENCODER, 1),
                            tuple(Stack.DECODER, 0),
                            tuple(Stack.DECODER, 1));
        }
    }

    @Test
    void aPassFromAnyStage_givesTheBitsOfThePassFromTheStart_editedOrNot() {
        Batch batch = GOLDEN.batch();
        try (PretrainedModel model = PretrainedModel.open(GOLDEN.folder(), Device.cpu());
                BatchState start = model.advance(batch, 0)) {
            float[] whole = model.predictedLogits(start);
            for (LayerNormSite site : model.layerNormSites()) {
                int stage = model.firstStage(List.of(site.weight().parameter()));
                try (BatchState state = model.advance(batch, stage)) {
                    assertThat(model.predictedLogits(state)).as(site.name()).containsExactly(whole);
                    float[] kept = model.parameter(site.weight().parameter());
                    float[] edited = kept.clone();
                    edited[3] += 1;
                    model.setParameter(site.weight().parameter(), edited);
                    assertThat(model.predictedLogits(state))
                            .as(site.name())
                            .isNotEqualTo(whole)
                            .containsExactly(model.predictedLogits(start));
                    model.setParameter(site.weight().parameter(), kept);
                }
            }
        }
    }

    @Test
    void thePublishedConfigurationOfTheBaseModel_isReadAndReadBack() throws IOException {
        String base = """
                {"activation_dropout": 0.1, "activation_function": "gelu", "add_bias_logits": false,
                 "add_final_layer_norm": false, "architectures": ["BartModel"], "attention_dropout": 0.1,
                 "bos_token_id": 0, "classif_dropout": 0.1, "classifier_dropout": 0.0, "d_model": 768,
                 "decoder_attention_heads": 12, "decoder_ffn_dim": 3072, "decoder_layerdrop": 0.0,
                 "decoder_layers": 6, "decoder_start_token_id": 2, "dropout": 0.1, "early_stopping": true,
                 "encoder_attention_heads": 12, "encoder_ffn_dim": 3072, "encoder_layerdrop": 0.0,
                 "encoder_layers": 6, "eos_token_id": 2, "forced_eos_token_id": 2, "forced_bos_token_id": 0,
                 "gradient_checkpointing": false, "init_std": 0.02, "is_encoder_decoder": true,
                 "max_position_embeddings": 1024, "model_type": "bart", "normalize_before": false,
                 "normalize_embedding": true, "num_hidden_layers": 6, "pad_token_id": 1,
                 "scale_embedding": false, "vocab_size": 50265}
                """;
        BartConfig config = (BartConfig) Architectures.config(new ObjectMapper().readTree(base), "config.json");
        assertThat(config.longestSequence()).isEqualTo(1024);
        assertThat(config.numHiddenLayers()).isEqualTo(12);
        assertThat(config.activationDropout()).isEqualTo(0.1);
        assertThat(config.decoderStartId()).hasValue(2);
        assertThat(BartConfig.fromJson(config.toJson(), "config.json")).isEqualTo(config);
        // as Hugging Face counts the parameters of facebook/bart-base's matrices and tables: 139 million in all
        assertThat(config.parameters()).isBetween(138e6, 140e6);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "scale_embedding | true | scale_embedding: found true, expected false",
                "normalize_before | true | normalize_before: found true, expected false",
                "is_encoder_decoder | false | is_encoder_decoder: found false, expected true",
                "decoder_layers | 0 | decoder_layers: found 0, expected a whole number from 1 to 10000",
                "encoder_layers | 9000 | encoder_layers and decoder_layers: found 9002, expected a number of layers that the 92",
                "decoder_attention_heads | 5 | d_model: found 32, expected a multiple of decoder_attention_heads (5)",
                "max_position_embeddings | 2147483647 | tensor model.decoder.embed_positions.weight: found shape [66, 32], expected shape [2147483649, 32]",
                "vocab_size | 2000000000 | tensor final_logits_bias: found shape [1, 101], expected shape [1, 2000000000]",
                "eos_token_id | 101 | eos_token_id: found 101, expected an id below vocab_size (101)",
                "encoder_ffn_dim | -3 | encoder_ffn_dim: found -3, expected a whole number of at least 1",
                "d_model | 33 | expected a multiple of encoder_attention_heads (4)",
            })
    void aConfigJsonThatIsNoBartsOrImpossible_isRefusedNamingTheKey(String key, String value, String message)
            throws IOException {
        ObjectNode config = GOLDEN.config().deepCopy();
        config.set(key, new ObjectMapper().readTree(value));
        PublishedFolder.write(folder, config, GOLDEN.weights());
        assertThatThrownBy(() -> PretrainedModel.open(folder, Device.cpu()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{model: {model_type: bart}, data: {objective: mlm}} | data.objective: found mlm, expected denoising, which model.model_type bart is trained with",
                "{data: {objective: denoising}} | data.objective: found denoising, expected mlm or mlm+nsp, which model.model_type bert is trained with",
                "{model: {model_type: bart, max_position_embeddings: 64}, data: {objective: denoising}} | data.sequence_length: found 128, expected at most model.max_position_embeddings (64)",
                "{model: {model_type: bart, variant: {norm_position: pre}}, data: {objective: denoising}} | model.variant: unknown key, expected only with model_type bert or roberta",
                "{model: {model_type: bart}, data: {objective: denoising, whole_word_masking: true}} | data.whole_word_masking: found true, expected none",
            })
    void whatDoesNotFit_isRefused(String yaml, String message) {
        assertThatThrownBy(() -> RunConfigYaml.parse(yaml, "run.yaml", List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aBartModel_hasTheTiedHeadWithoutABias() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        GOLDEN.weights().forEach((name, tensor) -> weights.put(name.replaceFirst("^model\\.", ""), tensor));
        weights.remove("final_logits_bias");
        HostTensor words = GOLDEN.weights().get("model.shared.weight");
        weights.put("encoder.embed_tokens.weight", words);
        weights.put("decoder.embed_tokens.weight", words);
        ObjectNode config = GOLDEN.config().deepCopy();
        config.putArray("architectures").add("BartModel");
        PublishedFolder.write(folder, config, weights);
        Path imported = folder.resolve("imported");
        ObjectNode record = ModelImport.run(folder, imported, ImportOptions.NONE, false);
        assertThat(record.get("heads").toString()).isEqualTo("[\"language_model\"]");
        try (PretrainedModel without = PretrainedModel.open(imported, Device.cpu());
                PretrainedModel with = PretrainedModel.open(GOLDEN.folder(), Device.cpu());
                BatchState ofWithout = without.advance(GOLDEN.batch(), 0);
                BatchState ofWith = with.advance(GOLDEN.batch(), 0)) {
            float[] bias = GOLDEN.weights().get("final_logits_bias").values();
            float[] ours = without.predictedLogits(ofWithout);
            float[] theirs = with.predictedLogits(ofWith);
            for (int i = 0; i < ours.length; i++) {
                assertThat(ours[i] + bias[i % bias.length]).isCloseTo(theirs[i], within(1e-5f));
            }
        }
    }

    @Test
    void aFileWithTheTiedCopies_isImported_whicheverOfThemItHas() throws IOException {
        for (List<String> copies : List.of(
                List.of("model.shared.weight", "model.encoder.embed_tokens.weight", "lm_head.weight"),
                List.of("model.decoder.embed_tokens.weight"),
                List.of("lm_head.weight", "model.encoder.embed_tokens.weight"))) {
            Map<String, HostTensor> weights = new LinkedHashMap<>(GOLDEN.weights());
            HostTensor words = weights.remove("model.shared.weight");
            copies.forEach(name -> weights.put(name, words));
            weights.put("model.encoder.version", new HostTensor(new long[] {1}, new float[] {3}));
            PublishedFolder.write(folder, GOLDEN.config().deepCopy(), weights);
            Path imported = folder.resolve("imported");
            ModelImport.run(folder, imported, ImportOptions.NONE, true);
            Map<String, HostTensor> found = SafetensorsFile.readAll(imported.resolve("model.safetensors"));
            assertThat(found.keySet())
                    .containsExactlyInAnyOrderElementsOf(GOLDEN.weights().keySet());
            assertThat(found.get("model.shared.weight").values()).containsExactly(words.values());
        }
    }

    @Test
    void copiesThatDiffer_areRefused() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>(GOLDEN.weights());
        float[] other = weights.get("model.shared.weight").values().clone();
        other[7] += 1;
        weights.put("lm_head.weight", new HostTensor(new long[] {101, 32}, other));
        PublishedFolder.write(folder, GOLDEN.config().deepCopy(), weights);
        assertThatThrownBy(() -> ModelImport.run(folder, folder.resolve("out"), ImportOptions.NONE, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(
                        "tensor lm_head.weight: found other values, expected those of model.shared.weight");
    }

    @Test
    void stacksOfDifferentDepthHeadsAndWidth_openAndKnowTheirShapes() throws IOException {
        BartConfig config =
                new BartConfig(50, 16, 24, 1, 3, 2, 4, 20, 36, null, 0.0, 0.0, 0.3, null, 0.5, 0, 1, 2, null);
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        new BartArchitecture().network(config).parameters().forEach(parameter -> {
            long[] shape = parameter.getShape().getShape();
            float[] values = new float[(int) parameter.getShape().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Math.sin(i + parameter.getName().hashCode() % 97);
            }
            weights.put(parameter.getName(), new HostTensor(shape, values));
        });
        assertThat(weights.get("model.decoder.layers.2.fc1.weight").shape()).containsExactly(36, 24);
        assertThat(weights.get("model.encoder.layers.0.fc2.weight").shape()).containsExactly(24, 20);
        PublishedFolder.write(folder, config.toJson(), weights);
        Batch batch = new Batch(1, 4, new int[] {0, 9, 8, 2}, new int[4], new int[] {4}, NONE, NONE, null)
                .with(new Target(3, new int[] {2, 0, 9}, new int[] {3}));
        Map<AttentionKind, Integer> sizes = new EnumMap<>(AttentionKind.class);
        try (PretrainedModel model = PretrainedModel.open(folder, Device.cpu());
                BatchState state = model.advance(batch, 0)) {
            float[] last = model.lastHiddenState(state, new ForwardObserver() {
                @Override
                public boolean wantsAttentionProbs() {
                    return true;
                }

                @Override
                public void attentionProbs(AttentionKind kind, int layer, float[] values) {
                    sizes.merge(kind, values.length, Integer::sum);
                }
            });
            assertThat(last).hasSize(3 * 24);
            assertThat(sizes)
                    .isEqualTo(Map.of(
                            AttentionKind.ENCODER, 2 * 4 * 4,
                            AttentionKind.DECODER, 3 * 4 * 3 * 3,
                            AttentionKind.CROSS, 3 * 4 * 3 * 4));
        }
    }
}
