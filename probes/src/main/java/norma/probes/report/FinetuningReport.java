package norma.probes.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import norma.datasets.base.InvalidInputException;
import norma.datasets.files.TextFile;
import norma.datasets.json.JsonFile;
import norma.datasets.json.JsonObject;
import norma.trainer.figure.Figure;
import norma.trainer.figure.LineChart;
import norma.trainer.finetuning.FinetuningResults;
import norma.trainer.finetuning.FinetuningSummary.Spread;
import norma.trainer.run.MetricNames;
import norma.trainer.run.MetricsReader;
import norma.trainer.run.RunFiles;

/** The page about a fine-tuning that has ended: its scores, its seeds, and what became of the LayerNorms. */
final class FinetuningReport {
    private final Path folder;
    private final FinetuningResults results;
    private final ReportFigures figures;
    private final String command;

    /**
     * Of a folder.
     *
     * @throws InvalidInputException if the fine-tuning has not ended
     */
    FinetuningReport(Path folder, ReportFigures figures, String command) {
        Path file = new RunFiles(folder).results();
        if (!Files.isRegularFile(file)) {
            throw new InvalidInputException(folder + ": has no " + file.getFileName()
                    + ", expected a fine-tuning that has ended (norma resume ends it)");
        }
        this.folder = folder;
        this.results = FinetuningResults.read(file);
        this.figures = figures;
        this.command = command;
    }

    void write(Html page) throws IOException {
        page.paragraph(found());
        page.heading("Scores");
        scores(page);
        seeds(page);
        page.heading("Course of training");
        figures.add(
                page,
                "report-finetuning",
                course(),
                "Above the training loss of each step, a line for each seed; below " + headline()
                        + " on the held-out examples after each epoch.",
                command,
                "seed-N/metrics.jsonl, results.json");
        page.heading("LayerNorm before and after");
        layerNorms(page);
        page.heading("Settings");
        page.paragraph("finetune.yaml, with every default written out:");
        RunFiles files = new RunFiles(folder);
        page.preformatted(TextFile.read(files.finetuningConfig(), "text in UTF-8"));
        page.heading("Provenance");
        page.paragraph("provenance.json: the code, versions and data that the fine-tuning was made with:");
        page.preformatted(JsonFile.read(files.provenance()).node().toPrettyString());
    }

    /** The first of the metrics that epochs are compared by. */
    private String headline() {
        return results.headline().get(0);
    }

    /** The split that the page's figure and its first paragraph are about: of MNLI's two the first. */
    private String split() {
        return results.bestEpoch().keySet().iterator().next();
    }

    private String found() throws IOException {
        Spread score = results.bestEpoch().get(split()).get(headline());
        int seeds = results.seeds().size();
        String spread = seeds == 1
                ? "with one seed"
                : String.format(
                        Locale.ROOT, "± %.4f over %d seeds (sample standard deviation)", score.deviation(), seeds);
        double majority = results.majority().get(split()).get(headline());
        String baseline = Double.isNaN(majority)
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; without reading the texts, by the most frequent training label, %.4f",
                        majority);
        return String.format(
                        Locale.ROOT,
                        "%s: %s of %.4f %s on the held-out split %s, each seed's best epoch%s. ",
                        results.task(),
                        headline(),
                        score.mean(),
                        spread,
                        split(),
                        baseline)
                + outliers(against(results.seeds().get(0)));
    }

    private static String outliers(JsonObject against) {
        JsonObject dimensions = against.object("outlier_dimensions");
        String before = list(dimensions.objects("parent"));
        String after = list(dimensions.objects("fine_tuned"));
        return "Outlier dimensions by the paper's rule: " + before + " in the pre-trained model, " + after
                + " in the fine-tuned one.";
    }

    private static String list(List<JsonObject> outliers) {
        return outliers.isEmpty()
                ? "none"
                : outliers.stream()
                        .map(one -> Integer.toString(one.count("dimension", 0)))
                        .collect(Collectors.joining(", "));
    }

    private JsonObject against(FinetuningResults.Seed seed) {
        return JsonFile.read(folderOf(seed).againstParent());
    }

    private RunFiles folderOf(FinetuningResults.Seed seed) {
        return new RunFiles(folder.resolve("seed-" + seed.seed()));
    }

    private void scores(Html page) {
        List<List<String>> rows = new ArrayList<>();
        results.bestEpoch()
                .forEach((split, scores) -> scores.forEach((metric, spread) -> rows.add(List.of(
                        split,
                        metric,
                        Numbers.loss(spread.mean()),
                        Numbers.loss(spread.deviation()),
                        Numbers.loss(results.majority().get(split).get(metric))))));
        page.table(
                "Best epoch of each seed",
                List.of("split", "metric", "mean", "sample standard deviation over seeds (n − 1)", "majority label"),
                rows);
        page.paragraph("An epoch is the best by " + String.join(" and ", results.headline())
                + " on the held-out examples that are reported here, so the scores are a little high.");
    }

    private void seeds(Html page) {
        List<String> metrics = List.copyOf(results.bestEpoch().get(split()).keySet());
        List<String> heads = new ArrayList<>(List.of("seed", "best epoch"));
        metrics.forEach(metric -> heads.add(split() + " " + metric));
        heads.add("model");
        List<List<String>> rows = new ArrayList<>();
        for (FinetuningResults.Seed seed : results.seeds()) {
            Map<String, Double> scores =
                    seed.epochs().get(seed.bestEpoch() - 1).dev().get(split());
            List<String> row = new ArrayList<>(List.of(Long.toString(seed.seed()), Integer.toString(seed.bestEpoch())));
            metrics.forEach(metric -> row.add(Numbers.loss(scores.get(metric))));
            row.add(seed.model());
            rows.add(row);
        }
        page.table("Seeds", heads, rows);
    }

    private Figure course() {
        LineChart losses = LineChart.of("(a) Training", "step", "training loss", false);
        LineChart scores = LineChart.of("(b) Held-out examples", "step", headline(), false);
        for (FinetuningResults.Seed seed : results.seeds()) {
            String name = "seed " + seed.seed();
            line(losses, name, folderOf(seed));
            double[] steps = seed.epochs().stream()
                    .mapToDouble(FinetuningResults.Epoch::step)
                    .toArray();
            double[] values = seed.epochs().stream()
                    .mapToDouble(epoch -> epoch.dev().get(split()).get(headline()))
                    .toArray();
            scores.line(name, steps, values);
        }
        return LineChart.stacked(
                results.task() + ": fine-tuning",
                String.valueOf(folder.toAbsolutePath().normalize().getFileName()),
                List.of(losses, scores));
    }

    private static void line(LineChart chart, String name, RunFiles seed) {
        List<Double> steps = new ArrayList<>();
        List<Double> losses = new ArrayList<>();
        MetricsReader.read(seed.metrics(), line -> {
            steps.add((double) line.step());
            losses.add(line.figure(MetricNames.LOSS).orElse(Double.NaN));
            return true;
        });
        chart.line(name, array(steps), array(losses));
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private void layerNorms(Html page) {
        for (FinetuningResults.Seed seed : results.seeds()) {
            page.paragraph("Seed " + seed.seed() + ". " + outliers(against(seed)));
        }
        List<List<String>> rows = new ArrayList<>();
        against(results.seeds().get(0)).object("sites").objectsByKey().forEach((site, moved) -> {
            for (String part : List.of("weight", "bias")) {
                if (moved.has(part)) {
                    JsonObject movement = moved.object(part);
                    rows.add(List.of(
                            site,
                            part,
                            Integer.toString(movement.count("dimension", 0)),
                            Numbers.of(movement.number("before")),
                            Numbers.of(movement.number("after")),
                            Numbers.of(movement.number("change_in_deviations")),
                            Numbers.of(movement.number("mean_absolute_change"))));
                }
            }
        });
        page.table(
                "The dimension that moved most at each site, seed "
                        + results.seeds().get(0).seed()
                        + " (in standard deviations of the vector before)",
                List.of("site", "part", "dimension", "before", "after", "moved by (deviations)", "mean |change|"),
                rows);
    }
}
