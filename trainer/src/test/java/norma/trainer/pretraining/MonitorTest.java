package norma.trainer.pretraining;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.datasets.pretraining.ContextFreeLosses;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite.Stack;
import norma.trainer.model.LossTerm;
import norma.trainer.model.TestSites;
import norma.trainer.run.MetricsLog;
import norma.trainer.step.Learner;
import norma.trainer.tensorboard.EventWriter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class MonitorTest {
    private static final List<LossTerm> TERMS = List.of(new LossTerm("mlm", LossTerm.Unit.PREDICTION, 1));

    @TempDir
    private Path folder;

    @Test
    void aSiteWithoutABias_hasNullForIt_andNarrowSitesTheirOwnStatistics() throws IOException {
        SnapshotLayout layout = new SnapshotLayout(List.of(
                TestSites.output(Stack.ENCODER, 0, 12, true, false),
                TestSites.output(Stack.ENCODER, 1, 2, true, true)));
        float[] snapshot = layout.blank();
        for (int d = 0; d < 12; d++) {
            snapshot[d] = d == 3 ? 4 : 0; // z = sqrt(11)
        }
        System.arraycopy(new float[] {1, 2}, 0, snapshot, layout.weight(1), 2);
        System.arraycopy(new float[] {5, 5}, 0, snapshot, layout.bias(1), 2);
        Path metrics = folder.resolve("metrics.jsonl");
        try (Monitor monitor = new Monitor(
                new MetricsLog(metrics),
                EventWriter.open(folder.resolve("tensorboard")),
                TERMS,
                new ContextFreeLosses(6.4, 6.1, Double.NaN),
                layout)) {
            monitor.write(
                    0, null, 0, 0, 0, new Learner.Evaluation(List.of(new Learner.TermScore("mlm", 1, 0, 1))), snapshot);
        }
        JsonNode validation = MetricsLog.read(metrics).get(0).json().get("validation");
        assertThat(validation.get("unigram_loss").asDouble()).isEqualTo(6.4);
        assertThat(validation.get("unigram_entropy").asDouble()).isEqualTo(6.1);
        assertThat(validation.get("context_free_loss").isNull()).isTrue();
        JsonNode sites = MetricsLog.read(metrics).get(0).json().at("/layernorm/sites");
        assertThat(sites.at("/encoder.0/weight/largest_z").asDouble()).isEqualTo(Math.sqrt(11));
        assertThat(sites.at("/encoder.0/weight/beyond_3_sigma").asInt()).isEqualTo(1);
        assertThat(sites.at("/encoder.0").has("bias")).isTrue();
        assertThat(sites.at("/encoder.0/bias").isNull()).isTrue();
        assertThat(sites.at("/encoder.1/weight/largest_z").asDouble()).isEqualTo(-1);
        assertThat(sites.at("/encoder.1/bias/largest_z").asDouble()).isZero();
    }

    @Test
    void aStepWithNothingToPredict_hasNullForItsLosses_andNoPointInTensorBoard() throws IOException {
        List<LossTerm> terms = List.of(TERMS.get(0), new LossTerm("nsp", LossTerm.Unit.SEQUENCE, 1));
        SnapshotLayout layout = new SnapshotLayout(List.of(TestSites.output(Stack.ENCODER, 0, 2, true, true)));
        Path metrics = folder.resolve("metrics.jsonl");
        Path events = folder.resolve("tensorboard");
        ContextFreeLosses none = new ContextFreeLosses(Double.NaN, Double.NaN, Double.NaN);
        try (Monitor monitor = new Monitor(new MetricsLog(metrics), EventWriter.open(events), terms, none, layout)) {
            monitor.write(
                    1,
                    new Learner.Outcome(0.7, List.of(Double.NaN, 0.7), 0.5, 0, 0, true),
                    1e-3,
                    8,
                    1,
                    new Learner.Evaluation(List.of(
                            new Learner.TermScore("mlm", Double.NaN, Double.NaN, 0),
                            new Learner.TermScore("nsp", 0.6, 1, 4))),
                    new float[4]);
        }
        JsonNode line = MetricsLog.read(metrics).get(0).json();
        for (String path : List.of(
                "/loss", "/mlm_loss", "/validation/mlm_loss", "/validation/perplexity", "/validation/accuracy")) {
            assertThat(line.at(path).isNull()).as(path).isTrue();
        }
        assertThat(line.at("/nsp_loss").asDouble()).isEqualTo(0.7);
        assertThat(line.at("/grad_norm").asDouble()).isEqualTo(0.5);
        assertThat(line.at("/validation/nsp_loss").asDouble()).isEqualTo(0.6);
        byte[] written;
        try (var files = Files.list(events)) {
            written = Files.readAllBytes(files.findFirst().orElseThrow());
        }
        String tags = new String(written, StandardCharsets.ISO_8859_1);
        assertThat(tags)
                .contains("train/nsp_loss", "train/grad_norm", "validation/nsp_loss")
                .doesNotContain("train/loss", "train/mlm_loss", "validation/mlm_loss", "validation/perplexity");
    }
}
