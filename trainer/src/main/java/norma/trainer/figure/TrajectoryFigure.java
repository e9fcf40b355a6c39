package norma.trainer.figure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import norma.datasets.files.DurableFiles;
import norma.trainer.figure.SiteTrajectory.Vectors;
import norma.trainer.figure.ThinnedSeries.Point;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.run.RunFiles;
import org.jfree.chart.JFreeChart;

/**
 * The picture of a run: loss, and weight and bias of the middle layer's output LayerNorm, over steps, a line for each
 * dimension, outliers in colour (figure 3 of Kovaleva et al. 2021, arXiv 2105.06990).
 *
 * <p>It keeps what it has read, thinned to at most 1,024 points a line, so that a picture at each evaluation reads only
 * what is new. The same recording gives the same picture. One thread at a time uses it.
 */
public final class TrajectoryFigure {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 1050;
    private static final int PANEL_WIDTH = 640;
    private static final int PANEL_HEIGHT = 500;
    private static final int PNG_POINTS = 400;
    private static final int SVG_POINTS = 200;

    private final RunFiles run;
    private final SiteTrajectory trajectory = new SiteTrajectory();
    private final LossCurve losses;
    private Highlights highlights = Highlights.NONE;
    private String subtitle = "";
    private int dimensions;

    private TrajectoryFigure(Path runFolder) {
        run = new RunFiles(runFolder);
        losses = new LossCurve(run.metrics());
    }

    /**
     * Reads a run's {@code metrics.jsonl} (keys {@code step}, {@code loss}, the validation loss over tokens) and
     * {@code layernorm.zarr}.
     *
     * @throws norma.datasets.base.InvalidInputException when the recording is missing or damaged
     */
    public static TrajectoryFigure of(Path runFolder) {
        TrajectoryFigure figure = new TrajectoryFigure(runFolder);
        figure.refresh();
        return figure;
    }

    /** Reads what was written since; of the recording, what its recorder has flushed. */
    public void refresh() {
        try {
            LayerNormRecording recording = LayerNormRecording.open(run.layerNorms());
            losses.update();
            trajectory.update(recording);
            SnapshotLayout layout = recording.layout();
            int site = SiteTrajectory.middleOutput(layout);
            long last = recording.lastRow();
            if (last >= 0) {
                highlights = Highlights.of(recording.snapshot(last), layout, site);
            }
            dimensions = layout.width(site);
            String stack = SiteTrajectory.severalStacks(layout)
                    ? layout.site(site).stack().name().toLowerCase(Locale.ROOT) + " "
                    : "";
            subtitle = "LayerNorm of " + layout.site(site).name() + ", the middle one of "
                    + SiteTrajectory.outputs(layout).length + " " + stack + "layers; a line for each of its "
                    + dimensions + " dimensions";
        } catch (IOException e) {
            throw new UncheckedIOException(run.path() + ": cannot read the run for its figure: " + e.getMessage(), e);
        }
    }

    /** The picture as a PNG file of 1200 × 1050 pixels. */
    public byte[] png() {
        return figure(PNG_POINTS).png();
    }

    /** Writes the picture as a PNG file. */
    public void writePng(Path file) throws IOException {
        DurableFiles.write(file, png());
    }

    /** Writes the picture as an SVG file. */
    public void writeSvg(Path file) throws IOException {
        DurableFiles.write(file, figure(SVG_POINTS).svg().getBytes(StandardCharsets.UTF_8));
    }

    /** The dimensions drawn in colour: the outliers by the paper's rule, or else the farthest ones. */
    public List<Integer> highlighted() {
        return highlights.dimensions().stream()
                .map(Highlights.Highlight::dimension)
                .toList();
    }

    /** Width of the site that is drawn. */
    public int dimensions() {
        return dimensions;
    }

    /** Whether those are outliers by the paper's rule at the last recorded step. */
    public boolean highlightsOutliers() {
        return highlights.areOutliers();
    }

    /** Whether there is a validation loss, of which the perplexity is taken. */
    public boolean wasEvaluated() {
        return !losses.validation().points().isEmpty();
    }

    /**
     * The same as the paper draws it, two panels in a row: (a) loss and perplexity, (b) weights, (c) biases.
     *
     * @param fourth a panel to put after these, if there is one
     */
    public Figure inPanels(Optional<Figure> fourth) {
        List<Point<Vectors>> points = trajectory.points();
        List<Figure> panels = new ArrayList<>(
                TrajectoryChart.panels(losses, points, highlights, SVG_POINTS, PANEL_WIDTH, PANEL_HEIGHT));
        fourth.ifPresent(panels::add);
        return FigureGrid.of(name(), subtitle, panels, 2, TrajectoryChart.legend(losses, points, highlights));
    }

    private String name() {
        return run.path().toAbsolutePath().normalize().getFileName().toString();
    }

    private Figure figure(int othersLimit) {
        List<Point<Vectors>> points = trajectory.points();
        JFreeChart chart = TrajectoryChart.of(name(), subtitle, losses, points, highlights, othersLimit);
        return new Figure(chart, WIDTH, HEIGHT);
    }
}
