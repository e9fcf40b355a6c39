package norma.probes.ablation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import norma.datasets.base.InvalidInputException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
class AblationFileTest {
    private static final String WHOLE = """
            {"evaluation": {"kind": "masked language model"}, "checkpoints": [{"step": 3, "full": {"loss": 5.5},
             "ablations": [{"name": "own", "dimensions": [11], "loss": 5.75}],
             "baseline": {"others": "1 other", "loss_mean": 5.5, "loss_std": null, "draws": [{}]}}]}
            """;

    @TempDir
    Path folder;

    @Test
    void aWholeFile_isRead() throws IOException {
        Path file = Files.writeString(folder.resolve("ablation.json"), WHOLE);

        assertThat(AblationJson.read(file))
                .isEqualTo(new AblationFile(
                        Optional.empty(),
                        Optional.of("masked language model"),
                        Optional.empty(),
                        List.of(new AblationFile.Checkpoint(
                                Optional.empty(),
                                Optional.of(3L),
                                Map.of("loss", 5.5),
                                List.of(new AblationFile.Ablation(
                                        "own",
                                        List.of(11),
                                        "sites ; layers ; parts ; value ",
                                        Map.of("loss", 5.75),
                                        Double.NaN)),
                                List.of(new AblationFile.Others("", "1 other", 0, 1, Map.of("loss_mean", 5.5)))))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"kind\": \"masked language model\"|\"kind\": 1|evaluation.kind: found 1, expected text",
                "\"step\": 3|\"step\": \"3\"|checkpoints[0].step: found \"3\", expected a whole number of at least 0",
                "\"full\": {|\"fall\": {|checkpoints[0].full: found nothing, expected an object",
                "\"loss\": 5.5|\"loss\": []|checkpoints[0].full.loss: found [], expected a number or null",
                "[11]|[1.5]|checkpoints[0].ablations[0].dimensions: found [1.5], expected whole numbers of at least 0",
                "\"ablations\": [|\"ablations\": [7,|checkpoints[0].ablations[0]: found 7, expected an object",
                "\"1 other\"|5|checkpoints[0].baseline.others: found 5, expected text",
                "[{}]|3|checkpoints[0].baseline.draws: found 3, expected a list of objects",
            })
    void aValueOfAnotherType_isNamedByFileAndKey(String was, String is, String finding) throws IOException {
        assertThat(WHOLE).contains(was);
        Path file = Files.writeString(folder.resolve("ablation.json"), WHOLE.replace(was, is));

        assertThatThrownBy(() -> AblationJson.read(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(file + ": " + finding);
    }
}
