package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.trainer.run.MetricsLine;
import norma.trainer.run.MetricsLog;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps of one short sequence in which, at a probability of 2 %, most often no token is masked. */
@Tag("run")
class NothingToPredictTest {
    @TempDir
    private Path folder;

    @Test
    void stepsWithNothingToPredict_logNull_andEverythingThatReadsThemCopes() throws IOException {
        Path config = CommandLineRun.tinyConfig(folder);
        CommandLineRun pretrain = CommandLineRun.of(
                "pretrain",
                config,
                "--runs",
                folder.resolve("runs"),
                "--run",
                "a",
                "--json",
                "--set",
                "training.batch_size=1",
                "--set",
                "data.mask_probability=0.02",
                "--set",
                "training.steps=30",
                "--set",
                "evaluation.every=15",
                "--set",
                "evaluation.examples=1");
        assertThat(pretrain.code()).as(pretrain.err()).isZero();
        assertThat(pretrain.err()).doesNotContain("NaN").contains("nothing to predict");
        Path run = folder.resolve("runs/a");
        int nothing = 0;
        int something = 0;
        for (MetricsLine logged : MetricsLog.read(run.resolve("metrics.jsonl"))) {
            JsonNode line = logged.json();
            if (line.has("loss")) {
                boolean isNull = line.get("mlm_loss").isNull();
                assertThat(line.get("loss").isNull()).isEqualTo(isNull);
                assertThat(line.get("grad_norm").isNull()).isEqualTo(isNull);
                assertThat(line.get("learning_rate").isNumber()).isTrue();
                assertThat(isNull || line.get("loss").asDouble() > 1).isTrue();
                nothing += isNull ? 1 : 0;
                something += isNull ? 0 : 1;
            }
        }
        assertThat(nothing).isPositive();
        assertThat(something).isPositive();
        for (String command : List.of("report", "emergence", "outliers")) {
            CommandLineRun read = CommandLineRun.of(command, run, "--json");
            assertThat(read.code()).as(read.err()).isZero();
        }
    }
}
