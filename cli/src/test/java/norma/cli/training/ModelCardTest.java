package norma.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.cli.CommandLineRun;
import norma.cli.TinyRunTests;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** README.md of a checkpoint. */
@Tag("run")
class ModelCardTest extends TinyRunTests {
    private String card(String run, int step) throws IOException {
        return Files.readString(runs.resolve(run).resolve(String.format("checkpoints/step-%08d/README.md", step)));
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    /** What stands between the two lines of dashes. */
    private static JsonNode frontMatter(String card) throws IOException {
        assertThat(card).startsWith("---\n");
        return new YAMLMapper().readTree(card.substring(4, card.indexOf("\n---\n", 4) + 1));
    }

    @Test
    void card_hasMetricsHashesAndSettings_andIsTheSameForTheSameTraining() throws IOException {
        for (String run : List.of("one", "two")) {
            assertThat(CommandLineRun.of("pretrain", config, "--runs", runs, "--run", run, "--quiet")
                            .code())
                    .isZero();
        }
        String card = card("one", 6);
        assertThat(card("two", 6)).isEqualTo(card);
        JsonNode front = frontMatter(card);
        assertThat(front.path("library_name").asText()).isEqualTo("transformers");
        assertThat(front.path("pipeline_tag").asText()).isEqualTo("fill-mask");
        assertThat(front.path("license").asText()).isEqualTo("unknown");
        assertThat(front.path("tags").toString()).contains("\"norma\"", "\"bert\"");
        List<String> lines = Files.readAllLines(runs.resolve("one/metrics.jsonl"));
        JsonNode validation =
                new ObjectMapper().readTree(lines.get(lines.size() - 1)).path("validation");
        JsonNode metrics = front.at("/model-index/0/results/0/metrics");
        assertThat(metrics.at("/0/type").asText()).isEqualTo("loss");
        assertThat(metrics.at("/0/value").asDouble())
                .isEqualTo(validation.path("mlm_loss").asDouble());
        assertThat(metrics.at("/1/value").asDouble())
                .isEqualTo(validation.path("perplexity").asDouble());
        assertThat(metrics.at("/2/value").asDouble())
                .isEqualTo(validation.path("accuracy").asDouble());
        String huggingFaceClass = json(runs.resolve("one/checkpoints/step-00000006/config.json"))
                .at("/architectures/0")
                .asText();
        JsonNode data = json(runs.resolve("one/provenance.json")).path("data");
        assertThat(card)
                .contains(
                        data.path("corpus_sha256").asText(),
                        data.path("tokenizer_sha256").asText(),
                        "# " + huggingFaceClass + " at step 6\n",
                        "## Outlier dimensions",
                        "  hidden_size: 16\n")
                .doesNotContain(folder.toString(), "paths:");
        assertThat(json(runs.resolve("one/checkpoints/step-00000006/manifest.json"))
                        .path("files")
                        .has("README.md"))
                .isTrue();
    }

    @Test
    void cardOfAStepWithoutEvaluation_saysSo() throws IOException {
        CommandLineRun run = CommandLineRun.of(
                "pretrain", config, "--runs", runs, "--run", "a", "--quiet", "--set", "checkpoints.every=2");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(card("a", 2)).contains("Not evaluated at this step.");
        assertThat(frontMatter(card("a", 2)).has("metrics")).isFalse();
        assertThat(card("a", 6)).doesNotContain("Not evaluated");
    }
}
