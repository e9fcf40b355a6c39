package norma.trainer.pretrained;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import norma.datasets.batches.Batch;
import norma.datasets.random.CounterHash;
import norma.trainer.blocks.KernelSet;
import norma.trainer.device.Devices;
import norma.trainer.model.ForwardObserver;
import norma.trainer.model.Head;
import norma.trainer.model.LayerNormSite;
import norma.trainer.step.FlatParameters;
import norma.trainer.toy.ToyConfig;
import norma.trainer.toy.ToyNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A model of two stacks, whose pass has two streams, opened for reading. */
@Tag("engine")
class TwoStreamsTest {
    private static final ToyConfig CONFIG = new ToyConfig(23, 6, 4, 2);
    private static final Batch BATCH = new Batch(
            1, 5, new int[] {3, 9, 1, 22, 7}, new int[5], new int[] {5}, new int[] {1, 3}, new int[] {4, 8}, null);

    private PretrainedModel model;

    @BeforeEach
    void open() {
        NDManager manager = Devices.engine().newBaseManager(Device.cpu());
        ToyNetwork network = new ToyNetwork(CONFIG, 0);
        FlatParameters parameters = FlatParameters.zero(network, manager);
        for (Parameter parameter : network.parameters()) {
            float[] values = new float[Math.toIntExact(parameter.getShape().size())];
            long key = CounterHash.key(5, parameter.getName());
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (CounterHash.uniform(key, i) - 0.4);
            }
            parameters.write(parameter.getName(), values);
        }
        model = new PretrainedModel(
                Path.of("toy"),
                manager,
                new PretrainedFolder.Contents(
                        CONFIG, network, parameters, Set.of(Head.LANGUAGE_MODEL), List.of(), List.of()),
                KernelSet.Choice.OPERATORS);
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void aPassFromAnyStage_givesTheBitsOfThePassFromTheStart() {
        try (BatchState start = model.advance(BATCH, 0)) {
            float[] whole = model.predictedLogits(start);
            assertThat(whole).hasSize(2 * 23);
            for (int stage = 1; stage < 4; stage++) {
                try (BatchState state = model.advance(BATCH, stage)) {
                    assertThat(model.predictedLogits(state))
                            .as("stage " + stage)
                            .containsExactly(whole);
                    assertThat(model.predictedLogits(state)).as("a second time").containsExactly(whole);
                }
            }
        }
    }

    @Test
    void whatIsEditedFromAStageOn_changesThePassFromThere_andNothingElseNeedsToBeRunAgain() {
        for (String name : List.of("encoder.norm.weight", "decoder.norm.bias", "decoder.c_proj.weight")) {
            int stage = model.firstStage(List.of(name));
            try (BatchState start = model.advance(BATCH, 0);
                    BatchState state = model.advance(BATCH, stage)) {
                float[] before = model.predictedLogits(start);
                float[] values = model.parameter(name);
                float[] zero = new float[values.length];
                model.setParameter(name, zero);
                float[] edited = model.predictedLogits(start);
                assertThat(edited).as(name).isNotEqualTo(before);
                assertThat(model.predictedLogits(state)).as(name).containsExactly(edited);
                model.setParameter(name, values);
                assertThat(model.predictedLogits(state)).as(name).containsExactly(before);
            }
        }
        assertThat(model.firstStage(List.of("decoder.norm.bias", "encoder.norm.weight")))
                .isEqualTo(1);
        assertThat(model.firstStage(List.of("logits.weight"))).isEqualTo(3);
    }

    @Test
    void snapshot_andHiddenStates_sayWhichStack() {
        assertThat(model.layerNormSites())
                .extracting(LayerNormSite::stack)
                .containsExactly(
                        LayerNormSite.Stack.ENCODER,
                        LayerNormSite.Stack.ENCODER,
                        LayerNormSite.Stack.DECODER,
                        LayerNormSite.Stack.DECODER);
        assertThat(model.layerNorms()).hasSize(4 * 2 * 6);
        assertThat(Arrays.copyOfRange(model.layerNorms(), 4, 6)).containsOnly(Float.NaN);
        List<String> seen = new ArrayList<>();
        try (BatchState start = model.advance(BATCH, 0)) {
            model.lastHiddenState(start, new ForwardObserver() {
                @Override
                public boolean wantsHiddenStates() {
                    return true;
                }

                @Override
                public void hiddenState(LayerNormSite.Stack stack, int index, float[] values) {
                    seen.add(stack + " " + index + " " + values.length);
                }
            });
        }
        assertThat(seen).containsExactly("ENCODER 1 30");
    }
}
