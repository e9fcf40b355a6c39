package norma.probes.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import norma.datasets.base.InvalidInputException;
import norma.probes.emergence.LossesAtSteps;
import norma.probes.emergence.Plateau;
import norma.trainer.figure.Figure;
import norma.trainer.figure.HeatMapChart;
import norma.trainer.figure.Panel;
import norma.trainer.figure.TrajectoryFigure;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.Part;
import norma.trainer.layernorm.SiteZ;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.model.LayerNormSite;

/** What a run recorded itself: the paper's figure 3, and the heat maps of its LayerNorms. */
final class TrainingSections {
    /** Beyond this many standard deviations the colour stays the same; the paper's threshold is 3. */
    private static final double FARTHEST_Z = 6;

    private final ReportedRun run;
    private final ReportFigures figures;
    private final String command;
    private final Consumer<String> warning;

    TrainingSections(ReportedRun run, ReportFigures figures, String command, Consumer<String> warning) {
        this.run = run;
        this.figures = figures;
        this.command = command;
        this.warning = warning;
    }

    /** Refuses a recording that there is nothing to show of. */
    private LayerNormRecording recording() throws IOException {
        LayerNormRecording recording = LayerNormRecording.open(run.files().layerNorms());
        if (recording.size() == 0) {
            throw new InvalidInputException(
                    run.files().layerNorms() + ": holds no step yet, expected a recording with one");
        }
        if (recording.lastRow() < 0) {
            throw new InvalidInputException(
                    run.files().layerNorms() + ": every chunk is lost, expected a recording with one");
        }
        return recording;
    }

    /** The paper's figure 3. */
    void training(Html page) throws IOException {
        LayerNormRecording recording = recording();
        page.heading("Training");
        page.paragraph("After figure 3 of Kovaleva et al. 2021.");
        figureThree(page);
        for (LayerNormRecording.Gap gap : recording.gaps()) {
            page.paragraph(String.format(
                    Locale.ROOT,
                    "Not recorded, because chunks of layernorm.zarr are missing: steps %,d to %,d.",
                    gap.from(),
                    gap.to()));
        }
    }

    /** Every site and dimension at a few steps. */
    void sites(Html page) throws IOException {
        page.heading("All sites and dimensions");
        heatMaps(page, recording());
    }

    /** How long steps took. */
    void pace(Html page) throws IOException {
        Optional<Pace> pace = Pace.of(run.path());
        if (pace.isEmpty()) {
            page.paragraph("metrics.jsonl holds no step's time yet.");
            return;
        }
        figures.add(
                page,
                "report-pace",
                pace.get().figure(run.name()),
                "Milliseconds that a step takes, a point for each stretch of the run: the median of its logged steps,"
                        + " and in grey from the first to the last decile; and the process's resident memory, the"
                        + " largest of the stretch. " + pace.get().words(),
                command,
                "metrics.jsonl");
    }

    private void figureThree(Html page) throws IOException {
        TrajectoryFigure trajectory = TrajectoryFigure.of(run.path());
        EmbeddingPanel embeddings = EmbeddingPanel.of(run.path(), trajectory, warning);
        boolean drawn = embeddings.panel().isPresent();
        figures.add(
                page,
                "report-training",
                trajectory.inPanels(embeddings.panel()),
                "(a) loss in nats over steps, and on the right the perplexity, exp of the loss; (b) weight and (c) bias of "
                        + trajectory.site()
                        + (drawn ? "; " + embeddings.words() : "") + ".",
                command,
                "metrics.jsonl, layernorm.zarr" + (drawn ? ", " + embeddings.data() : ""));
        if (!drawn) {
            page.paragraph(embeddings.words());
        }
        LossesAtSteps losses = LossesAtSteps.read(run.path());
        Optional<Plateau> plateau = losses == null ? Optional.empty() : losses.plateau();
        if (plateau.isPresent()) {
            page.paragraph(
                    "Dotted in (a): the loss of the best prediction that is the same everywhere, the cross-entropy of"
                            + " the held-out tokens under the frequencies of the training text. Dashed: the best without context,"
                            + " which also knows what is shown where a predicted token was not masked. "
                            + plateau.get().sentence());
        }
        if (!trajectory.wasEvaluated()) {
            page.paragraph("No perplexity: the run has not been evaluated.");
        }
    }

    private void heatMaps(Html page, LayerNormRecording recording) throws IOException {
        long last = recording.lastRow();
        long first = firstUnequal(recording);
        long[] rows = LongStream.of(first, last / 3, 2 * last / 3, last)
                .map(row -> firstFrom(recording, row))
                .distinct()
                .sorted()
                .toArray();
        List<String> names = recording.sites().stream().map(LayerNormSite::name).toList();
        SnapshotLayout layout = recording.layout();
        List<Panel> panels = new ArrayList<>();
        for (long row : rows) {
            float[] snapshot = recording.snapshot(row);
            double[][] weight = z(snapshot, layout, Part.WEIGHT);
            double[][] bias = z(snapshot, layout, Part.BIAS);
            String step = String.format(Locale.ROOT, "%,d", recording.step(row));
            panels.add(panel("z of weights at step " + step, names, weight));
            panels.add(panel("z of biases at step " + step, names, bias));
        }
        figures.add(
                page,
                "report-heatmaps",
                new Figure("Distance of each parameter from the others of its vector", run.name(), panels, 2),
                "z of weight (left) and bias (right) for each LayerNorm site and dimension, at chosen steps; z is the "
                        + "distance from the vector's mean in its standard deviations, and 0 where all values are"
                        + " equal" + (layout.values() < layout.length() ? "; grey where a site has no value." : "."),
                command,
                "layernorm.zarr");
    }

    /** (sites, hidden), NaN where a site has no value. */
    private static double[][] z(float[] snapshot, SnapshotLayout layout, Part part) {
        double[][] z = new double[layout.size()][layout.hidden()];
        for (int site = 0; site < layout.size(); site++) {
            SiteZ here = SiteZ.of(snapshot, layout, site);
            for (int d = 0; d < layout.hidden(); d++) {
                Double value = here.at(part, d);
                z[site][d] = value == null ? Double.NaN : value;
            }
        }
        return z;
    }

    /** At step 0 all weights are 1 and all biases 0, and so they stay while the rate is 0: there is no z to show. */
    private static long firstUnequal(LayerNormRecording recording) throws IOException {
        for (long row = 0; row < recording.size() / 3; row++) {
            if (!recording.has(row)) {
                continue;
            }
            float[] weights = recording.weight(row, 0);
            float[] values = weights == null ? recording.bias(row, 0) : weights;
            for (float value : values) {
                if (value != values[0]) {
                    return row;
                }
            }
        }
        return 0;
    }

    /** The first row from one on that is there; the last one is. */
    private static long firstFrom(LayerNormRecording recording, long row) {
        long there = row;
        while (!recording.has(there)) {
            there++;
        }
        return there;
    }

    private static Panel panel(String title, List<String> sites, double[][] z) {
        return HeatMapChart.of(
                title,
                "dimension",
                List.of(),
                "",
                sites,
                z,
                "z, cut at ±6",
                HeatMapChart.Scale.DIVERGING,
                -FARTHEST_Z,
                FARTHEST_Z);
    }
}
