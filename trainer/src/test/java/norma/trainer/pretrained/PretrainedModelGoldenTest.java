package norma.trainer.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.datasets.batches.Batch;
import norma.trainer.blocks.KernelSet;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardObserver;
import norma.trainer.model.Head;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.Precision;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.HostTensor;
import norma.trainer.safetensors.SafetensorsFile;
import norma.trainer.safetensors.SafetensorsWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hugging Face's BERT on PyTorch, opened from its folder: states, ablations in memory, heads that are missing. */
@Tag("engine")
class PretrainedModelGoldenTest {
    @Test
    void everyHiddenStateAndAttention_equalsTheReference() throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        try (PretrainedModel bert = PretrainedModel.open(golden.folder(), Device.cpu());
                SafetensorsFile io = golden.io();
                BatchState start = bert.advance(golden.batch(), 0)) {
            Seen seen = new Seen(true);
            float[] last = bert.lastHiddenState(start, seen);
            int layers = bert.config().numHiddenLayers();
            assertThat(seen.hiddenStates).hasSize(layers + 1);
            assertThat(seen.attentions).hasSize(layers);
            for (int i = 0; i <= layers; i++) {
                assertClose(seen.hiddenStates.get(i), io.read("hidden_states." + i), 2e-5);
            }
            for (int i = 0; i < layers; i++) {
                assertClose(seen.attentions.get(i), io.read("attentions." + i), 5e-6);
            }
            assertThat(last).containsExactly(seen.hiddenStates.get(layers));
        }
    }

    /** What probes compute with on a GPU, here on a CPU. */
    private static PretrainedModel open(ReferenceFolder golden, KernelSet.Way way) {
        return PretrainedFolder.open(golden.folder(), Device.cpu(), new KernelSet.Choice(way, Precision.FLOAT32));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "roberta", "electra-generator", "electra-discriminator", "gpt2"})
    void fusedFunctions_giveTheReferencesHiddenStatesLogitsAndAttention(String name) throws IOException {
        ReferenceFolder golden = GoldenFixture.of(name);
        Batch batch = golden.batch();
        try (PretrainedModel fused = open(golden, KernelSet.Way.FUSED);
                PretrainedModel plain = open(golden, KernelSet.Way.OPERATORS);
                SafetensorsFile io = golden.io();
                BatchState start = fused.advance(batch, 0);
                BatchState same = plain.advance(batch, 0)) {
            Seen states = new Seen(false);
            float[] last = fused.lastHiddenState(start, states);
            assertThat(states.attentions).isEmpty();
            Seen all = new Seen(true);
            fused.lastHiddenState(start, all);
            int layers = fused.config().numHiddenLayers();
            assertCloseAtTokens(batch, last, plain.lastHiddenState(same, ForwardObserver.NONE));
            boolean rounded = false;
            for (int i = 0; i < layers; i++) {
                assertCloseAtTokens(
                        batch,
                        states.hiddenStates.get(i),
                        io.read("hidden_states." + i).values());
                rounded |= !Arrays.equals(states.hiddenStates.get(i), all.hiddenStates.get(i));
            }
            assertThat(rounded)
                    .as("functions and operators compute in two ways")
                    .isTrue();
            for (int i = 0; i < layers; i++) {
                assertClose(all.attentions.get(i), io.read("attentions." + i), 5e-6);
            }
            assertClose(fused.predictedLogits(start), values(plain.predictedLogits(same)), 3e-5);
            assertThat(fused.score(start).loss()).isCloseTo(plain.score(same).loss(), within(5e-6));
        }
    }

    @Test
    void aPassFromAnySite_givesTheBitsOfThePassFromTheStart() {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Batch batch = golden.batch();
        try (PretrainedModel bert = PretrainedModel.open(golden.folder(), Device.cpu());
                BatchState start = bert.advance(batch, 0)) {
            float[] whole = bert.predictedLogits(start);
            assertThat(whole).isNotEmpty();
            for (int site = 1; site < bert.layerNormSites().size() - 1; site++) {
                try (BatchState state = bert.advance(batch, site)) {
                    assertThat(bert.predictedLogits(state)).containsExactly(whole);
                    assertThat(bert.predictedLogits(state)).as("a second time").containsExactly(whole);
                }
            }
        }
    }

    @Test
    void scoringAState_leavesNothingBehind() {
        ReferenceFolder golden = GoldenFixture.of("bert");
        try (PretrainedModel bert = PretrainedModel.open(golden.folder(), Device.cpu());
                BatchState state = bert.advance(golden.batch(), 1)) {
            NDManager owner = state.state().streams().head().getManager();
            bert.score(state); // uploads what it needs of the batch
            int after = owner.getManagedArrays().size();
            bert.score(state);
            bert.predictedLogits(state);
            assertThat(owner.getManagedArrays()).hasSize(after);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPERATORS", "FUSED"})
    void ablationsInMemory_giveTheReferenceLosses_andAreUndoneBitForBit(KernelSet.Way way) {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Map<String, HostTensor> weights = golden.weights();
        try (PretrainedModel bert = open(golden, way);
                BatchState start = bert.advance(golden.batch(), 0)) {
            LanguageModelScore full = bert.score(start);
            assertThat(full.loss()).isCloseTo(golden.expected().at("/loss/mlm").asDouble(), within(5e-6));
            JsonNode cases = golden.expected().get("ablation");
            assertThat(cases.size()).isPositive();
            for (var ablation : cases.properties()) {
                Map<String, float[]> before = new HashMap<>();
                for (JsonNode zeroed : ablation.getValue().get("zeroed")) {
                    String name = zeroed.get("param").asText();
                    float[] values = bert.parameter(name);
                    before.putIfAbsent(name, values.clone());
                    zeroed.get("index").forEach(index -> values[index.asInt()] = 0);
                    bert.setParameter(name, values);
                }
                assertThat(bert.score(start).loss())
                        .as(ablation.getKey())
                        .isCloseTo(ablation.getValue().at("/loss/mlm").asDouble(), within(5e-6));
                before.forEach(bert::setParameter);
            }
            assertThat(bert.score(start)).isEqualTo(full);
            weights.forEach(
                    (name, tensor) -> assertThat(bert.parameter(name)).as(name).containsExactly(tensor.values()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classification", "regression"})
    void aClassifiersLogits_equalTheReference(String kind) throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert-classification/" + kind);
        try (PretrainedModel bert = PretrainedModel.open(golden.folder(), Device.cpu());
                SafetensorsFile io = golden.io();
                BatchState state = bert.advance(golden.unlabelledBatch(), 2)) {
            assertThat(bert.heads()).containsExactlyInAnyOrder(Head.POOLER, Head.CLASSIFIER);
            assertClose(bert.classLogits(state), io.read("logits"), 2e-5);
            assertThatThrownBy(() -> bert.score(state)).hasMessageContaining("has no language-model head");
        }
    }

    @Test
    void aFolderWithoutHeads_opens_andSaysWhichHeadItLacks(@TempDir Path folder) throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        copyWithout(golden, folder, "cls.", "bert.pooler.");
        try (PretrainedModel bert = PretrainedModel.open(folder, Device.cpu());
                BatchState state = bert.advance(golden.batch(), 0);
                SafetensorsFile io = golden.io()) {
            assertThat(bert.heads()).isEmpty();
            int layers = bert.config().numHiddenLayers();
            assertThat(bert.layerNormSites()).hasSize(2 * layers + 1);
            assertThat(bert.layerNorms())
                    .hasSize((2 * layers + 1) * 2 * bert.config().hiddenSize());
            assertClose(bert.lastHiddenState(state, ForwardObserver.NONE), io.read("hidden_states." + layers), 2e-5);
            assertThatThrownBy(() -> bert.score(state)).hasMessageContaining("language-model head");
        }
    }

    @Test
    void aMissingOrForeignTensor_isNamed(@TempDir Path folder) throws IOException {
        ReferenceFolder golden = GoldenFixture.of("bert");
        copyWithout(golden, folder, "bert.encoder.layer.0.output.LayerNorm.bias");
        assertThatThrownBy(() -> PretrainedModel.open(folder, Device.cpu()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(
                        "model.safetensors: tensor bert.encoder.layer.0.output.LayerNorm.bias: found none");
        Map<String, HostTensor> weights = golden.weights();
        Files.delete(folder.resolve("model.safetensors"));
        weights.put("bert.extra", new HostTensor(new long[] {1}, new float[1]));
        SafetensorsWriter.write(folder.resolve("model.safetensors"), weights, Map.of());
        assertThatThrownBy(() -> PretrainedModel.open(folder, Device.cpu()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("tensor bert.extra: found shape [1], expected no tensor of that name");
    }

    private static void copyWithout(ReferenceFolder golden, Path folder, String... prefixes) throws IOException {
        Map<String, HostTensor> weights = golden.weights();
        int before = weights.size();
        for (String prefix : prefixes) {
            weights.keySet().removeIf(name -> name.startsWith(prefix));
        }
        assertThat(weights).hasSizeLessThan(before);
        Files.copy(golden.folder().resolve("config.json"), folder.resolve("config.json"));
        SafetensorsWriter.write(folder.resolve("model.safetensors"), weights, Map.of());
    }

    /** Where a decoder's row is padding, its functions attend to padding, which nobody reads. */
    private static void assertCloseAtTokens(Batch batch, float[] ours, float[] theirs) {
        int width = ours.length / batch.inputIds().length;
        assertThat(ours).hasSameSizeAs(theirs);
        for (int i = 0; i < ours.length; i++) {
            int token = i / width;
            if (token % batch.length() < batch.lengths()[token / batch.length()]) {
                assertThat((double) ours[i]).isCloseTo(theirs[i], within(3e-5));
            }
        }
    }

    private static HostTensor values(float[] values) {
        return new HostTensor(new long[] {values.length}, values);
    }

    private static void assertClose(float[] ours, HostTensor theirs, double tolerance) {
        assertThat(ours).hasSameSizeAs(theirs.values());
        for (int i = 0; i < ours.length; i++) {
            assertThat((double) ours[i]).isCloseTo(theirs.values()[i], within(tolerance));
        }
    }

    private static final class Seen implements ForwardObserver {
        private final boolean attention;
        private final List<float[]> hiddenStates = new ArrayList<>();
        private final List<float[]> attentions = new ArrayList<>();

        Seen(boolean attention) {
            this.attention = attention;
        }

        @Override
        public boolean wantsHiddenStates() {
            return true;
        }

        @Override
        public boolean wantsAttentionProbs() {
            return attention;
        }

        @Override
        public void hiddenState(LayerNormSite.Stack stack, int index, float[] values) {
            assertThat(index).isEqualTo(hiddenStates.size());
            hiddenStates.add(values);
        }

        @Override
        public void attentionProbs(AttentionKind kind, int layer, float[] values) {
            assertThat(layer).isEqualTo(attentions.size());
            attentions.add(values);
        }
    }
}
