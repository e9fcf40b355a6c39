package norma.probes.report;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import norma.datasets.json.JsonFile;
import norma.probes.ablation.AblationFile;
import norma.probes.ablation.AblationJson;
import norma.probes.ablation.NamedChoices;
import norma.probes.dimensions.AppliedRule;
import norma.probes.emergence.Emergence;
import norma.probes.emergence.EmergenceFile;
import norma.probes.emergence.EmergenceJson;
import norma.probes.files.ProbeFiles;
import norma.probes.outliers.OutlierFile;
import norma.probes.outliers.OutlierJson;
import norma.trainer.figure.LineChart;

/** What the probes found, from their files below {@code probes}; a probe that was not run is named with its command. */
final class ProbeSections {
    private static final String LOSS = "loss";
    private static final int MARKS = 8;

    private final ReportedRun run;
    private final ReportFigures figures;
    private final UnaryOperator<String> commands;
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
    }

    List<String> missing() {
        return missing;
    }

    /** Says that a probe has not been run yet, and which command runs it. */
    void noted(Html page, String probe, String words) {
        missing.add(probe);
        page.missing(words, commands.apply(probe));
    }

    /** When, what it costs and where the heads look: every result that lies in the run's folder. */
    void write(Html page) throws IOException {
        List<String> emergences = run.results(ProbeFiles.EMERGENCE, Set.of());
        if (!emergences.isEmpty()) {
            page.heading("Emergence");
        }
        for (String name : emergences) {
            named(page, name, emergences.size());
            emergence(page, name, EmergenceJson.read(run.probes().json(name)));
        }
        List<String> ablations = run.results(ProbeFiles.ABLATION, Set.of(ProbeFiles.ABLATION_EACH));
        List<String> scans = run.results(ProbeFiles.ABLATION_EACH, Set.of());
        if (!ablations.isEmpty() || !scans.isEmpty()) {
            page.heading("Ablation");
        }
        for (String name : ablations) {
            named(page, name, ablations.size());
            ablation(page, name, AblationJson.read(run.probes().json(name)));
        }
        for (String name : scans) {
            named(page, name, scans.size());
            scan(page, name, AblationJson.read(run.probes().json(name)));
        }
        List<String> attentions = run.results(ProbeFiles.ATTENTION, Set.of());
        if (!attentions.isEmpty()) {
            page.heading("Attention");
        }
        for (String name : attentions) {
            named(page, name, attentions.size());
            attention(page, name);
        }
        fineTuning(page);
    }

    private void scan(Html page, String name, AblationFile found) throws IOException {
        measured(page, found.checkpoints().stream().findFirst().flatMap(AblationFile.Checkpoint::step));
        drawn(
                page,
                name,
                "The model with one dimension switched off, for every dimension (the paper's figure 2).",
                found.command(),
                name);
    }

    /** Says at which step a result was measured, if that is noted. */
    private void measured(Html page, Optional<Long> step) throws IOException {
        if (step.isPresent()) {
            page.paragraph(run.measured("Measured at", step.get()));
        }
    }

    private static void named(Html page, String name, int results) {
        if (results > 1) {
            page.subheading(name);
        }
    }

    private void attention(Html page, String name) throws IOException {
        Optional<String> typed = JsonFile.read(run.probes().json(name), "what norma attention keeps")
                .textIfAny("command");
        measured(page, ReportedRun.stepOf(run.probes().json(name)));
        drawn(
                page,
                ProbeFiles.entropyOf(name),
                "Entropy of each head's attention in nats, mean over queries.",
                typed,
                name);
        for (String kind : List.of("cls", "sep", "punctuation")) {
            String words = "Share of each head's attention on "
                    + (kind.equals("punctuation") ? kind : "[" + kind.toUpperCase(Locale.ROOT) + "]") + ".";
            drawn(page, ProbeFiles.shareOf(name, kind), words, typed, name);
        }
        drawn(
                page,
                ProbeFiles.mapOf(name),
                "One head's attention on one text: a row a query, a column a key.",
                typed,
                name);
    }

    private void fineTuning(Html page) throws IOException {
        Optional<Optional<String>> command =
                run.found(ProbeFiles.ALONG_RUN, file -> JsonFile.read(file, "what norma finetune keeps")
                        .textIfAny("command"));
        if (command.isPresent()) {
            page.heading("Fine-tuning");
            drawn(
                    page,
                    ProbeFiles.ALONG_RUN,
                    "A task's score after fine-tuning each checkpoint.",
                    command.get(),
                    ProbeFiles.ALONG_RUN);
        }
    }

    /** What other definitions than the rule say, and where the outliers lie in the embeddings. */
    void definitions(Html page) throws IOException {
        List<String> results = run.results(ProbeFiles.OUTLIERS, Set.of());
        if (!results.isEmpty()) {
            page.heading("Other definitions of an outlier");
        }
        for (String name : results) {
            named(page, name, results.size());
            definitions(page, name, OutlierJson.read(run.probes().json(name)));
        }
    }

    private void definitions(Html page, String name, OutlierFile found) throws IOException {
        List<List<String>> definitions = new ArrayList<>();
        for (OutlierFile.Definition each : found.definitions()) {
            definitions.add(
                    List.of(each.name(), each.formula(), each.source().orElse(Numbers.NONE), list(each.dimensions())));
        }
        page.tableOrNone(
                "Definitions"
                        + found.step()
                                .map(step -> " at step " + Numbers.step(step))
                                .orElse(""),
                List.of("definition", "formula", "source", "dimensions"),
                definitions);
        page.source(command(found.command()), data(name));
        drawn(
                page,
                ProbeFiles.embeddingsOf(name),
                "Word, position and token-type embeddings and their LayerNorm, a value for each dimension; the outliers,"
                        + " or else the most extreme dimension, marked (the paper's figure 4).",
                found.command(),
                name);
    }

    /** The rule that was applied, which need not be the paper's. */
    static String rule(AppliedRule rule) {
        return "beyond " + written(rule.sigma())
                + " standard deviations in more than the share "
                + written(rule.fraction())
                + " of the layers, weight and bias joined by "
                + rule.combination().orElse(Numbers.NONE);
    }

    private static String written(double value) {
        return Double.isNaN(value) ? Numbers.NONE : String.valueOf(value);
    }

    private void emergence(Html page, String name, EmergenceFile found) throws IOException {
        page.paragraph("By the rule: " + rule(found.rule()) + "."
                + String.format(Locale.ROOT, " Read from step %,d to %,d.", found.firstStep(), found.lastStep()));
        boolean drawn = drawn(
                page,
                name,
                "The loss, the distance of the notable dimensions from the others, and how many dimensions are beyond the"
                        + " threshold; vertical lines where a dimension satisfies the rule from there to the end.",
                found.command(),
                name);
        if (!drawn && found.counts().stream().anyMatch(count -> count.count() > 0)) {
            counts(page, name, found);
        } else if (!drawn) { // a plot of a line at zero would say no more
            page.paragraph("No dimension satisfies the rule at any step.");
            page.source(command(found.command()), data(name));
        }
        drawn(
                page,
                ProbeFiles.lanesOf(name),
                "From which step on weight and bias of the most extreme dimensions stay beyond "
                        + written(found.rule().sigma())
                        + " standard deviations, for each site.",
                found.command(),
                name);
    }

    private void counts(Html page, String name, EmergenceFile found) throws IOException {
        List<LineChart.Mark> marks = found.dimensions().stream()
                .filter(each -> each.emergenceStep() != null)
                .limit(MARKS)
                .map(each -> new LineChart.Mark(each.emergenceStep(), "dimension " + each.dimension()))
                .toList();
        figures.add(
                page,
                "report-outlier-count",
                LineChart.of("", "step", "outlier dimensions", false)
                        .stairs(
                                "outlier dimensions",
                                column(found.counts(), count -> (double) count.step()),
                                column(found.counts(), Emergence.Count::count))
                        .wholeNumbers()
                        .marks(marks)
                        .figure("Outlier dimensions over steps", run.name() + "; " + rule(found.rule())),
                "How many dimensions are outliers at each step; vertical lines where one emerges.",
                command(found.command()),
                data(name));
    }

    /** Embeds a figure that its probe has drawn, if it has. */
    private boolean drawn(Html page, String name, String words, Optional<String> command, String result)
            throws IOException {
        boolean there = Files.isRegularFile(run.probes().png(name));
        if (there) {
            figures.embed(page, name, words, command(command), data(result));
        }
        return there;
    }

    private void ablation(Html page, String name, AblationFile found) throws IOException {
        List<AblationFile.Checkpoint> checkpoints = found.checkpoints().stream()
                .filter(checkpoint -> checkpoint.step().isPresent())
                .toList();
        if (checkpoints.isEmpty()) {
            page.paragraph(data(name) + " lists no checkpoint with its step.");
            page.source(command(found.command()), data(name));
            return;
        }
        boolean drawn = drawn(
                page,
                name,
                "(a) The score of each checkpoint, whole, without dimensions and without others; (b) how much switching"
                        + " them off changes it.",
                found.command(),
                name);
        if (!drawn) { // of one checkpoint there is no curve
            page.source(command(found.command()), data(name));
        }
        page.raw(ablationTable(checkpoints).toString());
        long last = checkpoints.get(checkpoints.size() - 1).step().orElseThrow();
        page.paragraph(run.measured(checkpoints.size() == 1 ? "Measured at" : "Measured up to", last));
    }

    private static Html ablationTable(List<AblationFile.Checkpoint> checkpoints) {
        Set<String> names = new LinkedHashSet<>();
        Set<String> baselines = new LinkedHashSet<>();
        for (AblationFile.Checkpoint checkpoint : checkpoints) {
            checkpoint.ablations().stream()
                    .filter(ablation -> !Double.isNaN(loss(checkpoint, ablation.name())))
                    .forEach(ablation -> names.add(ablation.name()));
            checkpoint.baselines().forEach(others -> baselines.add(others.others()));
        }
        List<String> heads = new ArrayList<>(List.of("step", "whole model"));
        names.forEach(name -> heads.add("without " + NamedChoices.words(name)));
        baselines.forEach(others -> heads.add("without " + others + ", mean ± std"));
        List<List<String>> rows = new ArrayList<>();
        for (AblationFile.Checkpoint checkpoint : checkpoints) {
            List<String> row = new ArrayList<>();
            row.add(Numbers.step(checkpoint.step().orElseThrow()));
            row.add(Numbers.loss(checkpoint.full(LOSS)));
            names.forEach(name -> row.add(Numbers.loss(loss(checkpoint, name))));
            for (String others : baselines) {
                row.add(checkpoint.baselines().stream()
                        .filter(baseline -> baseline.others().equals(others))
                        .map(baseline -> Numbers.loss(baseline.mean(LOSS)) + " ± " + Numbers.loss(baseline.std(LOSS)))
                        .findFirst()
                        .orElse(Numbers.NONE));
            }
            rows.add(row);
        }
        return new Html().table("Loss (nats)", heads, rows);
    }

    /** NaN where a checkpoint has no ablation of that name, or nothing was switched off. */
    private static double loss(AblationFile.Checkpoint checkpoint, String name) {
        return checkpoint
                .ablation(name)
                .filter(ablation -> !ablation.dimensions().isEmpty())
                .map(ablation -> ablation.score(LOSS))
                .orElse(Double.NaN);
    }

    private static String command(Optional<String> noted) {
        return noted.orElse("not noted in the file");
    }

    /** A result as the page names its file. */
    private String data(String result) {
        return run.path().relativize(run.probes().json(result)).toString();
    }

    private static <T> double[] column(List<T> rows, ToDoubleFunction<T> figure) {
        return rows.stream().mapToDouble(figure).toArray();
    }

    private static String list(List<Integer> dimensions) {
        return dimensions.isEmpty()
                ? "none"
                : dimensions.stream().map(d -> Numbers.of(d)).collect(Collectors.joining(", "));
    }
}
