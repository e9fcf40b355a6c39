package norma.probes.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.datasets.batches.Target;
import norma.probes.dimensions.StackChoice;
import norma.probes.outliers.Activations;
import norma.probes.outliers.HiddenStates;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.model.AttentionKind;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Attention and activations of an encoder and a decoder against Hugging Face's BART; the decoder's last row is short.
 */
@Tag("engine")
class StacksReferenceTest {
    private static final ReferenceFolder GOLDEN = GoldenFixture.of("bart");
    private static final int[] SAID = {10, 10, 7};

    /** With the padding of the target left out, as in batches that are made of a text. */
    private static Batch batch() {
        Batch whole = GOLDEN.batch();
        Target target = whole.target();
        return whole.with(new Target(target.length(), target.inputIds(), SAID));
    }

    @Test
    void everyKindOfAttention_isTheReferences_paddingOfQueriesAndKeysLeftOut() throws IOException {
        Batch batch = batch();
        TokenKind[] kinds = new TokenKind[101];
        for (int id = 0; id < kinds.length; id++) {
            kinds[id] = List.of(TokenKind.values()).get(id % TokenKind.values().length);
        }
        try (SafetensorsFile io = GOLDEN.io();
                PretrainedModel model = PretrainedModel.open(GOLDEN.folder(), Device.cpu())) {
            AttentionStatistics ours = AttentionStatistics.measure(model, List.of(batch), kinds);
            assertThat(ours.kinds()).containsExactly(AttentionKind.ENCODER, AttentionKind.DECODER, AttentionKind.CROSS);
            assertThat(ours.layers()).hasSize(6);
            for (int i = 0; i < 6; i++) {
                AttentionLayer place = ours.places().get(i);
                String name = place.kind().name().toLowerCase(Locale.ROOT) + "_attentions." + place.layer();
                float[] theirs = io.read(name).values();
                long[] shape = io.shape(name);
                boolean ofTarget = place.kind() != AttentionKind.ENCODER;
                boolean toTarget = place.kind() == AttentionKind.DECODER;
                int[] queries = ofTarget ? SAID : batch.lengths();
                int[] keys = toTarget ? SAID : batch.lengths();
                int[] ids = toTarget ? batch.target().inputIds() : batch.inputIds();
                for (int head = 0; head < shape[1]; head++) {
                    compare(ours.layers().get(i).get(head), theirs, shape, head, queries, keys, ids, kinds);
                }
            }
        }
    }

    private static void compare(
            HeadStatistics ours,
            float[] theirs,
            long[] shape,
            int head,
            int[] queries,
            int[] keys,
            int[] ids,
            TokenKind[] kinds) {
        double entropy = 0;
        Map<TokenKind, Double> shares = new EnumMap<>(TokenKind.class);
        int length = (int) shape[3];
        for (int row = 0; row < shape[0]; row++) {
            for (int query = 0; query < queries[row]; query++) {
                for (int key = 0; key < keys[row]; key++) {
                    double p = theirs[(int) (((row * shape[1] + head) * shape[2] + query) * length + key)];
                    entropy -= p == 0 ? 0 : p * Math.log(p);
                    shares.merge(kinds[ids[row * length + key]], p, Double::sum);
                }
            }
        }
        int all = Arrays.stream(queries).sum();
        assertThat(shares.values().stream().mapToDouble(Double::doubleValue).sum() / all)
                .isCloseTo(1, within(1e-5));
        assertThat(ours.entropy()).isCloseTo(entropy / all, within(5e-6));
        for (TokenKind kind : TokenKind.values()) {
            assertThat(ours.share(kind)).isCloseTo(shares.getOrDefault(kind, 0.0) / all, within(5e-6));
        }
    }

    @Test
    void uniformAttentionToAnotherStack_isSpreadOverItsTokens() {
        TokenKind[] kinds = new TokenKind[101];
        Arrays.fill(kinds, TokenKind.OTHER);
        int[] none = {};
        Batch batch = new Batch(2, 4, new int[8], new int[8], new int[] {4, 2}, none, none, null)
                .with(new Target(3, new int[6], new int[] {3, 1}));
        assertThat(AttentionStatistics.uniform(List.of(batch), kinds, AttentionKind.CROSS)
                        .entropy())
                .isCloseTo((3 * Math.log(4) + Math.log(2)) / 4, within(1e-12));
        assertThat(AttentionStatistics.uniform(List.of(batch), kinds, AttentionKind.CROSS)
                        .share(TokenKind.OTHER))
                .isCloseTo(1, within(1e-12));
        assertThat(AttentionStatistics.uniform(List.of(batch), kinds, AttentionKind.DECODER)
                        .entropy())
                .isCloseTo((Math.log(2) + Math.log(3)) / 4, within(1e-12));
        assertThat(AttentionStatistics.uniform(List.of(batch), kinds, AttentionKind.ENCODER)
                        .entropy())
                .isCloseTo((4 * Math.log(4) + 2 * Math.log(2)) / 6, within(1e-12));
    }

    @Test
    void hiddenStates_areThoseOfTheStacksThatAreLookedAt_eachOfItsOwnTokens() throws IOException {
        Batch batch = batch();
        try (SafetensorsFile io = GOLDEN.io();
                PretrainedModel model = PretrainedModel.open(GOLDEN.folder(), Device.cpu())) {
            for (StackChoice choice : StackChoice.values()) {
                HiddenStates states = HiddenStates.of(model.layerNormSites(), choice);
                assertThat(states.size()).isEqualTo(choice == StackChoice.ALL ? 6 : 3);
                int[] seen = new int[states.size()];
                Activations activations = Activations.measure(
                        model,
                        states,
                        List.of(batch),
                        (place, read, values) -> {
                            boolean decoder = states.all().get(place).stack() == Stack.DECODER;
                            assertThat(read.inputIds())
                                    .isEqualTo(decoder ? batch.target().inputIds() : batch.inputIds());
                            seen[place]++;
                        },
                        Progress.NONE);
                assertThat(seen).containsOnly(1);
                for (int d = 0; d < 32; d += 5) {
                    double largest = 0;
                    for (Stack stack : Stack.values()) {
                        boolean counts =
                                choice == StackChoice.ALL || choice.name().equals(stack.name());
                        for (int layer = 1; counts && layer <= 2; layer++) {
                            largest = Math.max(largest, largest(io, stack, layer, d, batch));
                        }
                    }
                    assertThat(activations.of(d).largest()).isCloseTo(largest, within(2e-5));
                }
            }
        }
    }

    private static double largest(SafetensorsFile io, Stack stack, int layer, int dimension, Batch batch)
            throws IOException {
        String name = stack.name().toLowerCase(Locale.ROOT) + "_hidden_states." + layer;
        float[] values = io.read(name).values();
        int length = (int) io.shape(name)[1];
        int[] lengths = stack == Stack.DECODER ? SAID : batch.lengths();
        double largest = 0;
        for (int row = 0; row < lengths.length; row++) {
            for (int token = 0; token < lengths[row]; token++) {
                largest = Math.max(largest, Math.abs(values[(row * length + token) * 32 + dimension]));
            }
        }
        return largest;
    }
}
