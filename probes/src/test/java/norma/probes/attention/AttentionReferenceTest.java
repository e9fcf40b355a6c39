package norma.probes.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import norma.datasets.batches.Batch;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.reference.ReferenceFolder;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Entropy and shares, against the attention probabilities that Hugging Face's BERT gave. */
@Tag("engine")
class AttentionReferenceTest {
    @Test
    void entropyAndShares_areThoseOfTheReferencesAttention_paddingLeftOut() throws IOException {
        Path folder = GoldenFixture.of("bert").folder();
        ReferenceFolder reference = new ReferenceFolder(folder);
        try (SafetensorsFile io = reference.io();
                PretrainedModel bert = PretrainedModel.open(folder, Device.cpu())) {
            Batch batch = reference.unlabelledBatch();
            TokenKind[] kinds = new TokenKind[bert.config().vocabSize()];
            for (int id = 0; id < kinds.length; id++) {
                kinds[id] = List.of(TokenKind.values()).get(id % TokenKind.values().length);
            }
            AttentionStatistics ours = AttentionStatistics.measure(bert, List.of(batch), kinds);
            int heads = bert.config().numAttentionHeads();
            for (int layer = 0; layer < bert.config().numHiddenLayers(); layer++) {
                float[] theirs = io.read("attentions." + layer).values();
                for (int head = 0; head < heads; head++) {
                    compare(ours.layers().get(layer).get(head), theirs, batch, kinds, heads, head);
                }
            }
        }
    }

    private static void compare(
            HeadStatistics ours, float[] theirs, Batch batch, TokenKind[] kinds, int heads, int head) {
        double entropy = 0;
        Map<TokenKind, Double> shares = new EnumMap<>(TokenKind.class);
        int s = batch.length();
        for (int row = 0; row < batch.rows(); row++) {
            for (int query = 0; query < batch.lengths()[row]; query++) {
                for (int key = 0; key < s; key++) {
                    double p = theirs[((row * heads + head) * s + query) * s + key];
                    if (key >= batch.lengths()[row]) {
                        assertThat(p).as("attention on padding").isZero();
                    } else {
                        entropy -= p == 0 ? 0 : p * Math.log(p);
                        shares.merge(kinds[batch.inputIds()[row * s + key]], p, Double::sum);
                    }
                }
            }
        }
        int queries = batch.tokens();
        assertThat(ours.entropy()).isCloseTo(entropy / queries, within(5e-6));
        for (TokenKind kind : TokenKind.values()) {
            assertThat(ours.share(kind)).isCloseTo(shares.getOrDefault(kind, 0.0) / queries, within(5e-6));
        }
        assertThat(Arrays.stream(TokenKind.values()).mapToDouble(ours::share).sum())
                .isCloseTo(1, within(1e-6));
    }
}
