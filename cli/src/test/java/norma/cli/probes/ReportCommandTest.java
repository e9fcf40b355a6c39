package norma.cli.probes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import norma.cli.CommandLineRun;
import norma.trainer.layernorm.LayerNormRecorder;
import norma.trainer.layernorm.LayerNormRecording;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

@Tag("run")
class ReportCommandTest {
    private static final String EVIL = "<script>&\"evil\"";

    private static Path trained;

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private Path run;

    @BeforeEach
    void aTrainedRun() throws IOException {
        if (trained == null) {
            CommandLineRun pretraining = CommandLineRun.of(
                    "pretrain", CommandLineRun.tinyConfig(shared), "--runs", shared.resolve("runs"), "--quiet");
            assertThat(pretraining.code()).as(pretraining.err()).isZero();
            trained = shared.resolve("runs/tiny");
        }
        run = CommandLineRun.copy(trained, folder.resolve(EVIL));
    }

    @Test
    void thePageIsWellFormed_needsNoNetwork_andEachFigureHasWordsACommandAndItsFiles() throws Exception {
        Document page = report();
        assertThat(page.getElementsByTagName("h1").item(0).getTextContent()).isEqualTo("Report of " + EVIL);
        assertThat(page.getDocumentElement().getAttribute("lang")).isEqualTo("en");
        assertThat(elements(page, "script")).isEmpty();
        assertThat(elements(page, "link")).isEmpty();
        List<Element> figures = elements(page, "figure");
        assertThat(figures).hasSize(3);
        for (Element figure : figures) {
            Element image = (Element) figure.getElementsByTagName("img").item(0);
            assertThat(image.getAttribute("alt")).isNotBlank();
            assertThat(image.getAttribute("src")).matches("data:image/(png|svg\\+xml);base64,[A-Za-z0-9+/=]+");
            assertThat(figure.getElementsByTagName("code").item(0).getTextContent())
                    .startsWith("norma report ");
        }
        for (Element each : elements(page, "img")) {
            String source = each.getAttribute("src");
            byte[] bytes = Base64.getDecoder().decode(source.substring(source.indexOf(',') + 1));
            if (source.startsWith("data:image/svg")) {
                Element svg = parse(bytes).getDocumentElement();
                assertThat(svg.getTagName()).isEqualTo("svg");
                assertThat(svg.getAttribute("viewBox")).startsWith("0 0 ");
            }
        }
        for (String name : List.of("training", "heatmaps")) {
            assertThat(run.resolve("probes/report-" + name + ".png")).isNotEmptyFile();
            assertThat(run.resolve("probes/report-" + name + ".svg")).isNotEmptyFile();
        }
        assertThat(figures.get(0).getTextContent())
                .contains("(a) loss", "perplexity", "(b) weight", "(c) bias", "(d) word embeddings", "at step 6")
                .contains("metrics.jsonl, layernorm.zarr, checkpoints/step-00000006/model.safetensors");
        Element picture = parse(Files.readAllBytes(run.resolve("probes/report-training.svg")))
                .getDocumentElement();
        assertThat(picture.getTextContent())
                .contains("(a) Loss and perplexity", "(b) LayerNorm weights", "(c) LayerNorm biases")
                .contains("(d) Token embeddings at step 6");
        String text = Files.readString(run.resolve("report.html"));
        assertThat(text)
                .contains("No ablation yet")
                .contains("--checkpoints all")
                .contains("hidden_size: 16");
        assertThat(text.replace("http://www.w3.org/1999/xhtml", ""))
                .doesNotContain("http:", "https:", "url(", "@import");
    }

    @Test
    void whatTheProbesFoundIsShown_andKeysThatAreNotThereAreNoError() throws Exception {
        Files.createDirectories(run.resolve("probes"));
        Files.writeString(run.resolve("probes/outliers.json"), """
                {"command": "norma outliers <x>", "step": 6, "rule": {"sigma": 3},
                 "dimensions": [{"dimension": 11, "layers": 2, "of": 2, "weight_z": 3.5, "bias_z": -4.25}],
                 "definitions": {"largest <norm>": {"formula": "max |w|", "dimensions": [1, 2]}}}""");
        Files.writeString(run.resolve("probes/emergence.json"), """
                {"command": "norma emergence x", "run": "x", "rule": {"sigma": 3}, "first_step": 0, "last_step": 6,
                 "every": 1, "dimensions": [
                   {"dimension": 11, "emergence_step": 4, "first_step": 4, "crossings": 1, "order": []},
                   {"dimension": 12, "emergence_step": null, "first_step": 2, "crossings": 2, "order": []}],
                 "departures": [], "gaps": [],
                 "outlier_count": [{"step": 0, "count": 0}, {"step": 6, "count": 1}]}""");
        Files.copy(run.resolve("probes/trajectories.png"), run.resolve("probes/ablation.png")); // as ablate draws one
        Files.writeString(run.resolve("probes/ablation.json"), """
                {"checkpoints": [
                  {"step": 3, "full": {"loss": 5.5}, "ablations": [{"name": "own", "dimensions": [], "loss": 5.5}]},
                  {"step": 6, "full": {"loss": 5.25}, "baseline": {"others": "1 other", "loss_mean": 5.3125, "loss_std": 0.125},
                   "ablations": [{"name": "own", "dimensions": [11], "loss": 5.75}]}]}""");
        Document page = report();
        List<String> rows = elements(page, "tr").stream()
                .map(row -> {
                    List<String> cells = new ArrayList<>();
                    NodeList all = row.getElementsByTagName("td");
                    for (int i = 0; i < all.getLength(); i++) {
                        cells.add(all.item(i).getTextContent());
                    }
                    return String.join(" | ", cells);
                })
                .toList();
        assertThat(rows)
                .contains("11 | 2 of 2 | 3.500 | -4.250", "largest <norm> | max |w| | – | 1, 2", "11 | 4", "12 | never")
                .contains("3 | 5.5000 | – | –", "6 | 5.2500 | 5.7500 | 5.3125 ± 0.1250");
        assertThat(elements(page, "figure")).hasSize(5);
        assertThat(page.getDocumentElement().getTextContent())
                .contains("Dimension 11 satisfies the rule from step 4 to step 6, the last that was read.")
                .doesNotContain("yet:", "older than the run");
    }

    @Test
    void resultsOfEarlierSteps_areSaidToBeOlderThanTheRun_andTheirStepsAreNamed() throws Exception {
        Files.createDirectories(run.resolve("probes"));
        Files.writeString(
                run.resolve("probes/outliers.json"),
                "{\"step\": 3, \"rule\": {\"sigma\": 3}, \"dimensions\": [], \"definitions\": {}}");
        Files.writeString(run.resolve("probes/emergence.json"), """
                {"run": "x", "rule": {"sigma": 3}, "first_step": 0, "last_step": 3, "every": 1, "dimensions": [],
                 "departures": [], "gaps": [], "outlier_count": [{"step": 0, "count": 0}]}""");
        Files.writeString(run.resolve("probes/ablation-last.json"), """
                {"evaluation": {"kind": "masked language model"}, "step": 3, "full": {"loss": 5.5},
                 "ablations": [{"name": "11", "dimensions": [11], "loss": 5.75}],
                 "baseline": {"name": "random:3", "others": "1 other", "dimensions_per_draw": 1,
                   "draws": [{}, {}, {}], "loss_mean": 5.51, "loss_std": 0.05}}""");
        Files.writeString(run.resolve("probes/attention.json"), "{\"step\": 3}");

        String text = report().getDocumentElement().getTextContent();

        assertThat(text)
                .contains(
                        "At step 6 the validation loss was",
                        "No dimension is an outlier by the rule at step 3.",
                        "None satisfies the rule at step 3, the last that was read.",
                        "Without dimension 11 the loss of the checkpoint of step 3 rises by 0.250 nats, and without as many"
                                + " random dimensions it rises by 0.010 nats on average.",
                        "Some results are older than the run (its last checkpoint is of step 6, its recording ends at step"
                                + " 6): the outliers, of step 3; the emergence, read up to step 3; the ablation, of step 3;"
                                + " the attention, of step 3.",
                        "Measured at step 3; the run's last checkpoint is of step 6.",
                        "Read from step 0 to 3.",
                        "No ablation along the checkpoints yet:")
                .doesNotContain("times what");
    }

    @Test
    void thePageBeginsWithWhatWasFound_andEndsWithTheSettings_folded() throws Exception {
        Document page = report();
        List<String> headings =
                elements(page, "h2").stream().map(Element::getTextContent).toList();
        assertThat(headings).startsWith("What was found", "Training").endsWith("How the run was made");
        List<Element> links = elements(page, "a");
        assertThat(links).extracting(Element::getTextContent).isEqualTo(headings);
        assertThat(links)
                .extracting(link -> link.getAttribute("href").substring(1))
                .isEqualTo(elements(page, "h2").stream()
                        .map(heading -> heading.getAttribute("id"))
                        .toList());
        assertThat(elements(page, "details"))
                .extracting(part -> part.getElementsByTagName("summary").item(0).getTextContent())
                .hasSize(3)
                .anySatisfy(words -> assertThat(words).startsWith("Settings"))
                .anySatisfy(words -> assertThat(words).startsWith("Provenance"));
        assertThat(elements(page, "p").get(0).getTextContent()).contains("validation loss was");
    }

    @Test
    void anUnknownWidth_isRefused_andAKnownOneIsTheFiguresOnPaper() throws Exception {
        CommandLineRun wrong = CommandLineRun.of("report", run, "--width", "wide");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("--width", "wide", "one-column, two-columns");
        assertThat(CommandLineRun.of("report", run, "--width", "one-column").code())
                .isZero();
        assertThat(Files.readString(run.resolve("probes/report-training.svg"))).contains("width=\"84.9");
        assertThat(run.resolve("probes/report-training.pdf")).isNotEmptyFile();
    }

    @Test
    void aLastLineOfMetricsThatWasCutOff_isLeftOut_andALineThatIsNoJsonIsNamed() throws Exception {
        Path metrics = run.resolve("metrics.jsonl");
        report();
        byte[] whole = Files.readAllBytes(run.resolve("probes/report-training.png"));
        Files.writeString(metrics, "{\"step\": 7, \"loss\": 5.1, \"valida", StandardOpenOption.APPEND);
        report();
        assertThat(Files.readAllBytes(run.resolve("probes/report-training.png")))
                .isEqualTo(whole);
        Files.writeString(metrics, "\n", StandardOpenOption.APPEND);
        CommandLineRun damaged = CommandLineRun.of("report", run);
        assertThat(damaged.code()).isEqualTo(2);
        assertThat(damaged.err())
                .contains("metrics.jsonl: line 8: ", "expected a JSON object")
                .doesNotContain("\tat ");
    }

    /** Medians of tenths, worked out by hand: steps 1 to 20 take 101, 102, … ms, and hold 1.01, 1.02, … GB. */
    @Test
    void paceTellsTheFirstAndTheLastTenth_andARunThatHasNoTimesHasNoPace() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int step = 1; step <= 20; step++) {
            lines.append(String.format(
                    Locale.ROOT,
                    "{\"step\": %d, \"loss\": 5.5, \"step_seconds\": 0.%d, \"resident_bytes\": %d0000000}%n",
                    step,
                    100 + step,
                    100 + step));
        }
        Files.writeString(run.resolve("metrics.jsonl"), lines);
        assertThat(report().getDocumentElement().getTextContent())
                .contains(
                        "Median of the first tenth of them 102.0 ms, of the last tenth 120.0 ms: 1.176 of it.",
                        "Resident at step 2 1.02 GB, at step 20 1.20 GB.");
        Files.writeString(run.resolve("metrics.jsonl"), "{\"step\": 1, \"loss\": 5.5}\n");
        assertThat(report().getDocumentElement().getTextContent()).contains("metrics.jsonl holds no step's time yet.");
    }

    @Test
    void aRunWithoutCheckpoints_hasThreePanels_andSaysWhy() throws Exception {
        Files.move(run.resolve("checkpoints"), folder.resolve("checkpoints"));
        Document page = report();
        assertThat(elements(page, "figure")).hasSize(3);
        assertThat(page.getDocumentElement().getTextContent())
                .contains("No token embeddings: the run has no checkpoint yet.")
                .doesNotContain("(d)");
    }

    @Test
    void aRecordingThatLostAChunk_isReportedWithoutIt_asEmergenceDoes_andOneThatLostAllIsRefused() throws Exception {
        Path bias = run.resolve("layernorm.zarr/bias");
        Path store = run.resolve("layernorm.zarr");
        try (LayerNormRecorder recorder =
                LayerNormRecorder.open(store, LayerNormRecording.open(store).layout(), 1, true)) {
            float[] last = LayerNormRecording.open(store).snapshot(6);
            for (int step = 7; step < 120; step++) {
                recorder.record(step, last);
            }
        }
        Files.delete(bias.resolve("1.0.0")); // steps 50 to 99
        assertThat(CommandLineRun.of("emergence", run).out()).contains("not recorded: steps 50 to 99");
        assertThat(report().getDocumentElement().getTextContent())
                .contains("Not recorded, because chunks of layernorm.zarr are missing: steps 50 to 99.");
        Files.delete(run.resolve("layernorm.zarr/weight/2.0.0")); // steps 100 to 119
        assertThat(report().getDocumentElement().getTextContent()).contains("steps 50 to 119.");
        Files.delete(bias.resolve("0.0.0"));
        CommandLineRun nothing = CommandLineRun.of("report", run);
        assertThat(nothing.code()).as(nothing.err()).isEqualTo(2);
        assertThat(nothing.err()).contains("layernorm.zarr: every chunk is lost, expected a recording with one");
    }

    @Test
    void theSameRunGivesTheSamePage() throws IOException {
        assertThat(CommandLineRun.of("report", run, "--quiet").code()).isZero();
        byte[] first = Files.readAllBytes(run.resolve("report.html"));
        assertThat(CommandLineRun.of("report", run, "--quiet").code()).isZero();
        assertThat(Files.readAllBytes(run.resolve("report.html"))).isEqualTo(first);
    }

    @Test
    void theRuleThatWasApplied_isNamed_notThePapers() throws Exception {
        assertThat(CommandLineRun.of("emergence", run, "--sigma", "2.5", "--fraction", "0.25", "--combination", "or")
                        .code())
                .isZero();
        assertThat(CommandLineRun.of("report", run).code()).isZero();
        String page = Files.readString(run.resolve("report.html"));
        assertThat(page)
                .contains(
                        "By the rule: beyond 2.5 standard deviations in more than the share 0.25 of the layers, weight and"
                                + " bias joined by or.")
                .doesNotContain("beyond 3");
    }

    @Test
    void damagedProbes_foldersThatAreNoRun_andFilesThatExist_areNamed() throws IOException {
        CommandLineRun noRun = CommandLineRun.of("report", shared);
        assertThat(noRun.code()).isEqualTo(2);
        assertThat(noRun.err()).contains(shared.toString(), "config.yaml");
        Path page = Files.writeString(folder.resolve("page.html"), "mine");
        assertThat(CommandLineRun.of("report", run, "--out", page).code()).isEqualTo(2);
        assertThat(page).hasContent("mine");
        Files.createDirectories(run.resolve("probes"));
        Files.writeString(run.resolve("probes/emergence.json"), "{\"dimensions\": [");
        CommandLineRun damaged = CommandLineRun.of("report", run);
        assertThat(damaged.code()).isEqualTo(2);
        assertThat(damaged.err()).contains("emergence.json: ends in the middle").doesNotContain("internal error");
        Files.move(run.resolve("layernorm.zarr"), folder.resolve("elsewhere"));
        CommandLineRun unrecorded = CommandLineRun.of("report", run);
        assertThat(unrecorded.code()).isEqualTo(2);
        assertThat(unrecorded.err()).contains("layernorm.zarr");
    }

    private Document report() throws Exception {
        CommandLineRun report = CommandLineRun.of("report", run, "--json");
        assertThat(report.code()).as(report.err()).isZero();
        assertThat(report.json().path("report").asText())
                .isEqualTo(run.resolve("report.html").toString());
        return parse(Files.readAllBytes(run.resolve("report.html")));
    }

    private static Document parse(byte[] xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml));
    }

    private static List<Element> elements(Document page, String name) {
        NodeList found = page.getElementsByTagName(name);
        List<Element> all = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            all.add((Element) found.item(i));
        }
        return all;
    }
}
