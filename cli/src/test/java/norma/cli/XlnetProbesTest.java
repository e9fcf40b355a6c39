package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.reference.ReferenceFolder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Probes of a permutation language model on sequences that somebody else has drawn. */
@Tag("engine")
class XlnetProbesTest {
    private static final ReferenceFolder GOLDEN = GoldenFixture.of("xlnet");

    @TempDir
    Path folder;

    private static Map<String, long[]> frozen() {
        Batch batch = GOLDEN.batch();
        long[] labels = new long[batch.inputIds().length];
        Arrays.fill(labels, -100);
        for (int i = 0; i < batch.predictedPositions().length; i++) {
            labels[batch.predictedPositions()[i]] = batch.predictedLabels()[i];
        }
        Map<String, long[]> tensors = new LinkedHashMap<>();
        tensors.put("input_ids", longs(batch.inputIds()));
        tensors.put("token_type_ids", longs(batch.tokenTypeIds()));
        tensors.put(
                "attention_mask",
                IntStream.range(0, labels.length)
                        .mapToLong(i -> i % batch.length() < batch.lengths()[i / batch.length()] ? 1 : 0)
                        .toArray());
        tensors.put("labels", labels);
        return tensors;
    }

    private static long[] longs(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    private CommandLineRun ablate(Map<String, long[]> tensors) throws IOException {
        Path file = folder.resolve("frozen.safetensors");
        LongTensors.write(file, tensors, GOLDEN.batch().rows(), "perm_mask");
        return CommandLineRun.of(
                "ablate", GOLDEN.folder(), "--dims", "3,17", "--baseline", "none", "--eval", file, "--json");
    }

    @Test
    void ablation_onTheReferencesPermutation_isTheReferences() throws IOException {
        Batch batch = GOLDEN.batch();
        int s = batch.length();
        Map<String, long[]> tensors = frozen();
        tensors.put(
                "perm_mask",
                IntStream.range(0, batch.rows() * s * s)
                        .mapToLong(i -> batch.hidden().hides(i / s / s, i / s % s, i % s) ? 1 : 0)
                        .toArray());
        CommandLineRun run = ablate(tensors);
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode json = run.json();
        JsonNode expected = GOLDEN.expected();
        assertThat(json.at("/evaluation/kind").asText()).isEqualTo("permutation language model");
        assertThat(json.at("/full/loss").asDouble())
                .isCloseTo(expected.at("/loss/total").asDouble(), within(5e-6));
        assertThat(json.at("/ablations/0/loss").asDouble())
                .isCloseTo(expected.at("/ablation/ff_ln_all/loss/total").asDouble(), within(5e-6));

        CommandLineRun otherwise = ablate(frozen()); // every prediction without the others
        assertThat(otherwise.code()).as(otherwise.err()).isZero();
        assertThat(otherwise.json().at("/full/loss").asDouble())
                .isNotCloseTo(expected.at("/loss/total").asDouble(), within(1e-3));
        assertThat(otherwise.json().at("/evaluation/sha256")).isNotEqualTo(json.at("/evaluation/sha256"));
    }

    @Test
    void labelsAtEveryToken_areRefused_forNothingIsLeftToPredictThemFrom() throws IOException {
        Map<String, long[]> tensors = frozen();
        int s = GOLDEN.batch().length();
        Arrays.fill(tensors.get("labels"), s, 2 * s, 7);
        CommandLineRun run = ablate(tensors);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("frozen.safetensors: labels: found one for every token of row 1, expected -100 at some");
    }

    @Test
    void aPermutation_isRefusedForAModelThatHasNone() throws IOException {
        Map<String, long[]> tensors = frozen();
        tensors.put("perm_mask", new long[3 * 12 * 12]);
        Path file = folder.resolve("frozen.safetensors");
        LongTensors.write(file, tensors, 3, "perm_mask");
        CommandLineRun run = CommandLineRun.of(
                "ablate", GoldenFixture.of("bert").folder(), "--dims", "3", "--baseline", "none", "--eval", file);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("perm_mask: found some, expected none: a masked language model has no order");
    }
}
