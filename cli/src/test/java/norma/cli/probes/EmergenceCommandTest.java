package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import norma.cli.CommandLineRun;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.TestSites;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class EmergenceCommandTest {
    private static final int HIDDEN = 32;

    @TempDir
    Path folder;

    @Test
    void aRun_hasItsJsonPrintedAndWritten_andBothFigures() throws IOException {
        Path run = run("a", 5, 20);
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\":10,\"loss\":8.5}\n");
        CommandLineRun done = CommandLineRun.of("emergence", run, "--json");
        assertThat(done.code()).as(done.err()).isZero();
        JsonNode printed = done.json();
        assertThat(printed.get("command").asText()).startsWith("norma emergence ");
        assertThat(printed.at("/dimensions/0/dimension").asInt()).isEqualTo(5);
        assertThat(printed.at("/dimensions/0/emergence_step").asLong()).isEqualTo(20);
        assertThat(printed.at("/dimensions/0/training_loss").asDouble()).isEqualTo(8.5);
        assertThat(new ObjectMapper()
                        .readTree(run.resolve("probes/emergence.json").toFile()))
                .isEqualTo(printed);
        for (String file : List.of("emergence.png", "emergence.svg", "emergence-lanes.png", "emergence-lanes.svg")) {
            assertThat(run.resolve("probes").resolve(file)).isNotEmptyFile();
        }
        CommandLineRun asText = CommandLineRun.of("emergence", run);
        assertThat(asText.out()).contains("5  emerged at step 20").doesNotContain("Written to");
        assertThat(asText.err()).contains("Written to " + run.resolve("probes"));
        CommandLineRun quiet = CommandLineRun.of("emergence", run, "--quiet");
        assertThat(quiet.out()).isEqualTo(asText.out());
        assertThat(quiet.err()).isEmpty();
    }

    @Test
    void theRuleIsNamed_withItsOptions() throws IOException {
        Path run = run("a", 5, 20);
        assertThat(CommandLineRun.of("emergence", run).out())
                .contains("Outlier dimensions at any step, weight and bias more than 3.0 standard deviations from their"
                        + " vector's mean, in more than 0.5 of 2 sites:");
        Object[] relaxed = {"emergence", run, "--sigma", "2", "--fraction", "0.33", "--combination", "or"};
        assertThat(CommandLineRun.of(relaxed).out())
                .contains(
                        "weight or bias more than 2.0 standard deviations from their vector's mean, in more than 0.33 of 2");
        assertThat(asJson(relaxed).get("rule").toString())
                .isEqualTo("{\"sigma\":2.0,\"fraction\":0.33,\"combination\":\"or\"}");
    }

    @Test
    void ofTwoStacks_eachIsToldBesideBothTogether_orOneAlone() throws IOException {
        Path run = twoStacks();
        CommandLineRun both = CommandLineRun.of("emergence", run, "--json");
        assertThat(both.code()).as(both.err()).isZero();
        assertThat(CommandLineRun.of("emergence", run).out())
                .contains("in more than 0.5 of 5 sites of both stacks:\n  none\n")
                .contains("in more than 0.5 of 2 sites of the encoder:\n      5  emerged at step 20;")
                .contains("in more than 0.5 of 3 sites of the decoder:\n  none\n");
        assertThat(both.json().at("/stacks/0/dimensions/0/emergence_step").asLong())
                .isEqualTo(20);
        CommandLineRun encoder = CommandLineRun.of("emergence", run, "--json", "--stack", "encoder");
        assertThat(encoder.json().at("/dimensions/0/emergence_step").asLong()).isEqualTo(20);
        assertThat(CommandLineRun.of("emergence", run, "--stack", "encoder").out())
                .contains("in more than 0.5 of 2 sites of the encoder:")
                .doesNotContain("both stacks");
        assertThat(encoder.json().at("/rule/stack").asText()).isEqualTo("encoder");
        CommandLineRun refused = CommandLineRun.of("emergence", run("a", 5, 20), "--stack", "decoder");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err())
                .contains(
                        "command line: --stack: found decoder, expected encoder or all: all layers are of the encoder");
    }

    private static JsonNode asJson(Object... words) throws IOException {
        CommandLineRun run = CommandLineRun.of(
                Stream.concat(Stream.of(words), Stream.of("--json")).toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return run.json();
    }

    /** An encoder of 2 layers, in which dimension 5 leaves at step 20, and a decoder of 3, in which none does. */
    private Path twoStacks() throws IOException {
        Path run = Files.createDirectories(folder.resolve("two"));
        SnapshotLayout layout = new SnapshotLayout(TestSites.ofTwoStacks(2, 3, HIDDEN));
        try (LayerNormRecorder recorder = LayerNormRecorder.open(run.resolve("layernorm.zarr"), layout, 1, false)) {
            for (int step = 0; step < 30; step++) {
                float[] snapshot = new float[layout.length()];
                for (int site : layout.outputs()) {
                    boolean beyond = layout.site(site).stack() == Stack.ENCODER && step >= 20;
                    snapshot[layout.weight(site) + 5] = beyond ? 1 : 0;
                    snapshot[layout.bias(site) + 5] = beyond ? 1 : 0;
                }
                recorder.record(step, snapshot);
            }
        }
        return run;
    }

    @Test
    void lanesOfAnEarlierRule_doNotStay() throws IOException {
        Path run = run("a", 5, 20);
        assertThat(CommandLineRun.of("emergence", run).code()).isZero();
        assertThat(CommandLineRun.of("emergence", run, "--sigma", "30").code()).isZero();
        assertThat(run.resolve("probes/emergence-lanes.png")).doesNotExist();
    }

    @Test
    void severalRuns_areComparedToo() throws IOException {
        CommandLineRun done = CommandLineRun.of("emergence", run("a", 5, 20), run("b", 5, 30), "--json");
        assertThat(done.code()).as(done.err()).isZero();
        assertThat(done.json().get("runs")).hasSize(2);
        assertThat(done.json().at("/together/first_emergence_step/mean").asDouble())
                .isEqualTo(25);
        assertThat(done.json().at("/together/positions_shared_by_pairs").asInt())
                .isEqualTo(1);
    }

    /** Ablated at steps 0, 20, 40 and 59: 0, 0, 1 and the last cost. */
    private Path ablated(Path run, double last) throws IOException {
        StringBuilder checkpoints = new StringBuilder();
        double[] costs = {0, 0, 1, last};
        long[] steps = {0, 20, 40, 59};
        for (int i = 0; i < steps.length; i++) {
            checkpoints.append(i == 0 ? "" : ",").append("""
                    {"step":%d,"full":{"loss":5},"ablations":[{"name":"final","dimensions":[5],"sites":"output",
                    "layers":[0,1],"parts":["weight","bias"],"value":"zero","loss":%s}],
                    "baseline":{"name":"random:20","dimensions_per_draw":1,"draws":[{}],"loss_mean":5.01}}
                    """.formatted(steps[i], 5 + costs[i]));
        }
        Files.createDirectories(run.resolve("probes"));
        Files.writeString(
                run.resolve("probes/ablation.json"),
                "{\"evaluation\":{\"kind\":\"masked language model\",\"rows\":8},\"checkpoints\":[" + checkpoints
                        + "]}");
        return run;
    }

    @Test
    void whereARunWasAblated_theStepsFromShapeToCostAreSaid() throws IOException {
        Path run = ablated(run("a", 5, 20), 2);
        JsonNode onset = asJson("emergence", run).get("onset");
        assertThat(onset.get("rule_step").asLong()).isEqualTo(20);
        assertThat(onset.get("departure_step").asLong()).isEqualTo(20);
        assertThat(onset.get("t10").toString()).isEqualTo("{\"step\":24.0,\"after\":20,\"by\":40}");
        assertThat(onset.get("steps_from_rule_to_t10").asDouble()).isEqualTo(4);
        assertThat(onset.get("catastrophic").asBoolean()).isTrue();
        assertThat(CommandLineRun.of("emergence", run).out())
                .contains(
                        "Beyond 3.0 standard deviations to the end of the recording, the most extreme of each site:",
                        "an outlier by the rule from step 20 to the end",
                        "at least a tenth of it from step 24 to the end (between the checkpoints 20 and 40)");
    }

    @Test
    void severalAblatedRuns_haveTheirDamageTogether_asCurveAndTable() throws IOException {
        Path a = ablated(run("a", 5, 20), 2);
        CommandLineRun done = CommandLineRun.of("emergence", a, ablated(run("b", 5, 30), 4), "--json");
        assertThat(done.code()).as(done.err()).isZero();
        assertThat(done.json().at("/damage/cost/mean").asDouble()).isEqualTo(3);
        assertThat(done.json().at("/damage/cost/std").asDouble()).isEqualTo(Math.sqrt(2));
        for (String file : List.of("json", "csv", "png", "svg")) {
            assertThat(a.resolve("probes/damage-over-runs." + file)).isNotEmptyFile();
        }
        Path whole = run("c", 5, 30);
        assertThat(asJson("emergence", a, whole).has("damage")).isFalse();
        assertThat(CommandLineRun.of("emergence", a, whole).out())
                .contains("1 of them has not been ablated along the checkpoints");
    }

    @Test
    void oneRecordingTwice_evenByAnotherName_isRefused() throws IOException {
        Path run = run("a", 5, 20);
        CommandLineRun done = CommandLineRun.of("emergence", run, run.resolve("layernorm.zarr"));
        assertThat(done.code()).isEqualTo(2);
        assertThat(done.err()).contains("twice").doesNotContain("\tat ");
    }

    @Test
    void wrongInput_exitsWith2_andSaysWhatWasExpected() throws IOException {
        Path run = run("a", 5, 20);
        assertThat(CommandLineRun.of("emergence", folder.resolve("nowhere")).code())
                .isEqualTo(2);
        assertThat(CommandLineRun.of("emergence", Files.createDirectory(folder.resolve("empty")))
                        .err())
                .contains("has no layernorm.zarr");
        CommandLineRun sigma = CommandLineRun.of("emergence", run, "--sigma", "-1");
        assertThat(sigma.code()).isEqualTo(2);
        assertThat(sigma.err()).contains("--sigma: found -1.0");
    }

    private Path run(String name, int dimension, int from) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        List<LayerNormSite> sites = List.of(
                TestSites.bert("embeddings", HIDDEN),
                TestSites.bert("layer.0.output", HIDDEN),
                TestSites.bert("layer.1.output", HIDDEN));
        try (LayerNormRecorder recorder =
                LayerNormRecorder.open(run.resolve("layernorm.zarr"), new SnapshotLayout(sites), 1, false)) {
            for (int step = 0; step < 60; step++) {
                float[] snapshot = new float[sites.size() * 2 * HIDDEN];
                for (int i = 0; i < snapshot.length; i++) {
                    boolean out = i >= 2 * HIDDEN && i % HIDDEN == dimension && step >= from;
                    snapshot[i] = out ? 1 : (i % 2) * 0.01f;
                }
                recorder.record(step, snapshot);
            }
        }
        return run;
    }
}
