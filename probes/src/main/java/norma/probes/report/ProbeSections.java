package norma.probes.report;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import norma.probes.ablation.AblationFile;
import norma.probes.ablation.AblationJson;
import norma.probes.ablation.NamedChoices;
import norma.probes.dimensions.AppliedRule;
import norma.probes.emergence.EmergedDimension;
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

    void write(Html page) throws IOException {
        page.heading("Outlier dimensions");
        Optional<OutlierFile> outliers = run.found(ProbeFiles.OUTLIERS, OutlierJson::read);
        if (outliers.isPresent()) {
            outliers(page, outliers.get());
        } else {
            missing(page, "outliers", "No outlier table yet:");
        }
        page.heading("Emergence");
        Optional<EmergenceFile> emergence = run.found(ProbeFiles.EMERGENCE, EmergenceJson::read);
        if (emergence.isPresent()) {
            emergence(page, emergence.get());
        } else {
            missing(page, "emergence", "No emergence yet:");
        }
        page.heading("Ablation");
        Optional<AblationFile> ablation = run.found(ProbeFiles.ABLATION, AblationJson::read);
        if (ablation.isPresent()) {
            ablation(page, ablation.get());
        } else {
            missing(page, "ablation", "No ablation yet:");
        }
        Optional<AblationFile> each = run.found(ProbeFiles.ABLATION_EACH, AblationJson::read);
        if (each.isPresent()) {
            drawn(
                    page,
                    ProbeFiles.ABLATION_EACH,
                    "The model with one dimension switched off, for every dimension (the paper's figure 2).",
                    each.get().command(),
                    ProbeFiles.ABLATION_EACH);
        }
    }

    private void missing(Html page, String probe, String words) {
        missing.add(probe);
        page.missing(words, commands.apply(probe));
    }

    private void outliers(Html page, OutlierFile found) throws IOException {
        page.paragraph("Step " + found.step().map(step -> Numbers.of(step.doubleValue())).orElse(Numbers.NONE) + "; by the rule: "
                + rule(found.rule()) + ".");
        List<List<String>> rows = new ArrayList<>();
        for (OutlierFile.Outlier each : found.dimensions()) {
            rows.add(List.of(
                    Numbers.of(each.dimension()),
                    each.layers() + " of " + each.of(),
                    Numbers.of(each.weightZ()),
                    Numbers.of(each.biasZ())));
        }
        table(page, "Outliers by the rule", List.of("dimension", "layers", "weight z", "bias z"), rows);
        List<List<String>> definitions = new ArrayList<>();
        for (OutlierFile.Definition each : found.definitions()) {
            definitions.add(List.of(
                    each.name(), each.formula(), each.source().orElse(Numbers.NONE), list(each.dimensions())));
        }
        if (!definitions.isEmpty()) {
            table(page, "Other definitions", List.of("definition", "formula", "source", "dimensions"), definitions);
        }
        page.source(command(found.command()), data(ProbeFiles.OUTLIERS));
        drawn(
                page,
                ProbeFiles.EMBEDDINGS,
                "Word, position and token-type embeddings and their LayerNorm, a value for each dimension; the outliers,"
                        + " or else the most extreme dimension, marked (the paper's figure 4).",
                found.command(),
                ProbeFiles.OUTLIERS);
    }

    /** The rule that was applied, which need not be the paper's. */
    private static String rule(AppliedRule rule) {
        return "beyond " + written(rule.sigma())
                + " standard deviations in more than the share "
                + written(rule.fraction())
                + " of the layers, weight and bias joined by "
                + rule.combination().orElse(Numbers.NONE);
    }

    private static String written(double value) {
        return Double.isNaN(value) ? Numbers.NONE : String.valueOf(value);
    }

    private void emergence(Html page, EmergenceFile found) throws IOException {
        page.paragraph("By the rule: " + rule(found.rule()) + ".");
        List<List<String>> rows = new ArrayList<>();
        List<LineChart.Mark> marks = new ArrayList<>();
        for (EmergedDimension each : found.dimensions()) {
            Long step = each.emergenceStep();
            rows.add(List.of(Numbers.of(each.dimension()), step == null ? "never" : Numbers.of(step.doubleValue())));
            if (step != null && marks.size() < 8) {
                marks.add(new LineChart.Mark(step.doubleValue(), "dimension " + each.dimension()));
            }
        }
        table(page, "Emergence", List.of("dimension", "emergence step"), rows);
        if (found.counts().isEmpty()) {
            page.source(command(found.command()), data(ProbeFiles.EMERGENCE));
            return;
        }
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
                data(ProbeFiles.EMERGENCE));
        drawn(
                page,
                ProbeFiles.lanesOf(ProbeFiles.EMERGENCE),
                "From which step on weight and bias of the dimensions that go farthest stay beyond "
                        + written(found.rule().sigma())
                        + " standard deviations, for each LayerNorm.",
                found.command(),
                ProbeFiles.EMERGENCE);
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

    private void ablation(Html page, AblationFile found) throws IOException {
        List<AblationFile.Checkpoint> checkpoints = found.checkpoints().stream()
                .filter(checkpoint -> checkpoint.step().isPresent())
                .toList();
        if (checkpoints.isEmpty()) {
            page.paragraph(data(ProbeFiles.ABLATION) + " lists no checkpoint with its step.");
            page.source(command(found.command()), data(ProbeFiles.ABLATION));
            return;
        }
        boolean drawn = drawn(
                page,
                ProbeFiles.ABLATION,
                "The loss of each checkpoint, whole, without dimensions and without others; below how much of it is the"
                        + " damage.",
                found.command(),
                ProbeFiles.ABLATION);
        if (!drawn) { // of one checkpoint there is no curve
            page.source(command(found.command()), data(ProbeFiles.ABLATION));
        }
        page.raw(ablationTable(checkpoints).toString());
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
            row.add(Numbers.of(checkpoint.step().orElseThrow().doubleValue()));
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

    private static void table(Html page, String caption, List<String> heads, List<List<String>> rows) {
        if (rows.isEmpty()) {
            page.paragraph(caption + ": none.");
        } else {
            page.table(caption, heads, rows);
        }
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
