package norma.probes.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import norma.datasets.batches.Batch;
import norma.probes.ablation.AblationContrast;
import norma.trainer.bert.BatchState;
import norma.trainer.bert.ForwardObserver;
import norma.trainer.bert.PretrainedBert;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The reference BERT, one of whose rows is padded: its own attentions, and NumPy's arithmetic on them. */
@Tag("engine")
class AttentionReferenceTest {
    private static final TokenKind[] KINDS = IntStream.range(0, 101)
            .mapToObj(id -> TokenKind.values()[id % TokenKind.values().length])
            .toArray(TokenKind[]::new);
    private static final String NUMPY = """
            import json, struct, sys
            import numpy as np
            with open(sys.argv[1], "rb") as f:
                n = struct.unpack("<Q", f.read(8))[0]
                header = json.loads(f.read(n))
                data = f.read()
            def read(name):
                t = header[name]
                kind = {"F32": "<f4", "I64": "<i8"}[t["dtype"]]
                b, e = t["data_offsets"]
                return np.frombuffer(data[b:e], kind).reshape(t["shape"])
            ids, mask = read("input.input_ids"), read("input.attention_mask")
            layers = []
            for layer in range(100):
                if f"attentions.{layer}" not in header:
                    break
                p = read(f"attentions.{layer}").astype(np.float64)
                h = -np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(-1)
                heads = []
                for a in range(p.shape[1]):
                    w = mask.astype(bool)
                    heads.append([h[:, a][w].mean()] +
                                 [(p[:, a] * (ids % 4 == k)[:, None, :]).sum(-1)[w].mean() for k in range(4)])
                layers.append(heads)
            print(json.dumps(layers))
            """;

    @Test
    void entropyAndShares_areNumPysOnTheReferencesAttentions() throws IOException, InterruptedException {
        Path golden = golden();
        JsonNode theirs = numpy(golden.resolve("io.safetensors"));
        try (PretrainedBert bert = PretrainedBert.open(golden, Device.cpu())) {
            AttentionStatistics ours = AttentionStatistics.measure(bert, List.of(batch(golden)), KINDS);
            assertThat(ours.layers()).hasSize(theirs.size());
            for (int layer = 0; layer < theirs.size(); layer++) {
                assertThat(ours.layers().get(layer)).hasSize(theirs.get(layer).size());
                for (int head = 0; head < theirs.get(layer).size(); head++) {
                    HeadStatistics one = ours.layers().get(layer).get(head);
                    JsonNode reference = theirs.get(layer).get(head);
                    assertThat(one.entropy()).isCloseTo(reference.get(0).asDouble(), within(5e-6));
                    for (int kind = 0; kind < 4; kind++) {
                        assertThat(one.share(TokenKind.values()[kind]))
                                .isCloseTo(reference.get(1 + kind).asDouble(), within(5e-6));
                    }
                    assertThat(one.shares().values().stream().mapToDouble(p -> p).sum())
                            .isCloseTo(1, within(1e-6));
                }
            }
        }
    }

    @Test
    void attentionOnPadding_isExactly0_andEveryRowSumsTo1_ablatedToo() throws IOException {
        Path golden = golden();
        Batch batch = batch(golden);
        assertThat(batch.hasPadding()).isTrue();
        int s = batch.length();
        try (PretrainedBert bert = PretrainedBert.open(golden, Device.cpu());
                BatchState state = bert.advance(batch, 0)) {
            for (List<Integer> off : List.of(List.<Integer>of(), List.of(3, 17))) {
                int[] layers = {0};
                AblationContrast.without(bert, off, () -> bert.lastHiddenState(state, new ForwardObserver() {
                    @Override
                    public boolean wantsAttentionProbs() {
                        return true;
                    }

                    @Override
                    public void attentionProbs(int layer, float[] values) {
                        layers[0]++;
                        for (int at = 0; at < values.length; at += s) {
                            int row = at / (values.length / batch.rows());
                            double sum = 0;
                            for (int key = 0; key < s; key++) {
                                sum += values[at + key];
                                if (key >= batch.lengths()[row]) {
                                    assertThat(values[at + key]).isZero();
                                }
                            }
                            assertThat(sum).isCloseTo(1, within(1e-6));
                        }
                    }
                }));
                assertThat(layers[0]).isEqualTo(bert.config().numHiddenLayers());
            }
        }
    }

    @Test
    void anAblation_changesAttention_fromTheSecondLayerOn_andLeavesNoTrace() throws IOException {
        Path golden = golden();
        List<Batch> batches = List.of(batch(golden));
        try (PretrainedBert bert = PretrainedBert.open(golden, Device.cpu())) {
            float[] before = bert.layerNorms();
            AttentionStatistics full = AttentionStatistics.measure(bert, batches, KINDS);
            AttentionStatistics ablated = AblationContrast.without(
                    bert, List.of(3, 17), () -> AttentionStatistics.measure(bert, batches, KINDS));
            assertThat(ablated.layers().get(0)).isEqualTo(full.layers().get(0));
            assertThat(ablated.layers().get(1)).isNotEqualTo(full.layers().get(1));
            assertThat(bert.layerNorms()).containsExactly(before);
            assertThat(AttentionStatistics.measure(bert, batches, KINDS)).isEqualTo(full);
        }
    }

    private static Path golden() {
        Path folder = Path.of(System.getProperty("norma.root", "."))
                .resolve(System.getProperty("norma.golden", "../shared/golden"))
                .resolve("bert");
        skipUnless(Files.isDirectory(folder), "no golden fixtures at " + folder + " (set -Dnorma.golden=FOLDER)");
        return folder;
    }

    private static Batch batch(Path golden) throws IOException {
        try (SafetensorsFile io = SafetensorsFile.open(golden.resolve("io.safetensors"))) {
            int rows = (int) io.shape("input.input_ids")[0];
            int length = (int) io.shape("input.input_ids")[1];
            int[] mask = ints(io.readLongs("input.attention_mask"));
            int[] lengths = IntStream.range(0, rows)
                    .map(row -> Arrays.stream(mask, row * length, (row + 1) * length)
                            .sum())
                    .toArray();
            return new Batch(
                    rows,
                    length,
                    ints(io.readLongs("input.input_ids")),
                    ints(io.readLongs("input.token_type_ids")),
                    lengths,
                    new int[0],
                    new int[0],
                    null);
        }
    }

    private static int[] ints(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    private static JsonNode numpy(Path io) throws IOException, InterruptedException {
        Path python = Path.of("/usr/bin/python3");
        skipUnless(Files.isExecutable(python), "no " + python);
        Process check = new ProcessBuilder(python.toString(), "-c", "import numpy")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        skipUnless(check.waitFor() == 0, python + " has no NumPy");
        Process process = new ProcessBuilder(python.toString(), "-c", NUMPY, io.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return new ObjectMapper().readTree(out);
    }

    private static void skipUnless(boolean holds, String reason) {
        if (!holds) {
            System.err.println("skipped: " + reason);
        }
        assumeTrue(holds, "skipped: " + reason);
    }
}
