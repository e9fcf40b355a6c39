package norma.cli.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import norma.cli.CommandLineRun;
import norma.cli.NormaProcess;
import norma.datasets.files.DurableFiles;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.VectorStatistics;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of {@code norma monitor} in a browser, on runs that are trained here. */
class MonitorPageTest extends BrowserTests {
    private static final String HOSTILE = "<img src=x onerror=alert(1)>";
    private static final String SITE = "layer.1.output";
    private static final Pattern STEP = Pattern.compile("step ([\\d,]+)");

    @TempDir
    static Path folder;

    private static Path runs;

    /** Two seeds, one of them with an ablation along its checkpoints; and a copy with a name that is HTML. */
    @BeforeAll
    static void trainAndServe() throws IOException {
        Path a = CommandLineRun.tinyRun(folder, "training.steps=40", "evaluation.every=10", "checkpoints.every=20");
        runs = a.getParent();
        run("pretrain", folder.resolve("tiny.yaml"), "--runs", runs, "--run", "b", "--quiet", "--set", "seed=2");
        run("ablate", a, "--checkpoints", "all", "--dims", "3", "--baseline", "random:3", "--eval-rows", "8");
        run("emergence", a);
        CommandLineRun.copy(runs.resolve("b"), runs.resolve(HOSTILE));
        serve(runs, 0);
    }

    private static void run(Object... words) {
        CommandLineRun run = CommandLineRun.of(words);
        assertThat(run.code()).as(run.err()).isZero();
    }

    /** The line of a run in the list. */
    private static Locator row(Page page, String name) {
        return page.locator("#runs tbody tr")
                .filter(new Locator.FilterOptions()
                        .setHas(page.getByRole(
                                AriaRole.BUTTON,
                                new Page.GetByRoleOptions().setName(name).setExact(true))));
    }

    /** A run of its own, all panels filled. */
    private Page openRun(String view) {
        Page page = open(address(view));
        panel(page, "Bias").locator("canvas").first().waitFor();
        await(page, "the heat map's step", () -> page.locator("output.step")
                .textContent()
                .startsWith("step"));
        return page;
    }

    private static long stepIn(String text) {
        Matcher step = STEP.matcher(text);
        assertThat(step.find()).as(text).isTrue();
        return Long.parseLong(step.group(1).replace(",", ""));
    }

    @Test
    void aTrainingInTheBackground_itsPointsArriveWithoutReloading_andKilledItIsShownAsKilled() throws Exception {
        NormaProcess training = NormaProcess.start(
                folder.resolve("training.out"),
                "pretrain",
                folder.resolve("tiny.yaml"),
                "--runs",
                runs,
                "--run",
                "live",
                "--quiet",
                "--set",
                "training.steps=2000000",
                "--set",
                "checkpoints.every=1000000");
        try {
            training.await(() -> Files.exists(runs.resolve("live/metrics.jsonl")));
            Page page = open(address("#run=live"));
            page.evaluate("window.sameDocument = true");
            row(page, "live").locator(".state.running").waitFor();
            panel(page, "Weight").locator("canvas").first().waitFor();

            long logged = newestLogged(page);
            await(page, "later points of the loss", () -> newestLogged(page) > logged);
            long recorded = stepIn(page.locator("output.step").textContent());
            await(page, "a later step", () -> stepIn(page.locator("output.step").textContent()) > recorded);

            training.kill();
            row(page, "live").locator(".state.killed").waitFor();
            assertThat(page.evaluate("window.sameDocument")).isEqualTo(true);
        } finally {
            training.kill();
        }
    }

    /** The last point of the loss, as the keyboard reads it. */
    private static long newestLogged(Page page) {
        Locator chart = panel(page, "Loss").locator(".chart");
        chart.press("End");
        return stepIn(chart.locator(".tip").textContent());
    }

    @Test
    void aHoveredDimension_isNamedWithItsValueAndZ_asTheRecordingHasThem() throws IOException {
        Page page = openRun("#run=a&site=" + SITE);
        Locator chart = panel(page, "Weight").locator(".chart");
        chart.scrollIntoViewIfNeeded();
        BoundingBox box = chart.boundingBox();
        page.mouse().move(box.x + box.width * 0.8, box.y + box.height * 0.4);
        Locator tip = chart.locator(".tip");
        tip.waitFor();
        List<String> lines = tip.locator("> div").allInnerTexts();

        int dimension = Integer.parseInt(lines.get(0).replaceAll("\\D", ""));
        long step = stepIn(lines.get(1));
        LayerNormRecording recording = LayerNormRecording.open(runs.resolve("a/layernorm.zarr"));
        float[] weight = recording.weight(recording.row(step), recording.site(SITE));
        assertThat(lines.get(1)).doesNotContain("…");
        assertThat(number(lines.get(2))).isCloseTo(weight[dimension], within(1e-5));
        assertThat(number(lines.get(3)))
                .isCloseTo(VectorStatistics.z(weight, 0, weight.length)[dimension], within(0.006));
    }

    /** The last word of a line as a number. */
    private static double number(String line) {
        String[] words = line.trim().split("\\s+", -1);
        return Double.parseDouble(words[words.length - 1].replace('−', '-').replace("+", ""));
    }

    @Test
    void theSlider_movesTheHeatMapAndTheAddress_andPlaybackGoesThroughTheRun() {
        Page page = openRun("#run=a");
        Locator slider = page.locator("input[aria-label=Step]");
        slider.press("Home");
        await(page, "step 0", () -> page.locator("output.step").textContent().equals("step 0"));
        slider.press("ArrowRight");
        await(page, "step 1", () -> page.locator("output.step").textContent().equals("step 1"));
        await(page, "the address", () -> page.url().contains("step=1"));

        page.locator("button.play").click();
        await(page, "the end", () -> page.locator("output.step").textContent().equals("step 40"));
        assertThat(page.locator("button.play").getAttribute("aria-label")).isEqualTo("Play");
    }

    @Test
    void exportedNumbers_areTheRecordings() throws IOException {
        Page page = openRun("#run=a&dimension=3&dimension=11&site=" + SITE);
        List<String> lines =
                new String(export(page, "Weight", "CSV"), UTF_8).lines().toList();

        LayerNormRecording recording = LayerNormRecording.open(runs.resolve("a/layernorm.zarr"));
        assertThat(lines.get(0)).isEqualTo("step,dim_3,dim_11");
        assertThat(lines).hasSize((int) recording.size() + 1);
        for (int row = 0; row < recording.size(); row++) {
            String[] fields = lines.get(row + 1).split(",", -1);
            float[] weight = recording.weight(row, recording.site(SITE));
            assertThat(Long.parseLong(fields[0])).isEqualTo(recording.step(row));
            assertThat(Float.parseFloat(fields[1])).isEqualTo(weight[3]);
            assertThat(Float.parseFloat(fields[2])).isEqualTo(weight[11]);
        }
        for (String part : List.of("Weight", "Bias")) {
            String svg = new String(export(page, part, "SVG"), UTF_8);
            assertThat(svg).startsWith("<svg").contains("dimension 11");
            assertThat(Pattern.compile("L[\\d.]+ (-?[\\d.]+)").matcher(svg).results())
                    .as("points of the lines are within the picture")
                    .isNotEmpty()
                    .allMatch(point ->
                            Double.parseDouble(point.group(1)) > 0 && Double.parseDouble(point.group(1)) < 480);
        }
        assertThat(export(page, "Every site, every dimension", "PNG")).startsWith(0x89, 'P', 'N', 'G');
    }

    @Test
    void theExportedHeatMap_holdsTheZOfEverySite() throws IOException {
        Page page = openRun("#run=a&step=7&part=bias");
        List<String> lines = new String(export(page, "Every site, every dimension", "CSV"), UTF_8)
                .lines()
                .toList();

        LayerNormRecording recording = LayerNormRecording.open(runs.resolve("a/layernorm.zarr"));
        assertThat(lines).hasSize(1 + recording.sites().size() * 16);
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split(",", -1);
            assertThat(fields[0]).isEqualTo("7");
            float[] bias = recording.bias(recording.row(7), recording.site(fields[1]));
            double z = VectorStatistics.z(bias, 0, bias.length)[Integer.parseInt(fields[2])];
            assertThat(Float.parseFloat(fields[3])).isEqualTo((float) z);
        }
    }

    @Test
    void twoRuns_lieOverEachOther_andTheirDifferenceIsListed() {
        Page page = openRun("#run=a");
        row(page, "b").locator("input.pick").check();
        Locator loss = panel(page, "Validation loss");
        loss.locator("canvas").first().waitFor();

        assertThat(loss.locator(".legend .key").allInnerTexts()).containsExactly("a", "b");
        assertThat(panel(page, "What differs in their configurations")
                        .locator("tbody tr")
                        .allInnerTexts())
                .anyMatch(line -> line.matches("(?s)seed\\s.*1\\s+2\\s*"));
        Locator cost = panel(page, "Cost of ablation");
        cost.locator("canvas").first().waitFor();
        assertThat(cost.locator(".legend .key").allInnerTexts()).contains("a").doesNotContain("b");
        String csv = new String(export(page, "Validation loss", "CSV"), UTF_8);
        assertThat(csv.lines().filter(line -> line.startsWith("b,"))).hasSize(3);
    }

    @Test
    void whatProbesFound_isShown_andWhatIsMissingNamesItsCommand() {
        Page page = openRun("#run=a");

        assertThat(panel(page, "Ablation").locator("tbody tr").allInnerTexts())
                .anyMatch(line -> line.startsWith("nothing"))
                .anyMatch(line -> line.startsWith("3\t"))
                .anyMatch(line -> line.contains("±"));
        assertThat(panel(page, "Emergence").locator(".note").first().textContent())
                .startsWith("Steps 0 to 40");
        assertThat(panel(page, "Fine-tuning").locator("code").textContent()).isEqualTo("./norma finetune a");
    }

    @Test
    void anAblationOfTheLastCheckpointAlone_isShown_withTheCommandForAllOfThem() throws IOException {
        Path last = CommandLineRun.copy(runs.resolve("b"), runs.resolve("last"));
        try {
            run("ablate", last, "--dims", "3", "--baseline", "random:3", "--eval-rows", "8");
            Locator ablation = panel(openRun("#run=last"), "Ablation");
            ablation.locator("tbody tr").first().waitFor();

            assertThat(ablation.locator("tbody tr").allInnerTexts())
                    .anyMatch(line -> line.startsWith("nothing"))
                    .anyMatch(line -> line.startsWith("3\t"));
            assertThat(ablation.locator("code").textContent()).isEqualTo("./norma ablate last --checkpoints all");
        } finally {
            DurableFiles.delete(last);
        }
    }

    @Test
    void aNameThatIsHtml_isText() {
        Page page = open(address(""));
        row(page, HOSTILE).locator(".name").click();
        page.locator("#view h2", new Page.LocatorOptions().setHasText(HOSTILE)).waitFor();
        panel(page, "Weight").locator("canvas").first().waitFor();
        row(page, "a").locator("input.pick").check();
        panel(page, "Training loss").locator("canvas").first().waitFor();

        assertThat(page.locator("img").count()).isZero();
        assertThat(page.locator("#view .names li").allInnerTexts()).contains(HOSTILE, "a");
    }

    @Test
    void aLink_restoresTheView() {
        Page page = openRun("#run=a");
        page.locator("#site").selectOption("embeddings");
        page.locator("#dimensions").fill("5, 9");
        page.locator("#dimensions").press("Enter");
        page.locator("input[aria-label=Step]").press("Home");
        await(page, "the address", () -> page.url().contains("step=0"));

        Page other = openRun(page.url().substring(page.url().indexOf('#')));
        assertThat(other.locator("#site").inputValue()).isEqualTo("embeddings");
        await(other, "step 0", () -> other.locator("output.step").textContent().equals("step 0"));
        assertThat(panel(other, "Weight").locator(".legend .key").allInnerTexts())
                .containsExactly("dimension 5", "dimension 9");
    }

    @Test
    void whenTheServerGoesAway_thePageSaysSo_andContinuesWhenItIsBack() {
        Page page = openRun("#run=a");
        int port = server.port();
        server.close();
        page.locator("#connection.lost").waitFor();
        serve(runs, port);
        page.locator("#connection.live").waitFor();
        page.locator("input[aria-label=Step]").press("Home");
        await(page, "step 0", () -> page.locator("output.step").textContent().equals("step 0"));
    }

    @Test
    void at400Pixels_nothingIsWiderThanTheWindow() {
        Page page = open(this, address("#run=a"), window(400, 800));
        panel(page, "Bias").locator("canvas").first().waitFor();
        await(page, "no wider", () -> (int) page.evaluate("document.documentElement.scrollWidth") <= 400);
        page.evaluate("location.hash = '#run=a&run=b'");
        panel(page, "Validation loss").locator("canvas").first().waitFor();
        assertThat((int) page.evaluate("document.documentElement.scrollWidth")).isLessThanOrEqualTo(400);
    }

    /** WCAG 2.1, 1.4.3: at least 4.5 to 1. */
    @Test
    void inLightAndDark_everyTextStandsOutFromItsGround() {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            Browser.NewContextOptions options = window(1280, 900).setColorScheme(scheme);
            Page page = open(this, address("#run=a"), options);
            panel(page, "Bias").locator("canvas").first().waitFor();
            Object faint = page.evaluate("""
                    () => {
                      const rgb = text => text.match(/[\\d.]+/g).map(Number);
                      const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
                      const ground = node => { const c = rgb(getComputedStyle(node).backgroundColor); return c.length === 4 && c[3] === 0 ? ground(node.parentElement) : c; };
                      return [...document.querySelectorAll('body *')]
                        .filter(node => node.checkVisibility() && [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()))
                        .filter(node => !node.closest('svg, [aria-pressed=false].key'))
                        .map(node => { const [a, b] = [light(rgb(getComputedStyle(node).color)), light(ground(node))]; return [node.className + ' ' + node.textContent.slice(0, 30), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; })
                        .filter(([, contrast]) => contrast < 4.5);
                    }""");
            assertThat((List<?>) faint).as("%s", scheme).isEmpty();
        }
    }

    @Test
    void withTheKeyboardAlone_aRunIsOpened_aValueRead_andADimensionPutInColour() {
        Page page = open(address(""));
        row(page, "a").locator(".name").waitFor();
        await(page, "the run's name has the focus", () -> {
            page.keyboard().press("Tab");
            assertThat(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
                    .as("what has the focus shows it")
                    .isNotEqualTo("none");
            return "a"
                    .equals(page.evaluate(
                            "document.activeElement.matches('.name') && document.activeElement.textContent"));
        });
        page.keyboard().press("Enter");
        Locator chart = panel(page, "Weight").locator(".chart");
        chart.locator("canvas").first().waitFor();
        await(page, "the chart of the weights has the focus", () -> {
            page.keyboard().press("Tab");
            return (boolean) chart.evaluate("chart => chart === document.activeElement");
        });
        page.keyboard().press("End");
        page.keyboard().press("ArrowUp");
        await(page, "what is read aloud", () -> page.locator("#readout")
                .textContent()
                .contains("dimension"));
        String dimension = page.locator("#readout").textContent().replaceAll("(?s)\\D*(\\d+).*", "$1");
        page.keyboard().press("Enter");
        await(page, "the address", () -> page.url().contains("dimension=" + dimension));
        assertThat(panel(page, "Weight").locator(".legend .key").allInnerTexts())
                .contains("dimension " + dimension);
    }
}
