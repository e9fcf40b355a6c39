package norma.trainer.finetuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import norma.datasets.base.InvalidInputException;
import norma.trainer.finetuning.FinetuningSummary.Spread;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class FinetuningResultsTest {
    private static final String WHOLE = """
            {"task": "STS-B", "checkpoint": "models/a", "interrupted": false, "epochs": 1, "training_examples": 4,
             "headline": ["pearson"], "majority_baseline": {"dev": {"pearson": null, "mse": 2.5}},
             "best_epoch": {"dev": {"examples": 2, "pearson": 0.5, "pearson_std": 0.25, "mse": 1.5, "mse_std": null}},
             "seeds": [{"seed": 1, "best_epoch": 1, "model": "seed-1/checkpoint", "epochs": [
               {"epoch": 1, "step": 7, "training_loss": 1.25, "dev": {"dev": {"pearson": 0.5, "mse": 1.5, "loss": 1.5}}}]}]}
            """;

    @TempDir
    Path folder;

    @Test
    void results_areReadWithoutTheirTask() throws IOException {
        Path file = Files.writeString(folder.resolve("results.json"), WHOLE);
        assertThat(FinetuningResults.read(file))
                .isEqualTo(new FinetuningResults(
                        "STS-B",
                        "models/a",
                        List.of("pearson"),
                        Map.of("dev", Map.of("pearson", Double.NaN, "mse", 2.5)),
                        Map.of("dev", Map.of("pearson", new Spread(0.5, 0.25), "mse", new Spread(1.5, Double.NaN))),
                        List.of(new FinetuningResults.Seed(
                                1,
                                1,
                                "seed-1/checkpoint",
                                List.of(new FinetuningResults.Epoch(
                                        1,
                                        7,
                                        1.25,
                                        Map.of("dev", Map.of("pearson", 0.5, "mse", 1.5, "loss", 1.5))))))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"STS-B\"|5|task: found 5, expected text",
                "[\"pearson\"]|[5]|headline: found [5], expected a list of texts",
                "\"pearson_std\": 0.25|\"pearson_std\": []|best_epoch.dev.pearson_std: found [], expected a number or null",
                "\"step\": 7|\"step\": 0|seeds[0].epochs[0].step: found 0, expected a whole number of at least 1",
                "{\"dev\": {\"pearson\": 0.5|{\"dev\": {\"pearson\": \"a\"|seeds[0].epochs[0].dev.dev.pearson: found \"a\", expected a number or null",
            })
    void aValueOfAnotherType_isNamedByFileAndKey(String was, String is, String finding) throws IOException {
        assertThat(WHOLE).contains(was);
        Path file = Files.writeString(folder.resolve("results.json"), WHOLE.replace(was, is));
        assertThatThrownBy(() -> FinetuningResults.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": " + finding);
    }
}
