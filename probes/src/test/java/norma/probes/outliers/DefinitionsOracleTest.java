package norma.probes.outliers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import norma.datasets.base.Progress;
import norma.datasets.batches.Batch;
import norma.probes.PythonOracle;
import norma.probes.dimensions.SiteChoice;
import norma.trainer.golden.GoldenFixture;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.pretrained.PretrainedModel;
import norma.trainer.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every definition against numpy and scipy, which compute it from the published formulas and read the files themselves.
 */
class DefinitionsOracleTest {
    /** Our sums are in double, over the same float32 numbers. */
    private static final double SAME_NUMBERS = 1e-12;
    /** A forward pass of float32, and a kurtosis takes the fourth power of what it says. */
    private static final double FORWARD_PASS = 1e-5;

    private static final OutlierRule RULE = new OutlierRule(0.75, 0.3, OutlierRule.Combination.AND);

    /**
     * {@code golden FOLDER} or {@code raw FILE HIDDEN LENGTH LENGTHS…}; prints each definition's figures and
     * dimensions.
     */
    private static final String ORACLE = """
            import json, struct, sys
            import numpy as np
            from scipy import stats

            def tensors(path):
                d = open(path, "rb").read()
                n = struct.unpack("<Q", d[:8])[0]
                out = {}
                for k, v in json.loads(d[8:8 + n]).items():
                    if k != "__metadata__":
                        a, b = v["data_offsets"]
                        t = {"F32": "<f4", "I64": "<i8", "I32": "<i4"}[v["dtype"]]
                        out[k] = np.frombuffer(d[8 + n + a:8 + n + b], t).reshape(v["shape"])
                return out

            def count(dims):
                return {str(int(d)): int(sum(x == d for x in dims)) for d in set(dims)}

            def summary(figures, dims):
                return {"values": {"mean": float(np.mean(figures)), "largest": float(np.max(figures))},
                        "per_layer": [float(x) for x in figures], "dimensions": count(dims)}

            def kurtosis(a, axis):
                return stats.kurtosis(a, axis=axis, fisher=False, bias=True)

            out = {}
            if sys.argv[1] == "golden":
                io = tensors(sys.argv[2] + "/io.safetensors")
                states = [io["hidden_states.%d" % i] for i in range(sum(k.startswith("hidden_states.") for k in io))]
                lengths = io["input.attention_mask"].sum(1)
                model = tensors(sys.argv[2] + "/model.safetensors")
                part = lambda p: np.stack([model["bert.encoder.layer.%d.output.LayerNorm.%s" % (l, p)]
                                           for l in range(len(states) - 1)]).astype("float64")
                w, b = part("weight"), part("bias")
                for name, a in (("weight", w), ("bias", b)):
                    far = np.abs(a - a.mean(1, keepdims=True)).argmax(1)
                    out["layernorm_%s_kurtosis" % name] = summary(kurtosis(a, 1), far)
                beyond = (np.abs(stats.zscore(w, axis=1)) > 0.75) & (np.abs(stats.zscore(b, axis=1)) > 0.75)
                layers = beyond.sum(0)
                out["rule"] = {str(d): int(layers[d]) for d in np.flatnonzero(layers > 0.3 * len(w))}
            else:
                hidden, length = int(sys.argv[3]), int(sys.argv[4])
                lengths = [int(x) for x in sys.argv[5:]]
                states = np.fromfile(sys.argv[2], "<f4").reshape(-1, len(lengths), length, hidden)

            # (sequences) of (tokens, H) without padding, for each hidden state
            states = [[s[r, :n].astype("float64") for r, n in enumerate(lengths)] for s in states]
            layers = states[1:]
            tokens = [np.concatenate(x) for x in layers]

            z4 = [stats.zscore(t, axis=1) ** 4 for t in tokens]
            out["activation_kurtosis_per_token"] = summary(
                [kurtosis(t, 1).mean() for t in tokens], [z.sum(0).argmax() for z in z4])
            means = [t.mean(0) for t in tokens]
            out["activation_kurtosis_layer_mean"] = summary(
                [kurtosis(m, 0) for m in means], [np.abs(m - m.mean()).argmax() for m in means])
            out["activation_kurtosis_per_sequence"] = summary(
                [np.mean([kurtosis(s, None) for s in x]) for x in layers],
                [sum((stats.zscore(s, axis=None) ** 4).mean(0) / s.shape[1] for s in x).argmax() for x in layers])
            norms = [np.sqrt((t ** 2).mean(0)) for t in tokens]
            out["feature_norm_kurtosis"] = summary(
                [(s ** 4).mean() / (s ** 2).mean() ** 2 for s in norms], [s.argmax() for s in norms])
            out["largest_infinity_norm"] = summary(
                [np.mean([np.linalg.norm(s.ravel(), np.inf) for s in x]) for x in layers],
                [np.abs(t).max(0).argmax() for t in tokens])

            every = np.stack([np.concatenate(x) for x in states])  # (states, tokens, H)
            large = np.abs(every) >= 6
            in_layers = large.any(1).sum(0)
            enough = in_layers >= 0.25 * len(every)
            found = enough & (large.mean((0, 1)) >= 0.06)
            out["llm_int8_features"] = {"values": {
                "dimensions": int(found.sum()),
                "dimensions_if_a_position_counts_once_over_all_layers":
                    int((enough & (large.any(0).mean(0) >= 0.06)).sum())},
                "per_layer": [], "dimensions": {str(d): int(in_layers[d]) for d in np.flatnonzero(found)}}

            tops, medians, massive = [], [], []
            for x in layers:
                tops.append(np.mean([np.sort(np.abs(s).ravel())[::-1][:3] for s in x], axis=0))
                medians.append(np.mean([np.quantile(np.abs(s), 0.5, method="lower") for s in x]))
                massive.append(np.any([((np.abs(s) > 100) & (
                    np.abs(s) >= 1000 * np.quantile(np.abs(s), 0.5, method="lower"))).any(0) for s in x], axis=0))
            top = int(np.argmax([t[0] for t in tops]))
            ratios = [t[0] / m for t, m in zip(tops, medians)]
            in_layers = np.sum(massive, axis=0)
            out["massive_activations"] = {"values": {
                "top_1": tops[top][0], "top_2": tops[top][1], "top_3": tops[top][2], "median": medians[top],
                "largest_ratio": max(ratios)},
                "per_layer": ratios, "dimensions": {str(d): int(in_layers[d]) for d in np.flatnonzero(in_layers)}}
            print(json.dumps(out))
            """;

    @TempDir
    Path folder;

    @Test
    @Tag("unit")
    void onHeavyTailedHiddenStates_everyDefinitionIsNumpys() throws IOException, InterruptedException {
        PythonOracle oracle = oracle();
        int hidden = 48;
        int length = 20;
        int[] lengths = {20, 13, 7, 20};
        List<float[]> states = heavyTailed(5, lengths.length * length, hidden);
        Activations activations = new Activations(layers(states.size() - 1), hidden);
        Batch batch = batch(lengths, length);
        activations.beginBatch(batch);
        ByteBuffer raw = ByteBuffer.allocate(states.size() * states.get(0).length * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int index = 0; index < states.size(); index++) {
            activations.add(index, batch, states.get(index));
            for (float value : states.get(index)) {
                raw.putFloat(value);
            }
        }
        activations.endBatch();
        Path file = Files.write(folder.resolve("states.f32"), raw.array());
        List<String> words = new ArrayList<>(List.of("raw", file.toString(), "" + hidden, "" + length));
        Arrays.stream(lengths).forEach(n -> words.add("" + n));
        JsonNode theirs = oracle.ask(words);
        List<Finding> ours = ActivationDefinitions.of(activations);
        assertThat(ours).hasSize(7);
        ours.forEach(finding -> compare(finding, theirs, SAME_NUMBERS));
        for (String name : List.of("llm_int8_features", "massive_activations")) {
            assertThat(theirs.get(name).get("dimensions"))
                    .as("or the comparison of " + name + " says little")
                    .isNotEmpty();
        }
    }

    @Test
    @Tag("engine")
    void onTheReferenceModel_everyDefinitionIsScipysOnTheReferencesHiddenStates()
            throws IOException, InterruptedException {
        Path golden = GoldenFixture.of("bert").folder();
        PythonOracle oracle = oracle();
        JsonNode theirs = oracle.ask(List.of("golden", golden.toString()));
        try (SafetensorsFile io = SafetensorsFile.open(golden.resolve("io.safetensors"));
                PretrainedModel bert = PretrainedModel.open(golden, Device.cpu())) {
            OutlierReport report = OutlierReport.of(bert, RULE, SiteChoice.PAPER, List.of(batch(io)), Progress.NONE);
            assertThat(report.findings()).hasSize(9);
            report.findings()
                    .forEach(finding -> compare(
                            finding, theirs, finding.name().startsWith("layernorm_") ? SAME_NUMBERS : FORWARD_PASS));
            Map<String, Integer> found = new TreeMap<>();
            for (OutlierDimension dimension : report.dimensions()) {
                found.put("" + dimension.dimension(), dimension.sites().size());
            }
            assertThat(theirs.get("rule")).as("or the comparison says little").isNotEmpty();
            assertThat(new ObjectMapper().<JsonNode>valueToTree(found)).isEqualTo(theirs.get("rule"));
        }
    }

    private static void compare(Finding ours, JsonNode all, double tolerance) {
        JsonNode theirs = all.get(ours.name());
        assertThat(theirs).as(ours.name()).isNotNull();
        assertThat(theirs.get("values")).hasSize(ours.values().size());
        ours.values()
                .forEach((key, value) -> close(
                        ours.name() + " " + key, value, theirs.get("values").get(key), tolerance));
        assertThat(theirs.get("per_layer")).hasSize(ours.perLayer().size());
        int layer = 0;
        for (Map.Entry<String, Double> entry : ours.perLayer().entrySet()) {
            close(
                    ours.name() + " " + entry.getKey(),
                    entry.getValue(),
                    theirs.get("per_layer").get(layer++),
                    tolerance);
        }
        Map<String, Integer> dimensions = new TreeMap<>();
        ours.dimensions().forEach((dimension, count) -> dimensions.put("" + dimension, count));
        assertThat(new ObjectMapper().<JsonNode>valueToTree(dimensions))
                .as(ours.name())
                .isEqualTo(theirs.get("dimensions"));
    }

    private static void close(String what, double ours, JsonNode theirs, double tolerance) {
        assertThat(ours).as(what).isCloseTo(theirs.asDouble(), within(tolerance * Math.abs(theirs.asDouble())));
    }

    /** Normal values; one dimension large everywhere, one in some tokens, one massive in a few. */
    private static List<float[]> heavyTailed(int states, int tokens, int hidden) {
        Random random = new Random(11);
        List<float[]> all = new ArrayList<>();
        for (int index = 0; index < states; index++) {
            float[] values = new float[tokens * hidden];
            for (int i = 0; i < values.length; i++) {
                double scale =
                        switch (i % hidden) {
                            case 7 -> 9;
                            case 19 -> random.nextInt(6) == 0 ? 12 : 0.2;
                            case 31 -> index > 1 && random.nextInt(40) == 0 ? 2500 : 0.1;
                            default -> 0.15;
                        };
                values[i] = (float) (scale * random.nextGaussian());
            }
            all.add(values);
        }
        return all;
    }

    private static Batch batch(int[] lengths, int length) {
        int tokens = lengths.length * length;
        return new Batch(
                lengths.length, length, new int[tokens], new int[tokens], lengths, new int[0], new int[0], null);
    }

    private static Batch batch(SafetensorsFile io) throws IOException {
        long[] shape = io.shape("input.input_ids");
        int[] lengths = new int[(int) shape[0]];
        long[] mask = io.readLongs("input.attention_mask");
        for (int i = 0; i < mask.length; i++) {
            lengths[i / (int) shape[1]] += (int) mask[i];
        }
        return new Batch(
                lengths.length,
                (int) shape[1],
                Arrays.stream(io.readLongs("input.input_ids"))
                        .mapToInt(Math::toIntExact)
                        .toArray(),
                Arrays.stream(io.readLongs("input.token_type_ids"))
                        .mapToInt(Math::toIntExact)
                        .toArray(),
                lengths,
                new int[0],
                new int[0],
                null);
    }

    private PythonOracle oracle() throws IOException, InterruptedException {
        return PythonOracle.with("numpy, scipy", "pip install numpy scipy", ORACLE, folder);
    }

    /** Names of so many layers' outputs. */
    static List<String> layers(int n) {
        return IntStream.range(0, n)
                .mapToObj(layer -> "layer." + layer + ".output")
                .toList();
    }
}
