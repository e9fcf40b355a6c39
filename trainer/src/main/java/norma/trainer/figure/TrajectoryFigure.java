package norma.trainer.figure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import norma.datasets.files.DurableFiles;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.SnapshotLayout;
import norma.trainer.run.RunFiles;

/**
 * The picture of a run: loss, and weight and bias of the middle layer's output LayerNorm, over steps, a line for each
 * dimension, outliers in colour (figure 3 of Kovaleva et al. 2021, arXiv 2105.06990).
 *
 * <p>It keeps what it has read, thinned to at most 1,024 points a line, so that a picture at each evaluation reads only
 * what is new. The same recording gives the same picture. One thread at a time uses it.
 */
public final class TrajectoryFigure {
    private static final int PNG_POINTS = 400;
    private static final int VECTOR_POINTS = 200;

    private final RunFiles run;
    private final SiteTrajectory trajectory = new SiteTrajectory();
    private final LossCurve losses;
    private Highlights highlights = Highlights.NONE;
    private SiteDescription site;
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
            int drawn = SiteTrajectory.middleOutput(layout);
            long last = recording.lastRow();
            if (last >= 0) {
                highlights = Highlights.of(recording.snapshot(last), layout, drawn);
            }
            dimensions = layout.width(drawn);
            site = new SiteDescription(layout, drawn);
        } catch (IOException e) {
            throw new UncheckedIOException(run.path() + ": cannot read the run for its figure: " + e.getMessage(), e);
        }
    }

    /** The picture as a PNG file, for two columns. */
    public byte[] png() {
        return figure(PNG_POINTS).png(FigureWidth.TWO_COLUMNS);
    }

    /** Writes the picture as a PNG, an SVG and a PDF file, for two columns. */
    public void write(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        DurableFiles.write(folder.resolve(name + ".pdf"), figure(VECTOR_POINTS).pdf(FigureWidth.TWO_COLUMNS));
        DurableFiles.write(
                folder.resolve(name + ".svg"),
                figure(VECTOR_POINTS).svg(FigureWidth.TWO_COLUMNS).getBytes(StandardCharsets.UTF_8));
        DurableFiles.write(folder.resolve(name + ".png"), png());
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

    /** What the drawn LayerNorm, or the matrix in its place, is. */
    public String site() {
        return site.sentence();
    }

    /**
     * The same as the paper draws it, two panels in a row: (a) loss and perplexity, (b) weights, (c) biases.
     *
     * @param fourth a panel to put after these, if there is one
     */
    public Figure inPanels(Optional<Panel> fourth) {
        List<Panel> panels = new ArrayList<>(panels(VECTOR_POINTS));
        fourth.ifPresent(panels::add);
        return new Figure(name(), site.sentence(), panels, 2);
    }

    private String name() {
        return run.path().toAbsolutePath().normalize().getFileName().toString();
    }

    private List<Panel> panels(int othersLimit) {
        return new TrajectoryChart(losses, trajectory.points(), highlights, site, othersLimit).panels();
    }

    private Figure figure(int othersLimit) {
        return new Figure(name(), site.sentence(), panels(othersLimit), 1);
    }
}
