package norma.cli.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import norma.cli.CommandLineRun;
import norma.cli.terminal.ExitCode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page about a fine-tuning. */
@Tag("run")
class FinetuningReportTest extends FinetuneTests {
    @Test
    void aFineTuning_hasAPageWithItsScoresAndSeeds() throws Exception {
        CommandLineRun run = run(classes("--seeds", 2, "--epochs", 3, "--run", "ships", "--quiet"));
        assertThat(run.code()).as(run.err()).isZero();
        Path ships = runs.resolve("ships");
        CommandLineRun report = CommandLineRun.of("report", ships, "--json");
        assertThat(report.code()).as(report.err()).isZero();
        String page = Files.readString(ships.resolve("report.html"));
        assertThat(DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(Files.readAllBytes(ships.resolve("report.html"))))
                        .getElementsByTagName("table")
                        .getLength())
                .isEqualTo(3);
        JsonNode results =
                new ObjectMapper().readTree(ships.resolve("results.json").toFile());
        for (String key : List.of("accuracy", "accuracy_std", "macro_f1")) {
            double value = results.at("/best_epoch/dev/" + key).asDouble();
            assertThat(page).contains("<td>" + String.format(Locale.ROOT, "%.4f", value) + "</td>");
        }
        assertThat(page)
                .contains("sample standard deviation over seeds (n − 1)")
                .contains("seed-2/checkpoint")
                .contains("Outlier dimensions by the paper&#39;s rule")
                .contains("layer.1.output")
                .contains("micro_batch_size")
                .doesNotContain("NaN");
        assertThat(report.json().at("/figures/0").asText()).isEqualTo("report-finetuning");
        assertThat(ImageIO.read(ships.resolve("probes/report-finetuning.png").toFile())
                        .getWidth())
                .isGreaterThan(500);
    }

    @Test
    void aFolderOfFineTuningsAlongARun_isRefusedWithOneThatHasAPage() throws IOException {
        Path along = Files.createDirectories(runs.resolve("along"));
        Path last = Files.createDirectories(along.resolve("step-00000020"));
        Files.writeString(last.resolve("finetune.yaml"), "");
        CommandLineRun.of("report", along)
                .assertRefused(
                        along + ": is the folder of several fine-tunings, one for each checkpoint of a run, expected "
                                + "one of them, such as " + last);
    }

    @Test
    void oneThatHasNotEnded_orIsDamaged_hasNone() throws IOException {
        assertThat(run(classes("--seeds", 1, "--epochs", 1, "--run", "one", "--quiet"))
                        .code())
                .isEqualTo(ExitCode.DONE);
        Path one = runs.resolve("one");
        Files.writeString(one.resolve("seed-1/against-parent.json"), "{}");
        CommandLineRun.of("report", one)
                .assertRefused("against-parent.json: outlier_dimensions: found nothing, expected an object");
        Files.delete(one.resolve("results.json"));
        CommandLineRun.of("report", one)
                .assertRefused("one: has no results.json, expected a fine-tuning that has ended");
    }
}
