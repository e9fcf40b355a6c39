package norma.trainer.figure;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import norma.trainer.figure.SiteTrajectory.Vectors;
import norma.trainer.figure.ThinnedSeries.Point;
import norma.trainer.layernorm.LayerNormRecording;
import norma.trainer.layernorm.LayerNormSite;
import org.apache.batik.dom.GenericDOMImplementation;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.JFreeChart;
import org.w3c.dom.Document;

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
    private static final int PNG_POINTS = 400;
    private static final int SVG_POINTS = 200;

    private final Path runFolder;
    private final SiteTrajectory trajectory = new SiteTrajectory();
    private final LossCurve losses = new LossCurve();
    private Highlights highlights = new Highlights(List.of(), 0);
    private String subtitle = "";

    private TrajectoryFigure(Path runFolder) {
        this.runFolder = runFolder;
    }

    /**
     * Reads a run's {@code metrics.jsonl} (keys {@code step}, {@code loss}, {@code validation.mlm_loss}) and
     * {@code layernorm.zarr}.
     *
     * @throws norma.datasets.InvalidInputException when the recording is missing or damaged
     */
    public static TrajectoryFigure of(Path runFolder) {
        TrajectoryFigure figure = new TrajectoryFigure(runFolder);
        figure.refresh();
        return figure;
    }

    /** Reads what was written since; of the recording, what its recorder has flushed. */
    public void refresh() {
        try {
            LayerNormRecording recording = LayerNormRecording.open(runFolder.resolve("layernorm.zarr"));
            losses.update(runFolder.resolve("metrics.jsonl"));
            trajectory.update(recording);
            List<LayerNormSite> sites = recording.sites();
            int site = SiteTrajectory.middleOutput(sites);
            if (recording.size() > 0) {
                float[] last = recording.snapshot(recording.size() - 1);
                highlights = Highlights.of(last, sites, recording.hidden(), site);
            }
            subtitle = "LayerNorm of " + sites.get(site).name() + ", the middle one of "
                    + SiteTrajectory.outputs(sites).length + " layers; a line for each of its "
                    + recording.hidden() + " dimensions";
        } catch (IOException e) {
            throw new UncheckedIOException(runFolder + ": cannot read the run for its figure: " + e.getMessage(), e);
        }
    }

    /** The picture as a PNG file of 1200 × 1050 pixels. */
    public byte[] png() {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            draw(graphics, PNG_POINTS);
        } finally {
            graphics.dispose();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Writes the picture as a PNG file. */
    public void writePng(Path file) throws IOException {
        Files.write(file, png());
    }

    /** Writes the picture as an SVG file. */
    public void writeSvg(Path file) throws IOException {
        Document document = GenericDOMImplementation.getDOMImplementation()
                .createDocument("http://www.w3.org/2000/svg", "svg", null);
        SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
        context.setPrecision(2);
        SVGGraphics2D graphics = new SVGGraphics2D(context, false);
        graphics.setSVGCanvasSize(new java.awt.Dimension(WIDTH, HEIGHT));
        draw(graphics, SVG_POINTS);
        try (BufferedWriter writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            graphics.stream(writer, true);
        } finally {
            graphics.dispose();
        }
    }

    private void draw(Graphics2D graphics, int othersLimit) {
        List<Point<Vectors>> points = trajectory.points();
        String name = runFolder.toAbsolutePath().normalize().getFileName().toString();
        JFreeChart chart = TrajectoryChart.of(name, subtitle, losses, points, highlights, othersLimit);
        chart.draw(graphics, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT));
    }
}
