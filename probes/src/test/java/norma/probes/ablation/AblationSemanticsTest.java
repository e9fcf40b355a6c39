package norma.probes.ablation;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import norma.datasets.batches.Batch;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.ForwardObserver;
import norma.trainer.model.LayerNormSite;
import norma.trainer.pretrained.BatchState;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.reference.ReferenceFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What an ablation does to a model, and what it does not. */
@Tag("engine")
class AblationSemanticsTest {
    private static final Ablation ABLATION = new Ablation(List.of(3, 7), AblationPlace.PAPER);

    private PretrainedModel model;
    private BatchState start;

    @BeforeEach
    void open() {
        ReferenceFolder golden = GoldenFixture.of("bert");
        Batch batch = golden.batch();
        model = PretrainedModel.open(golden.folder(), Device.cpu());
        start = model.advance(batch, 0);
    }

    @AfterEach
    void close() {
        start.close();
        model.close();
    }

    @Test
    void anEdit_changesTheOutput_whileTheScopeIsOpen() {
        float[] before = model.predictedLogits(start);
        try (var scope = AblationScope.open(model, ABLATION)) {
            assertThat(scope).isNotNull();
            assertThat(model.predictedLogits(start)).isNotEqualTo(before);
        }
        assertThat(model.predictedLogits(start)).containsExactly(before);
    }

    @Test
    void observing_changesNothing() {
        float[] before = model.predictedLogits(start);
        float[] last = model.lastHiddenState(start, ForwardObserver.NONE);
        List<String> seen = new ArrayList<>();
        float[] observed = model.lastHiddenState(start, new ForwardObserver() {
            @Override
            public boolean wantsHiddenStates() {
                return true;
            }

            @Override
            public boolean wantsAttentionProbs() {
                return true;
            }

            @Override
            public void hiddenState(LayerNormSite.Stack stack, int index, float[] values) {
                seen.add("hidden state " + index);
                Arrays.fill(values, Float.NaN); // a copy
            }

            @Override
            public void attentionProbs(AttentionKind kind, int layer, float[] values) {
                seen.add("attention " + layer);
                Arrays.fill(values, Float.NaN); // a copy
            }
        });
        assertThat(seen).hasSize(2 * model.config().numHiddenLayers() + 1);
        assertThat(observed).containsExactly(last);
        assertThat(model.predictedLogits(start)).containsExactly(before);
    }

    @Test
    void afterwards_theWeightsAreBackBitForBit() {
        Map<String, float[]> before = parameters();
        try (var scope = AblationScope.open(model, ABLATION)) {
            assertThat(scope).isNotNull();
            Map<String, float[]> during = parameters();
            assertThat(during.keySet().stream().filter(name -> !Arrays.equals(during.get(name), before.get(name))))
                    .hasSize(2 * model.config().numHiddenLayers())
                    .allMatch(name -> name.contains(".output.LayerNorm.") && !name.contains("attention"));
        }
        Map<String, float[]> after = parameters();
        before.forEach((name, values) -> assertThat(after.get(name)).as(name).containsExactly(values));
    }

    private Map<String, float[]> parameters() {
        Map<String, float[]> all = new TreeMap<>();
        for (LayerNormSite site : model.layerNormSites()) {
            all.put(site.weight().parameter(), model.parameter(site.weight().parameter()));
            all.put(site.bias().parameter(), model.parameter(site.bias().parameter()));
        }
        all.put(model.names().wordEmbeddings(), model.parameter(model.names().wordEmbeddings()));
        return all;
    }
}
