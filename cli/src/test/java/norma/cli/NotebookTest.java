package norma.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.OutlierDimension;
import norma.trainer.layernorm.OutlierRule;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteStatistics;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.layernorm.VectorStatistics;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The notebook in examples runs, and NumPy's figures in it are ours. */
@Tag("unit")
class NotebookTest {
    private static final Path NOTEBOOK =
            Path.of(System.getProperty("norma.root", ".."), "examples/notebooks/recording.ipynb");
    private static final String PYTHON = "/usr/bin/python3";
    private static final int HIDDEN = 32;
    private static final int STEPS = 60;
    private static final int PLANTED = 7;

    private final SnapshotLayout layout = new SnapshotLayout(TestSites.ofBert(2, HIDDEN));

    @TempDir
    Path folder;

    /** Random vectors, and one dimension that leaves the others as the steps go by. */
    private float[] snapshot(int step) {
        Random random = new Random(step);
        float[] snapshot = layout.blank();
        for (int site = 0; site < layout.size(); site++) {
            for (Part part : Part.values()) {
                for (int d = 0; d < HIDDEN; d++) {
                    float away = d == PLANTED && layout.site(site).isLayerOutput() ? step * 0.02f : 0;
                    snapshot[layout.offset(site, part) + d] = 1 + 0.1f * (float) random.nextGaussian() + away;
                }
            }
        }
        return snapshot;
    }

    private Path run() throws IOException {
        Path run = Files.createDirectory(folder.resolve("planted"));
        StringBuilder metrics = new StringBuilder();
        try (LayerNormRecorder recorder = LayerNormRecorder.open(
                run.resolve("layernorm.zarr"), layout, 1, false, Map.of("run", "planted", "config_sha256", "ab"))) {
            for (int step = 0; step < STEPS; step++) {
                recorder.record(step, snapshot(step));
                metrics.append("{\"step\":").append(step).append(",\"loss\":").append(9 - step * 0.01);
                metrics.append("}\n");
            }
        }
        Files.writeString(run.resolve("metrics.jsonl"), metrics);
        return run;
    }

    private Process start(Path run, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile());
        builder.environment().putAll(Map.of("NORMA_RUN", run.toString(), "MPLBACKEND", "agg"));
        return builder.start();
    }

    /** What the notebook printed, cell by cell. */
    private List<JsonNode> printed(Path executed) throws IOException {
        List<JsonNode> printed = new ArrayList<>();
        for (JsonNode cell : new ObjectMapper().readTree(executed.toFile()).path("cells")) {
            for (JsonNode output : cell.path("outputs")) {
                if (output.path("name").asText().equals("stdout")) {
                    StringBuilder text = new StringBuilder();
                    output.path("text").forEach(line -> text.append(line.asText()));
                    printed.add(new ObjectMapper().readTree(text.toString()));
                }
            }
        }
        return printed;
    }

    @Test
    void notebook_findsTheOutlierAndTheExtremesThatWeFind() throws IOException, InterruptedException {
        boolean there = Files.isExecutable(Path.of(PYTHON))
                && start(folder, PYTHON, "-c", "import nbconvert, ipykernel, xarray, zarr, matplotlib")
                                .waitFor()
                        == 0;
        assumeTrue(
                there,
                "skipped: " + PYTHON + " has no nbconvert, ipykernel, xarray, zarr and matplotlib (Debian: apt-get"
                        + " install jupyter-nbconvert python3-ipykernel python3-xarray python3-zarr python3-matplotlib)");
        Path executed = folder.resolve("executed.ipynb");
        Process process = start(
                run(),
                PYTHON,
                "-m",
                "nbconvert",
                "--to",
                "notebook",
                "--execute",
                "--output-dir",
                folder.toString(),
                "--output",
                "executed.ipynb",
                NOTEBOOK.toString());
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("said")))
                .isZero();

        List<JsonNode> printed = printed(executed);
        assertThat(printed).hasSize(2);
        float[] last = snapshot(STEPS - 1);
        for (SiteStatistics site : SiteStatistics.of(last, layout)) {
            for (Part part : Part.values()) {
                JsonNode theirs = printed.get(0).path(site.site()).path(part.label());
                VectorStatistics ours = site.of(part);
                assertThat(theirs.path("dimension").asInt()).isEqualTo(ours.dimension());
                assertThat(theirs.path("z").asDouble()).isCloseTo(ours.largestZ(), within(1e-9));
            }
        }
        List<Integer> outliers = OutlierRule.PAPER.apply(last, layout).stream()
                .map(OutlierDimension::dimension)
                .toList();
        assertThat(outliers).containsExactly(PLANTED);
        assertThat(printed.get(1).toString()).isEqualTo(outliers.toString());
    }
}
