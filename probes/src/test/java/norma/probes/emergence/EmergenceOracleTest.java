package norma.probes.emergence;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import norma.datasets.base.Progress;
import norma.probes.PythonOracle;
import norma.probes.emergence.EmergedDimension.Rise;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteZ;
import norma.trainer.layernorm.SnapshotLayout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random recordings, against the definition row by row and against numpy and xarray. */
@Tag("unit")
class EmergenceOracleTest {
    private static final int LAYERS = 3;
    private static final List<OutlierRule> RULES = List.of(
            OutlierRule.PAPER,
            new OutlierRule(2, 0.5, OutlierRule.Combination.OR),
            new OutlierRule(1.5, 0, OutlierRule.Combination.AND),
            new OutlierRule(0, 0.9, OutlierRule.Combination.AND));

    /** Reads with xarray and decides with numpy; prints what it finds in every site and by the rule. */
    private static final String ORACLE = """
            import json, sys, warnings
            warnings.simplefilter("ignore")
            import numpy as np, xarray
            d = xarray.open_zarr(sys.argv[1], consolidated=False)
            sigma, fraction, both = float(sys.argv[2]), float(sys.argv[3]), sys.argv[4] == "and"
            step = d.step.values.tolist()
            def beyond(a):
                a = a.values.astype("float64")
                return np.abs((a - a.mean(-1, keepdims=True)) / a.std(-1, keepdims=True)) > sigma
            w, b = beyond(d.weight), beyond(d.bias)
            outputs = [i for i, s in enumerate(d.site.values.tolist())
                       if s.startswith("layer.") and not s.endswith("attention.output")]
            joined = (w & b) if both else (w | b)
            rule = joined[:, outputs].sum(1) > fraction * len(outputs)
            def steps(x):
                if not x.any():
                    return None
                first = step[int(np.argmax(x))]
                off = np.flatnonzero(~x)
                last = 0 if len(off) == 0 else int(off[-1]) + 1
                return [first, step[last] if last < len(x) else None, int((np.diff(x.astype(int)) == 1).sum() + x[0])]
            out = {"rule": {}, "weight": {}, "bias": {}, "count": rule.sum(1).tolist()}
            for i in range(rule.shape[1]):
                if steps(rule[:, i]):
                    out["rule"][i] = steps(rule[:, i])
            for name, x in (("weight", w), ("bias", b)):
                for s in range(x.shape[1]):
                    for i in range(x.shape[2]):
                        got = steps(x[:, s, i])
                        if got and got[1] is not None:
                            out[name]["%d %d" % (s, i)] = got[:2]
            print(json.dumps(out))
            """;

    @TempDir
    Path folder;

    @Test
    void theRuleAtEveryRow_readBackwardsAndForwards_givesTheSameSteps() throws IOException {
        RandomRecording recording = RandomRecording.of(RandomRecording.steps(230), LAYERS, 5);
        Path store = recording.write(folder.resolve("layernorm.zarr"), 1, 50);
        for (OutlierRule rule : RULES) {
            assertEqualsDefinition(recording, rule, read(store, rule));
        }
        assertThat(read(store, OutlierRule.PAPER).dimensions())
                .as("or the comparison says little")
                .anyMatch(d -> d.emergenceStep() != null && d.emergenceStep() > 0 && d.crossings() > 1);
    }

    @Test
    void whereChunksBegin_makesNoDifference() throws IOException {
        RandomRecording recording = RandomRecording.of(RandomRecording.steps(120), LAYERS, 6);
        for (OutlierRule rule : RULES) {
            Emergence expected = null;
            for (int chunkRows : new int[] {1, 7, 50, 119, 120, 200}) {
                Path store = folder.resolve(rule.sigma() + "-" + chunkRows + ".zarr");
                Emergence found = read(recording.write(store, 1, chunkRows), rule);
                expected = expected == null ? found : expected;
                assertThat(found).isEqualTo(expected);
            }
        }
    }

    @Test
    void stepsThatBeginLaterAndAreLeftOut_areSteps_andTheHolesAreGaps() throws IOException {
        long[] steps = LongStream.concat(
                        LongStream.range(50, 90).map(i -> 10 * i),
                        LongStream.range(120, 200).map(i -> 10 * i))
                .toArray();
        RandomRecording recording = RandomRecording.of(steps, LAYERS, 7);
        Emergence found = read(recording.write(folder.resolve("part.zarr"), 10, 50), OutlierRule.PAPER);
        assertThat(found.firstStep()).isEqualTo(500);
        assertThat(found.lastStep()).isEqualTo(1990);
        assertThat(found.gaps()).containsExactly(new Emergence.Gap(900, 1190));
        assertEqualsDefinition(recording, OutlierRule.PAPER, found);
    }

    @Test
    void numpyAndXarray_findTheSame() throws IOException, InterruptedException {
        PythonOracle oracle = PythonOracle.with("xarray, zarr", "Debian: python3-xarray python3-zarr", ORACLE, folder);
        RandomRecording recording =
                RandomRecording.of(LongStream.range(0, 230).map(i -> 5 * i).toArray(), LAYERS, 8);
        Path store = recording.write(folder.resolve("layernorm.zarr"), 5, 50);
        for (OutlierRule rule : RULES.subList(0, 3)) {
            assertEqualsNumpy(recording, read(store, rule), numpy(oracle, store, rule));
        }
    }

    private static void assertEqualsNumpy(RandomRecording recording, Emergence found, JsonNode theirs) {
        ObjectMapper json = new ObjectMapper();
        assertThat(theirs.get("rule")).as("or the comparison says little").isNotEmpty();
        assertThat(found.dimensions()).hasSameSizeAs(theirs.get("rule"));
        for (EmergedDimension d : found.dimensions()) {
            assertThat(theirs.get("rule").get("" + d.dimension()))
                    .isEqualTo(json.valueToTree(steps(d.firstStep(), d.emergenceStep(), d.crossings())));
        }
        List<String> sites = found.siteNames();
        int weights = 0;
        int biases = 0;
        for (Departure departure : found.departures()) {
            String key = sites.indexOf(departure.site()) + " " + departure.dimension();
            if (departure.weightStep() != null) {
                weights++;
                assertThat(theirs.get("weight").get(key))
                        .isEqualTo(json.valueToTree(steps(departure.weightFirst(), departure.weightStep(), null)));
            }
            if (departure.biasStep() != null) {
                biases++;
                assertThat(theirs.get("bias").get(key))
                        .isEqualTo(json.valueToTree(steps(departure.biasFirst(), departure.biasStep(), null)));
            }
        }
        assertThat(theirs.get("weight")).hasSize(weights);
        assertThat(theirs.get("bias")).hasSize(biases);
        for (int row = 0; row < recording.steps().length; row++) {
            assertThat(theirs.get("count").get(row).asInt())
                    .isEqualTo(countAt(found, recording.steps()[row]));
        }
    }

    private static int[] orNull(Long step) {
        return step == null ? null : new int[] {Math.toIntExact(step)};
    }

    private static List<Integer> steps(long first, Long lasting, Integer crossings) {
        List<Integer> steps = new ArrayList<>();
        steps.add(Math.toIntExact(first));
        steps.add(lasting == null ? null : orNull(lasting)[0]);
        if (crossings != null) {
            steps.add(crossings);
        }
        return steps;
    }

    private static int countAt(Emergence found, long step) {
        return found.counts().stream()
                .filter(count -> count.step() <= step)
                .reduce((a, b) -> b)
                .orElseThrow()
                .count();
    }

    /** The definition, from {@link OutlierRule#apply} on whole snapshots. */
    private static void assertEqualsDefinition(RandomRecording recording, OutlierRule rule, Emergence found) {
        long[] steps = recording.steps();
        List<Set<Integer>> satisfied = new ArrayList<>();
        for (float[] snapshot : recording.snapshots()) {
            satisfied.add(rule.apply(snapshot, new SnapshotLayout(recording.sites())).stream()
                    .map(OutlierDimension::dimension)
                    .collect(Collectors.toCollection(TreeSet::new)));
        }
        for (int row = 0; row < steps.length; row++) {
            assertThat(countAt(found, steps[row])).isEqualTo(satisfied.get(row).size());
        }
        for (int dimension = 0; dimension < RandomRecording.HIDDEN; dimension++) {
            int d = dimension;
            int lasting = steps.length;
            while (lasting > 0 && satisfied.get(lasting - 1).contains(d)) {
                lasting--;
            }
            Long emergence = lasting < steps.length ? steps[lasting] : null;
            int first = 0;
            while (first < steps.length && !satisfied.get(first).contains(d)) {
                first++;
            }
            List<EmergedDimension> here =
                    found.dimensions().stream().filter(e -> e.dimension() == d).toList();
            assertThat(here).hasSize(first < steps.length ? 1 : 0);
            if (!here.isEmpty()) {
                assertThat(here.get(0).firstStep()).isEqualTo(steps[first]);
                assertThat(here.get(0).emergenceStep()).isEqualTo(emergence);
                assertRise(recording, rule, here.get(0), lasting);
            }
        }
    }

    /** Back from the emergence, row by row, as long as some layer's output has the dimension beyond. */
    private static void assertRise(RandomRecording recording, OutlierRule rule, EmergedDimension dimension, int row) {
        Rise rise = dimension.rise();
        if (dimension.emergenceStep() == null) {
            assertThat(rise).isNull();
            return;
        }
        int onset = row;
        while (onset > 0 && touched(recording, rule, onset - 1, dimension.dimension())) {
            onset--;
        }
        assertThat(rise.onsetStep()).isEqualTo(recording.steps()[onset]);
        int layers = 0;
        double change = 0;
        for (int site = 0; site < recording.sites().size(); site++) {
            SiteZ now = z(recording, row, site);
            if (recording.sites().get(site).isLayerOutput() && rule.isBeyond(now, dimension.dimension())) {
                layers++;
                change += now.magnitude(Part.WEIGHT, dimension.dimension())
                        - z(recording, onset, site).magnitude(Part.WEIGHT, dimension.dimension());
            }
        }
        assertThat(rise.layers()).isEqualTo(layers);
        if (onset == row) {
            assertThat(rise.weightSpeed()).isNaN();
        } else {
            double expected =
                    change / layers / (recording.steps()[row] - recording.steps()[onset]) * 1000;
            assertThat(rise.weightSpeed())
                    .isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-9 * (1 + Math.abs(expected))));
        }
    }

    private static boolean touched(RandomRecording recording, OutlierRule rule, int row, int d) {
        for (int site = 0; site < recording.sites().size(); site++) {
            SiteZ z = z(recording, row, site);
            if (recording.sites().get(site).isLayerOutput()
                    && (z.magnitude(Part.WEIGHT, d) > rule.sigma() || z.magnitude(Part.BIAS, d) > rule.sigma())) {
                return true;
            }
        }
        return false;
    }

    private static SiteZ z(RandomRecording recording, int row, int site) {
        return SiteZ.of(recording.snapshots()[row], new SnapshotLayout(recording.sites()), site);
    }

    private static Emergence read(Path store, OutlierRule rule) throws IOException {
        return EmergenceReader.read(LayerNormRecording.open(store), rule, Progress.NONE);
    }

    private static JsonNode numpy(PythonOracle oracle, Path store, OutlierRule rule)
            throws IOException, InterruptedException {
        String combination = rule.combination() == OutlierRule.Combination.AND ? "and" : "or";
        return oracle.ask(List.of(store.toString(), "" + rule.sigma(), "" + rule.fraction(), combination));
    }
}
