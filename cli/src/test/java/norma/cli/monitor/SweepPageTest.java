package norma.cli.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import norma.cli.CommandLineRun;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page of {@code norma monitor} on the runs of a sweep; that a sweep's own files are read is shown by its tests.
 */
class SweepPageTest extends BrowserTests {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Two points, of which the second has one run that was not begun. */
    private static final String RESULT = """
            {"sweep": "lr", "base": "tiny.yaml", "swept": ["optimizer.learning_rate"], "complete": false,
             "states": {"waiting": 1, "finished": 3},
             "points": [
               {"point": "learning_rate-0.001", "values": {"optimizer.learning_rate": "0.001"}, "runs": 2,
                "loss": {"never": 0, "mean": 4.5, "std": 0.25}, "outliers": {"never": 0, "mean": 1.5, "std": 0.5},
                "rule_step": {"never": 1, "mean": 1234, "std": null}, "departure_step": {"never": 2},
                "t10": {"never": 2}, "cost": {"never": 0, "mean": 2.0, "std": 1.0}, "random_cost": {"never": 2}},
               {"point": "learning_rate-0.002", "values": {"optimizer.learning_rate": "0.002"}, "runs": 2,
                "loss": {"never": 1, "mean": 5.5, "std": null}, "outliers": {"never": 2}, "rule_step": {"never": 2},
                "departure_step": {"never": 2}, "t10": {"never": 2}, "cost": {"never": 2}, "random_cost": {"never": 2}}],
             "runs": [
               {"run": "lr-1", "point": "learning_rate-0.001", "seed": 1, "state": "finished", "validation_loss": 4.25,
                "outliers": [3], "rule_step": 1234, "cost": 1.0, "random_cost": null, "problems": []},
               {"run": "lr-2", "point": "learning_rate-0.001", "seed": 2, "state": "finished", "validation_loss": 4.75,
                "outliers": [3, 5], "rule_step": null, "cost": 3.0, "random_cost": null, "problems": ["<b>no</b>"]},
               {"run": "lr-3", "point": "learning_rate-0.002", "seed": 1, "state": "finished", "validation_loss": 5.5,
                "outliers": null, "rule_step": null, "cost": null, "random_cost": null, "problems": []},
               {"run": "lr-4", "point": "learning_rate-0.002", "seed": 2, "state": "waiting", "validation_loss": null,
                "outliers": null, "rule_step": null, "cost": null, "random_cost": null, "problems": []}]}
            """;

    @TempDir
    static Path folder;

    private static Path runs;

    @BeforeAll
    static void sweepAndServe() throws IOException {
        Path run = CommandLineRun.tinyRun(folder, "training.steps=20", "evaluation.every=10");
        runs = Files.createDirectories(folder.resolve("swept"));
        for (int i = 1; i <= 3; i++) {
            Path one = CommandLineRun.copy(run, runs.resolve("lr-" + i));
            place(one, i <= 2 ? "0.001" : "0.002");
        }
        CommandLineRun.copy(run, runs.resolve("alone"));
        Files.createDirectories(runs.resolve("lr"));
        Files.writeString(runs.resolve("lr/sweep.json"), RESULT);
        serve(runs, 0);
    }

    private static void place(Path run, String rate) throws IOException {
        Path file = run.resolve("provenance.json");
        ObjectNode provenance = (ObjectNode) JSON.readTree(file.toFile());
        JsonNode sweep =
                JSON.readTree("{\"name\": \"lr\", \"base\": \"tiny.yaml\", \"point\": {\"optimizer.learning_rate\": \""
                        + rate + "\"}}");
        provenance.set("sweep", sweep);
        Files.writeString(file, provenance.toString());
    }

    private static List<String> names(Page page) {
        return page.locator("#runs tbody .name").allInnerTexts();
    }

    @Test
    void aSweep_isOneLineOfTheList_andItsRunsAreFoldedUnderIt() {
        Page page = open(address(""));
        Locator line = page.locator("#runs tbody tr", new Page.LocatorOptions().setHasText("sweep of tiny.yaml"));
        line.waitFor();
        assertThat(line.innerText()).contains("3 finished", "60 / 60");

        assertThat(names(page)).contains("lr", "alone").doesNotContain("lr-2");
        line.locator(".fold-runs").click();
        await(page, "its runs", () -> names(page).containsAll(List.of("lr-1", "lr-2", "lr-3")));
        assertThat(names(page).indexOf("lr-1")).isGreaterThan(names(page).indexOf("lr"));
        page.locator("#find").fill("lr-2");
        await(page, "what was looked for", () -> names(page).equals(List.of("lr", "lr-2")));
    }

    @Test
    void itsView_hasPointsOnsetCostAndCurves_asItsFileSays() {
        Page page = open(address(""));
        page.locator("#runs tbody .name", new Page.LocatorOptions().setHasText("lr"))
                .first()
                .click();
        Locator points = panel(page, "Points");
        points.locator("table").waitFor();

        assertThat(page.url()).contains("sweep=lr");
        assertThat(points.locator("tbody tr").allInnerTexts())
                .anyMatch(row -> row.startsWith("learning_rate = 0.001\t2\t4.500 ± 0.250\t1.5 ± 0.5\t1,234 (1)"))
                .anyMatch(row -> row.startsWith("learning_rate = 0.002\t2\t5.500 (1)\t–"));
        assertThat(points.innerText()).contains("lr-2: <b>no</b>", "./norma sweep --report " + runs + "/lr");
        Locator cost = panel(page, "Cost of ablation");
        assertThat(cost.locator("svg.dots circle").count())
                .as("two runs and the legend")
                .isEqualTo(3);
        assertThat(cost.locator("svg.dots").textContent())
                .contains("lr-2: 3.000", "its own dimensions (not in 1 of 3)");
        Locator loss = panel(page, "Validation loss");
        loss.locator("canvas").first().waitFor();
        assertThat(loss.locator(".legend .key").allInnerTexts())
                .containsExactly("learning_rate = 0.001", "learning_rate = 0.002");
    }

    @Test
    void itsExports_areTheFilesNumbers() {
        Page page = open(address("#sweep=lr"));
        panel(page, "Points").locator("table").waitFor();
        List<String> lines =
                new String(export(page, "Points", "CSV"), UTF_8).lines().toList();
        assertThat(lines)
                .startsWith("run,point,seed,state,loss,outliers,rule_step,departure_step,t10,cost,random_cost")
                .contains("lr-2,learning_rate-0.001,2,finished,4.75,2,,,,3,");
        assertThat(new String(export(page, "Cost of ablation", "SVG"), UTF_8))
                .startsWith("<svg")
                .contains("optimizer.learning_rate");
        assertThat(new String(export(page, "Validation loss", "CSV"), UTF_8)).contains("lr-3,20,");
    }

    @Test
    void itsRuns_canBeLaidOverEachOther_andTheLinkRestoresIt() {
        Page page = open(address("#sweep=lr"));
        page.locator("#view button", new Page.LocatorOptions().setHasText("Compare its runs"))
                .click();
        panel(page, "Onset and cost").locator("table").waitFor();
        assertThat(page.url()).contains("run=lr-1&run=lr-2&run=lr-3").doesNotContain("sweep=");
    }

    @Test
    void aSweepThatIsNotThere_isSaidToBeSo() {
        Page page = open(address("#sweep=other"));
        page.locator("#view .notice").waitFor();
        assertThat(page.locator("#view .notice").innerText()).startsWith("There is no run of a sweep other");
    }
}
