package norma.trainer.layernorm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reader that we did not write: xarray on zarr. */
@Tag("unit")
class LayerNormXarrayTest {
    private static final int HIDDEN = 16;
    private static final List<LayerNormSite> SITES = TestSites.ofBert(2, HIDDEN);
    private static final int ROWS = 123;
    private static final String SUMMARY = """
            import hashlib, json, sys, warnings
            warnings.simplefilter("ignore")
            import xarray
            d = xarray.open_zarr(sys.argv[1], consolidated=sys.argv[2] == "consolidated")
            print(json.dumps({
                "dims": [d.weight.dims, d.bias.dims],
                "dtypes": [str(d[n].dtype) for n in ("weight", "bias", "step", "hidden")],
                "site_kind": d.site.dtype.kind,
                "step": d.step.values.tolist(),
                "site": d.site.values.tolist(),
                "hidden": d.hidden.values.tolist(),
                "weight": hashlib.sha256(d.weight.values.astype("<f4").tobytes()).hexdigest(),
                "bias": hashlib.sha256(d.bias.values.astype("<f4").tobytes()).hexdigest()}))
            """;

    @TempDir
    Path run;

    private Path python;
    private Path store;

    @BeforeEach
    void recordSomething() throws IOException, InterruptedException {
        python = pythonWithXarray();
        assumeTrue(
                python != null,
                "skipped: no python3 with xarray and zarr (Debian: apt-get install python3-xarray python3-zarr)");
        store = run.resolve("layernorm.zarr");
        try (LayerNormRecorder recorder = LayerNormRecorder.open(store, new SnapshotLayout(SITES), 2, false)) {
            for (int row = 0; row < ROWS; row++) {
                recorder.record(2L * row, Snapshots.at(2L * row, SITES.size(), HIDDEN));
            }
        }
    }

    @Test
    void xarrayReadsEveryBit_withAndWithoutConsolidatedMetadata() throws IOException, InterruptedException {
        for (String metadata : List.of("consolidated", "separate")) {
            JsonNode read = json(python.toString(), "-c", SUMMARY, store.toString(), metadata);
            assertThat(read.get("dims").toString())
                    .isEqualTo("[[\"step\",\"site\",\"hidden\"],[\"step\",\"site\",\"hidden\"]]");
            assertThat(read.get("dtypes").toString()).isEqualTo("[\"float32\",\"float32\",\"int64\",\"int64\"]");
            assertThat(read.get("site_kind").asText()).isEqualTo("U");
            assertThat(read.get("step")).hasSize(ROWS);
            for (int row = 0; row < ROWS; row++) {
                assertThat(read.get("step").get(row).asLong()).isEqualTo(2L * row);
            }
            assertThat(read.get("site")).hasSameSizeAs(SITES);
            for (int site = 0; site < SITES.size(); site++) {
                assertThat(read.get("site").get(site).asText())
                        .isEqualTo(SITES.get(site).name());
            }
            assertThat(read.get("hidden")).hasSize(HIDDEN);
            assertThat(read.get("weight").asText()).isEqualTo(sha256(0));
            assertThat(read.get("bias").asText()).isEqualTo(sha256(HIDDEN));
        }
    }

    /** What xarray takes where nothing is said: the consolidated metadata. */
    @Test
    void aRunThatGrows_isReadUpToItsLastFlush_byDefault() throws IOException, InterruptedException {
        String lengths = """
                import json, sys, warnings, xarray
                warnings.simplefilter("error")
                d = xarray.open_zarr(sys.argv[1])
                print(json.dumps([d.weight.sizes["step"], d.bias.sizes["step"], int(d.step[-1]), float(d.weight[-1, 0, 0])]))
                """;
        Path growing = run.resolve("growing.zarr");
        try (LayerNormRecorder recorder = LayerNormRecorder.open(growing, new SnapshotLayout(SITES), 1, false)) {
            for (int step = 0; step < 75; step++) {
                if (step == 60) {
                    recorder.flush();
                }
                recorder.record(step, Snapshots.at(step, SITES.size(), HIDDEN));
            }
            recorder.flush();
            assertThat(json(python.toString(), "-c", lengths, growing.toString())
                            .toString())
                    .startsWith("[75,75,74,");
            recorder.truncateAfter(30);
            assertThat(json(python.toString(), "-c", lengths, growing.toString())
                            .toString())
                    .startsWith("[31,31,30,");
        }
    }

    @Test
    void attributes_nameTheRun_andWhatTheValuesAre() throws IOException, InterruptedException {
        Path named = run.resolve("named.zarr");
        SnapshotLayout layout = new SnapshotLayout(SITES);
        LayerNormRecorder.open(named, layout, 1, false, Map.of("run", "parent", "config_sha256", "ab"))
                .close();
        LayerNormRecorder.open(named, layout, 1, true, Map.of("run", "fork", "config_sha256", "cd"))
                .close();
        JsonNode read = json(python.toString(), "-c", """
                import json, sys, xarray
                for consolidated in (True, False):
                    d = xarray.open_zarr(sys.argv[1], consolidated=consolidated)
                    found = {name: d[name].attrs for name in ("weight", "bias", "step", "site", "hidden")}
                    found["run"] = [d.attrs["run"], d.attrs["config_sha256"]]
                    if not consolidated:
                        assert found == before
                    before = found
                print(json.dumps(found))
                """, named.toString());
        assertThat(read.get("run").toString()).isEqualTo("[\"fork\",\"cd\"]");
        assertThat(read.get("weight").toString())
                .isEqualTo("{\"long_name\":\"LayerNorm weight (scaling factor)\",\"units\":\"1\"}");
        assertThat(read.at("/bias/long_name").asText()).isEqualTo("LayerNorm bias (shift)");
        assertThat(read.at("/step/long_name").asText()).isEqualTo("optimiser steps taken");
        assertThat(read.at("/hidden/units").asText()).isEqualTo("1");
        assertThat(read.get("site").toString()).isEqualTo("{\"long_name\":\"LayerNorm site\"}");
    }

    @Test
    void sitesOfTwoWidths_openWithNaNBeyondTheNarrower_andSayWhatTheyAre() throws IOException, InterruptedException {
        SnapshotLayout layout = new SnapshotLayout(List.of(
                TestSites.bert("embeddings", 3), TestSites.output(LayerNormSite.Stack.DECODER, 0, 5, true, false)));
        Path mixed = run.resolve("mixed.zarr");
        try (LayerNormRecorder recorder = LayerNormRecorder.open(mixed, layout, 1, false)) {
            recorder.record(0, new float[] {1, 2, 3, 0, 0, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 0, 0, 0, 0, 0});
        }
        JsonNode read = json(python.toString(), "-c", """
                import json, sys, xarray
                d = xarray.open_zarr(sys.argv[1], consolidated=False)
                print(json.dumps({
                    "weight": [[None if x != x else x for x in row] for row in d.weight.values[0].tolist()],
                    "bias": [[None if x != x else x for x in row] for row in d.bias.values[0].tolist()],
                    "sites": [[s["name"], s["stack"], s["layer"], s["kind"], s["width"], s["weight"], s["bias"]]
                              for s in d.attrs["sites"]]}))
                """, mixed.toString());
        assertThat(read.get("weight").toString()).isEqualTo("[[1.0,2.0,3.0,null,null],[7.0,8.0,9.0,10.0,11.0]]");
        assertThat(read.get("bias").toString()).isEqualTo("[[4.0,5.0,6.0,null,null],[null,null,null,null,null]]");
        assertThat(read.get("sites").toString())
                .isEqualTo("[[\"embeddings\",\"encoder\",-1,\"embeddings\",3,"
                        + "{\"parameter\":\"embeddings.LayerNorm.weight\",\"axis\":0},"
                        + "{\"parameter\":\"embeddings.LayerNorm.bias\",\"axis\":0}],"
                        + "[\"decoder.0\",\"decoder\",0,\"output\",5,"
                        + "{\"parameter\":\"decoder.0.LayerNorm.weight\",\"axis\":0},null]]");
    }

    @Test
    void theScriptInDocs_readsOneDimension() throws IOException, InterruptedException {
        Path script = Path.of(System.getProperty("norma.root", ".."), "docs", "read_layernorm.py");
        JsonNode read = json(
                python.toString(),
                script.toString(),
                run.toString(),
                "--site",
                "layer.1.output",
                "--dimension",
                "3",
                "--json");
        int site = 4;
        assertThat(SITES.get(site).name()).isEqualTo("layer.1.output");
        assertThat(read.get("step")).hasSize(ROWS);
        for (int row = 0; row < ROWS; row++) {
            float[] snapshot = Snapshots.at(2L * row, SITES.size(), HIDDEN);
            assertThat(read.get("step").get(row).asLong()).isEqualTo(2L * row);
            assertThat(read.get("weight").get(row).asDouble()).isEqualTo(snapshot[site * 2 * HIDDEN + 3]);
            assertThat(read.get("bias").get(row).asDouble()).isEqualTo(snapshot[(site * 2 + 1) * HIDDEN + 3]);
        }
    }

    /** Of all weights or biases in the order of the array, as little-endian floats. */
    private static String sha256(int offset) {
        ByteBuffer all = ByteBuffer.allocate(ROWS * SITES.size() * HIDDEN * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < ROWS; row++) {
            float[] snapshot = Snapshots.at(2L * row, SITES.size(), HIDDEN);
            for (int site = 0; site < SITES.size(); site++) {
                for (int d = 0; d < HIDDEN; d++) {
                    all.putFloat(snapshot[site * 2 * HIDDEN + offset + d]);
                }
            }
        }
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(all.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static Path pythonWithXarray() throws IOException, InterruptedException {
        for (String candidate : List.of("/usr/bin/python3", "/usr/local/bin/python3", "/opt/homebrew/bin/python3")) {
            Path path = Path.of(candidate);
            if (Files.isExecutable(path)
                    && new ProcessBuilder(candidate, "-c", "import xarray, zarr")
                                    .redirectErrorStream(true)
                                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                    .start()
                                    .waitFor()
                            == 0) {
                return path;
            }
        }
        return null;
    }

    private JsonNode json(String... command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(run, "python", ".out");
        Path err = Files.createTempFile(run, "python", ".err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(err, StandardCharsets.UTF_8))
                .isZero();
        return new ObjectMapper().readTree(Files.readAllBytes(out));
    }
}
