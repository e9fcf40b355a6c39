package norma.probes.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;
import java.util.stream.StreamSupport;
import norma.datasets.json.JsonObject;
import norma.probes.ablation.NamedChoices;
import norma.trainer.figure.LineChart;

/** What the probes found, from their files below {@code probes}; a probe that was not run is named with its command. */
final class ProbeSections {
    private final ReportedRun run;
    private final ReportFigures figures;
    private final UnaryOperator<String> commands;
    private final ProbeFiles files;
    private final List<String> missing = new ArrayList<>();

    /**
     * Sections of a run.
     *
     * @param commands from a probe's name to the command line that runs it
     */
    ProbeSections(ReportedRun run, ReportFigures figures, UnaryOperator<String> commands) {
        this.run = run;
        this.figures = figures;
        this.commands = commands;
        files = new ProbeFiles(run);
    }

    List<String> missing() {
        return missing;
    }

    void write(Html page) throws IOException {
        page.heading("Outlier dimensions");
        Optional<JsonObject> outliers = noted(page, files.outliers(), "outliers", "No outlier table yet:");
        if (outliers.isPresent()) {
            outliers(page, outliers.get().node());
        }
        page.heading("Emergence");
        Optional<JsonObject> emergence = noted(page, files.emergence(), "emergence", "No emergence yet:");
        if (emergence.isPresent()) {
            emergence(page, emergence.get().node());
        }
        page.heading("Ablation");
        Optional<JsonObject> ablation = noted(page, files.ablation(), "ablation", "No ablation yet:");
        if (ablation.isPresent()) {
            ablation(page, ablation.get().node());
        }
        Optional<JsonObject> each = files.ablationOfEach();
        if (each.isPresent()) {
            drawn(
                    page,
                    "ablation-each",
                    "The model with one dimension switched off, for every dimension (the paper's figure 2).",
                    each.get().node(),
                    "probes/ablation-each.json");
        }
    }

    private Optional<JsonObject> noted(Html page, Optional<JsonObject> json, String probe, String words) {
        if (json.isEmpty()) {
            missing.add(probe);
            page.missing(words, commands.apply(probe));
        }
        return json;
    }

    private void outliers(Html page, JsonNode json) throws IOException {
        page.paragraph("Step " + cell(json.path("step")) + "; by the rule: " + rule(json) + ".");
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode each : json.path("dimensions")) {
            rows.add(List.of(
                    cell(each.path("dimension")),
                    cell(each.path("layers")) + " of " + cell(each.path("of")),
                    cell(each.path("weight_z")),
                    cell(each.path("bias_z"))));
        }
        table(page, "Outliers by the rule", List.of("dimension", "layers", "weight z", "bias z"), rows);
        List<List<String>> definitions = new ArrayList<>();
        json.path("definitions")
                .fields()
                .forEachRemaining(entry -> definitions.add(List.of(
                        entry.getKey(),
                        cell(entry.getValue().path("formula")),
                        cell(entry.getValue().path("source")),
                        cell(entry.getValue().path("dimensions")))));
        if (!definitions.isEmpty()) {
            table(page, "Other definitions", List.of("definition", "formula", "source", "dimensions"), definitions);
        }
        page.source(command(json), "probes/outliers.json");
        drawn(
                page,
                "outliers-embeddings",
                "Word, position and token-type embeddings and their LayerNorm, a value for each dimension; the outliers,"
                        + " or else the most extreme dimension, marked (the paper's figure 4).",
                json,
                "probes/outliers.json");
    }

    /** The rule that was applied, which need not be the paper's. */
    private static String rule(JsonNode json) {
        JsonNode rule = json.path("rule");
        return "beyond " + rule.path("sigma").asText(Numbers.NONE)
                + " standard deviations in more than the share "
                + rule.path("fraction").asText(Numbers.NONE)
                + " of the layers, weight and bias joined by " + cell(rule.path("combination"));
    }

    private void emergence(Html page, JsonNode json) throws IOException {
        page.paragraph("By the rule: " + rule(json) + ".");
        List<List<String>> rows = new ArrayList<>();
        List<LineChart.Mark> marks = new ArrayList<>();
        for (JsonNode each : json.path("dimensions")) {
            JsonNode step = each.path("emergence_step");
            rows.add(List.of(cell(each.path("dimension")), step.isNumber() ? cell(step) : "never"));
            if (step.isNumber() && marks.size() < 8) {
                marks.add(new LineChart.Mark(step.asDouble(), "dimension " + cell(each.path("dimension"))));
            }
        }
        table(page, "Emergence", List.of("dimension", "emergence step"), rows);
        List<JsonNode> counts = list(json.path("outlier_count"));
        if (counts.isEmpty()) {
            page.source(command(json), "probes/emergence.json");
            return;
        }
        figures.add(
                page,
                "report-outlier-count",
                LineChart.of(
                                "Outlier dimensions over steps",
                                run.name() + "; " + rule(json),
                                "step",
                                "number of outlier dimensions",
                                false)
                        .stairs("outlier dimensions", column(counts, "/step"), column(counts, "/count"))
                        .wholeNumbers()
                        .marks(marks)
                        .figure(),
                "How many dimensions are outliers at each step; vertical lines where one emerges.",
                command(json),
                "probes/emergence.json");
        drawn(
                page,
                "emergence-lanes",
                "From which step on weight and bias of the dimensions that go farthest stay beyond "
                        + json.path("rule").path("sigma").asText(Numbers.NONE)
                        + " standard deviations, for each LayerNorm.",
                json,
                "probes/emergence.json");
    }

    /** Embeds a figure that its probe has drawn, if it has. */
    private boolean drawn(Html page, String name, String words, JsonNode json, String data) throws IOException {
        boolean there = Files.isRegularFile(run.files().probes().resolve(name + ".png"));
        if (there) {
            figures.embed(page, name, words, command(json), data);
        }
        return there;
    }

    private void ablation(Html page, JsonNode json) throws IOException {
        List<JsonNode> checkpoints = list(json.path("checkpoints")).stream()
                .filter(c -> c.path("step").isNumber())
                .toList();
        if (checkpoints.isEmpty()) {
            page.paragraph("probes/ablation.json lists no checkpoint with its step.");
            page.source(command(json), "probes/ablation.json");
            return;
        }
        double[] steps = column(checkpoints, "/step");
        Map<String, double[]> lines = lines(checkpoints);
        boolean drawn = drawn(
                page,
                "ablation",
                "The loss of each checkpoint, whole, without dimensions and without others; below how much of it is the"
                        + " damage.",
                json,
                "probes/ablation.json");
        if (!drawn) { // of one checkpoint there is no curve
            page.source(command(json), "probes/ablation.json");
        }
        page.raw(ablationTable(checkpoints, steps, lines).toString());
    }

    private static Html ablationTable(List<JsonNode> checkpoints, double[] steps, Map<String, double[]> lines) {
        double[] full = column(checkpoints, "/full/loss");
        List<String> heads = new ArrayList<>(List.of("step", "whole model"));
        lines.keySet().forEach(name -> heads.add("without " + NamedChoices.words(name)));
        Set<String> baselines = new LinkedHashSet<>();
        checkpoints.forEach(checkpoint -> baselines(checkpoint)
                .forEach(baseline -> baselines.add(baseline.path("others").asText())));
        baselines.forEach(others -> heads.add("without " + others + ", mean ± std"));
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < steps.length; i++) {
            List<String> row = new ArrayList<>(List.of(Numbers.of(steps[i]), Numbers.loss(full[i])));
            for (double[] losses : lines.values()) {
                row.add(Numbers.loss(losses[i]));
            }
            for (String others : baselines) {
                row.add(baselines(checkpoints.get(i)).stream()
                        .filter(baseline -> baseline.path("others").asText().equals(others))
                        .map(baseline -> Numbers.loss(baseline.path("loss_mean").asDouble(Double.NaN)) + " ± "
                                + Numbers.loss(baseline.path("loss_std").asDouble(Double.NaN)))
                        .findFirst()
                        .orElse(Numbers.NONE));
            }
            rows.add(row);
        }
        return new Html().table("Loss (nats)", heads, rows);
    }

    /** All baselines of a checkpoint: one alone stands in a field of its own. */
    private static List<JsonNode> baselines(JsonNode checkpoint) {
        if (checkpoint.has("baselines")) {
            return list(checkpoint.path("baselines"));
        }
        return checkpoint.has("baseline") ? List.of(checkpoint.path("baseline")) : List.of();
    }

    /** The losses of each ablation by name, NaN where a checkpoint has none or nothing was switched off. */
    private static Map<String, double[]> lines(List<JsonNode> checkpoints) {
        Set<String> names = new LinkedHashSet<>();
        checkpoints.forEach(
                c -> c.path("ablations").forEach(a -> names.add(a.path("name").asText())));
        Map<String, double[]> lines = new LinkedHashMap<>();
        for (String name : names) {
            double[] losses = new double[checkpoints.size()];
            for (int i = 0; i < losses.length; i++) {
                losses[i] = list(checkpoints.get(i).path("ablations")).stream()
                        .filter(a -> a.path("name").asText().equals(name)
                                && !a.path("dimensions").isEmpty())
                        .map(a -> a.path("loss"))
                        .filter(JsonNode::isNumber)
                        .mapToDouble(JsonNode::asDouble)
                        .findFirst()
                        .orElse(Double.NaN);
            }
            if (!Arrays.stream(losses).allMatch(Double::isNaN)) {
                lines.put(name, losses);
            }
        }
        return lines;
    }

    private static void table(Html page, String caption, List<String> heads, List<List<String>> rows) {
        if (rows.isEmpty()) {
            page.paragraph(caption + ": none.");
        } else {
            page.table(caption, heads, rows);
        }
    }

    private static String command(JsonNode json) {
        return json.path("command").asText("not noted in the file");
    }

    private static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private static double[] column(List<JsonNode> rows, String pointer) {
        return rows.stream()
                .map(row -> row.at(pointer))
                .mapToDouble(value -> value.isNumber() ? value.asDouble() : Double.NaN)
                .toArray();
    }

    private static String cell(JsonNode value) {
        if (value.isArray()) {
            StringJoiner all = new StringJoiner(", ");
            value.forEach(each -> all.add(cell(each)));
            return value.isEmpty() ? "none" : all.toString();
        }
        if (value.isMissingNode() || value.isNull()) {
            return Numbers.NONE;
        }
        return value.isNumber()
                ? Numbers.of(value.asDouble())
                : value.isValueNode() ? value.asText() : value.toString();
    }
}
