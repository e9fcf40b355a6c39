package norma.trainer.electra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
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
import norma.datasets.objectives.MaskedLm;
import norma.datasets.objectives.ReplacedTokens;
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
import norma.trainer.model.Network;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.MissingHead;
import norma.trainer.pretrained.PretrainedFolder;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is ELECTRA's own; what it shares with every architecture, ArchitectureGoldenTest compares. */
@Tag("engine")
class ElectraTest {
    private static final ReferenceFolder DISCRIMINATOR = GoldenFixture.of("electra-discriminator");
    private static final ReferenceFolder GENERATOR = GoldenFixture.of("electra-generator");
    private static final String WORDS = "electra.embeddings.word_embeddings.weight";

    @TempDir
    private Path folder;

    /** Of the published electra-small-discriminator. */
    @Test
    void thePublishedConfiguration_isTheDefault() throws IOException {
        String small = """
                {"architectures": ["ElectraForPreTraining"], "attention_probs_dropout_prob": 0.1, "embedding_size": 128,
                 "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 256, "initializer_range": 0.02,
                 "intermediate_size": 1024, "layer_norm_eps": 1e-12, "max_position_embeddings": 512,
                 "model_type": "electra", "num_attention_heads": 4, "num_hidden_layers": 12, "type_vocab_size": 2,
                 "vocab_size": 30522}
                """;
        ElectraConfig config = (ElectraConfig) Architectures.config(new ObjectMapper().readTree(small), "config.json");
        assertThat(new ElectraConfig(
                        30522, null, null, null, null, null, null, null, null, null, null, null, null, 0, 1.0, null))
                .isEqualTo(config);
        assertThat(ElectraConfig.fromJson(config.toJson(), "config.json")).isEqualTo(config);
        assertThat(config.toJson().get("architectures").toString()).isEqualTo("[\"ElectraForPreTraining\"]");
        Network network = Architectures.of(config).network(config);
        double matrices = network.parameters().stream()
                .filter(parameter -> parameter.getName().startsWith("electra."))
                .filter(parameter -> parameter.getShape().dimension() == 2)
                .mapToDouble(parameter -> parameter.getShape().size())
                .sum();
        assertThat(config.parameters()).isEqualTo(matrices).isBetween(13e6, 14e6); // 14 million in the paper's table 1
    }

    @Test
    void theGenerator_isAShareOfTheDiscriminator_withTheSameEmbeddingsAndLayers() {
        ElectraConfig config = (ElectraConfig) RunConfigYaml.parse(
                        "{model: {model_type: electra, vocab_size: 100}, data: {objective: rtd}}",
                        "run.yaml",
                        List.of())
                .model();
        assertThat(config.generatorSize()).isEqualTo(0.25);
        assertThat(config.discriminatorWeight()).isEqualTo(50);
        ElectraConfig generator = config.generator();
        assertThat(List.of(
                        generator.hiddenSize(),
                        generator.numAttentionHeads(),
                        generator.intermediateSize(),
                        generator.numHiddenLayers(),
                        generator.embeddingSize(),
                        generator.vocabSize()))
                .containsExactly(64, 1, 256, 12, 128, 100);
    }

    /** Of 2 sequences of 3 tokens, 4 of them predicted: counted by hand from the matrices' sizes. */
    @Test
    void multiplications_areThoseOfBothNetworks() {
        ElectraConfig config = new ElectraConfig(10, 6, 8, 1, 2, 20, null, null, null, 16, 2, null, null, 0, 0.5, null);
        double discriminator = 6 * (6 * 8) + 6 * (4 * 64 + 2 * 8 * 20 + 2 * 3 * 8) + 6 * (64 + 8);
        double generator = 6 * (6 * 4) + 6 * (4 * 16 + 2 * 4 * 10 + 2 * 3 * 4) + 4 * (4 * 6 + 6 * 10);
        assertThat(config.multiplications(2, 3, 4, false)).isEqualTo(discriminator + generator);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{model: {model_type: electra}, data: {objective: mlm}} | data.objective: found mlm, expected rtd, which model.model_type electra is trained with",
                "{data: {objective: rtd}} | data.objective: found rtd, expected mlm or mlm+nsp, which model.model_type bert is trained with",
                "{model: {model_type: electra, generator_size: 0}, data: {objective: rtd}} | generator_size: found 0.0, expected a share above 0 and of at most 1",
                "{model: {model_type: electra, generator_size: 1.5}, data: {objective: rtd}} | generator_size: found 1.5, expected a share above 0 and of at most 1",
                "{model: {model_type: electra, hidden_size: 24, generator_size: 0.7}, data: {objective: rtd}} | generator_size: found 0.7, expected a share that leaves the generator's hidden_size (17) a multiple of its num_attention_heads (3)",
                "{model: {model_type: electra, discriminator_weight: 0}, data: {objective: rtd}} | discriminator_weight: found 0.0, expected a number above 0",
                "{model: {model_type: electra, embedding_size: 0}, data: {objective: rtd}} | embedding_size: found 0, expected a whole number of at least 1",
                "{model: {generator_size: 0.5}} | model.generator_size: unknown key, expected only with model_type electra",
            })
    void whatDoesNotFit_isRefused(String yaml, String message) {
        assertThatThrownBy(() -> RunConfigYaml.parse(yaml, "run.yaml", List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aFixture_opensWithTheHeadThatItHas_andIsMeasuredByIt() {
        try (PretrainedModel discriminator = PretrainedModel.open(DISCRIMINATOR.folder(), Device.cpu());
                PretrainedModel generator = PretrainedModel.open(GENERATOR.folder(), Device.cpu())) {
            assertThat(discriminator.heads()).containsExactly(Head.REPLACED_TOKENS);
            assertThat(discriminator.objective()).isEqualTo(ReplacedTokens.STANDARD);
            assertThat(PretrainedFolder.objective(DISCRIMINATOR.folder())).isEqualTo(ReplacedTokens.STANDARD);
            assertThat(generator.heads()).containsExactly(Head.LANGUAGE_MODEL);
            assertThat(generator.objective()).isEqualTo(MaskedLm.STANDARD);
            assertThat(generator.layerNormSites())
                    .extracting(LayerNormSite::name)
                    .contains("head")
                    .containsAll(discriminator.layerNormSites().stream()
                            .map(LayerNormSite::name)
                            .toList());
            assertThat(discriminator.layerNormSites())
                    .extracting(LayerNormSite::name)
                    .doesNotContain("head");
        }
    }

    @Test
    void drawsOfAGenerator_areAsManyAsMasks_andTheSameForTheSameShares() {
        Batch batch = GENERATOR.batch();
        float[] shares = new float[batch.predictedPositions().length];
        try (PretrainedModel generator = PretrainedModel.open(GENERATOR.folder(), Device.cpu());
                BatchState state = generator.advance(batch, 0)) {
            float[] logits = generator.predictedLogits(state);
            int vocabulary = generator.config().vocabSize();
            for (int i = 0; i < shares.length; i++) {
                shares[i] = (i + 0.5f) / shares.length;
            }
            int[] drawn = generator.draws(state, shares);
            assertThat(drawn).hasSize(shares.length);
            for (int i = 0; i < drawn.length; i++) {
                double total = 0;
                double below = 0;
                for (int token = 0; token < vocabulary; token++) {
                    double weight = Math.exp(logits[i * vocabulary + token]);
                    total += weight;
                    below += token < drawn[i] ? weight : 0;
                }
                double own = Math.exp(logits[i * vocabulary + drawn[i]]);
                assertThat((double) shares[i]).isBetween(below / total - 1e-6, (below + own) / total + 1e-6);
            }
        }
    }

    @Test
    void aDiscriminator_isNoLanguageModel_andTheSentenceNamesItsGeneratorWhereThereIsOne() throws IOException {
        InvalidInputException without = MissingHead.of(
                folder, java.util.Set.of(Head.REPLACED_TOKENS), Head.LANGUAGE_MODEL, "to fill masks with");
        assertThat(without)
                .hasMessage(folder + ": language-model head: found none, expected one, to fill masks with: this model"
                        + " is a discriminator, which tells replaced tokens from original ones");
        Files.createDirectory(folder.resolve("generator"));
        Files.writeString(folder.resolve("generator/config.json"), "{}");
        assertThat(MissingHead.of(
                        folder, java.util.Set.of(Head.REPLACED_TOKENS), Head.LANGUAGE_MODEL, "to fill masks with"))
                .hasMessageEndingWith("; its generator in " + folder.resolve("generator") + " has one");
        assertThat(MissingHead.of(folder, java.util.Set.of(), Head.LANGUAGE_MODEL, "to fill masks with"))
                .hasMessage(folder + ": language-model head: found none, expected one, to fill masks with");
    }

    @Test
    void itsClassifier_isHuggingFacesTwoLayersOnTheFirstToken_withGelu() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>(DISCRIMINATOR.weights());
        HostTensor dense = weights.get("discriminator_predictions.dense.weight");
        weights.put("classifier.dense.weight", dense);
        weights.put("classifier.dense.bias", weights.get("discriminator_predictions.dense.bias"));
        weights.keySet().removeIf(name -> name.startsWith("discriminator_predictions."));
        int hidden = (int) dense.shape()[0];
        weights.put(
                "classifier.out_proj.weight",
                new HostTensor(
                        new long[] {3, hidden}, Arrays.copyOf(weights.get(WORDS).values(), 3 * hidden)));
        weights.put("classifier.out_proj.bias", new HostTensor(new long[] {3}, new float[] {0.1f, -0.2f, 0.3f}));
        ObjectNode config = DISCRIMINATOR.config().deepCopy();
        config.putArray("architectures").add("ElectraForSequenceClassification");
        PublishedFolder.write(folder, config, weights);
        try (PretrainedModel model = PretrainedModel.open(folder, Device.cpu());
                BatchState state = model.advance(DISCRIMINATOR.unlabelledBatch(), 0)) {
            assertThat(model.heads()).containsExactly(Head.CLASSIFIER);
            float[] last = model.lastHiddenState(state, ForwardObserver.NONE);
            double[] inner = ByHand.linear(weights, "classifier.dense", Arrays.copyOf(last, hidden));
            float[] activated = new float[hidden];
            for (int i = 0; i < hidden; i++) {
                activated[i] = (float) ByHand.gelu(inner[i]);
            }
            double[] expected = ByHand.linear(weights, "classifier.out_proj", activated);
            float[] logits = model.classLogits(state);
            assertThat(logits).hasSize(3 * DISCRIMINATOR.unlabelledBatch().rows());
            for (int label = 0; label < 3; label++) {
                assertThat((double) logits[label]).isCloseTo(expected[label], within(1e-5));
            }
        }
    }

    @Test
    void aGeneratorWithTheTiedCopyOfAnOldFile_isImported() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>(GENERATOR.weights());
        weights.put("generator_lm_head.weight", weights.get(WORDS));
        weights.put("electra.embeddings.position_ids", new HostTensor(new long[] {1}, new float[1]));
        PublishedFolder.write(folder, GENERATOR.config().deepCopy(), weights);
        ObjectNode record = ModelImport.run(folder, folder.resolve("imported"), ImportOptions.NONE, false);
        assertThat(record.get("heads").toString()).isEqualTo("[\"language_model\"]");
        assertThat(record.get("architecture").asText()).isEqualTo("ElectraForMaskedLM");
        try (PretrainedModel model = PretrainedModel.open(folder.resolve("imported"), Device.cpu());
                BatchState state = model.advance(GENERATOR.batch(), 0)) {
            assertThat(model.score(state).loss())
                    .isCloseTo(GENERATOR.expected().at("/loss/total").asDouble(), within(5e-6));
        }
    }

    @Test
    void anElectraModelWithoutHeads_isImported() throws IOException {
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        DISCRIMINATOR.weights().forEach((name, tensor) -> {
            if (name.startsWith("electra.")) {
                weights.put(name.substring("electra.".length()), tensor);
            }
        });
        ObjectNode config = DISCRIMINATOR.config().deepCopy();
        config.putArray("architectures").add("ElectraModel");
        PublishedFolder.write(folder, config, weights);
        ObjectNode record = ModelImport.run(folder, folder.resolve("imported"), ImportOptions.NONE, false);
        assertThat(record.get("heads")).isEmpty();
        assertThat(record.get("architecture").asText()).isEqualTo("ElectraModel");
    }

    @Test
    void embeddingsAsWideAsTheHiddenStates_haveNoProjection() {
        ElectraConfig config = new ElectraConfig(10, 8, 8, 1, 2, 20, null, null, null, 16, 2, null, null, 0, 0.5, null);
        Network network = Architectures.of(config).network(config);
        assertThat(network.parameters())
                .extracting(parameter -> parameter.getName())
                .noneMatch(name -> name.contains("embeddings_project"));
        assertThat(network.layerNormSites().get(0).kind()).isEqualTo(LayerNormSite.Kind.EMBEDDINGS);
        try (PretrainedModel projecting = PretrainedModel.open(DISCRIMINATOR.folder(), Device.cpu())) {
            assertThat(projecting.layerNormSites().get(0).kind()).isEqualTo(LayerNormSite.Kind.PROJECTED_EMBEDDINGS);
        }
    }
}
