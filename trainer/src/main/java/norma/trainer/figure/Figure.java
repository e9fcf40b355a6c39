package norma.trainer.figure;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import norma.datasets.files.DurableFiles;
import org.apache.batik.dom.GenericDOMImplementation;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.plot.XYPlot;
import org.w3c.dom.Document;

/**
 * A chart of a size, as PNG and SVG. The same chart gives the same bytes.
 *
 * @param chart what is drawn
 * @param width in pixels
 * @param height in pixels
 */
public record Figure(JFreeChart chart, int width, int height) {
    /** As a PNG file's bytes. */
    public byte[] png() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            draw(graphics);
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

    /** As the text of an SVG file. */
    public String svg() {
        Document document = GenericDOMImplementation.getDOMImplementation()
                .createDocument("http://www.w3.org/2000/svg", "svg", null);
        SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
        context.setPrecision(2);
        context.setComment("Norma");
        SVGGraphics2D graphics = new SVGGraphics2D(context, false);
        graphics.setSVGCanvasSize(new java.awt.Dimension(width, height));
        try {
            draw(graphics);
            StringWriter writer = new StringWriter();
            graphics.stream(writer, true);
            return writer.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            graphics.dispose();
        }
    }

    /** Writes {@code name.png} and {@code name.svg} into a folder, each whole or not at all. */
    public void write(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        DurableFiles.write(folder.resolve(name + ".png"), png());
        DurableFiles.write(folder.resolve(name + ".svg"), svg().getBytes(StandardCharsets.UTF_8));
    }

    /** Removes what {@link #write} has left of that name, for a result that comes without its picture. */
    public static void delete(Path folder, String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name + ".png"));
        Files.deleteIfExists(folder.resolve(name + ".svg"));
    }

    /** The same figure with some columns of its x axis numbered above it; for heat maps. */
    public Figure markColumns(List<Integer> columns, String words) {
        XYPlot plot = chart.getXYPlot();
        TicksAxis above = TicksAxis.columns(words, plot.getDomainAxis().getRange(), columns);
        above.setTickMarkOutsideLength(7);
        above.setTickMarkPaint(Color.BLACK);
        above.setTickMarkStroke(ChartStyle.MEDIUM);
        plot.setDomainAxis(1, above);
        plot.setDomainAxisLocation(1, AxisLocation.TOP_OR_LEFT);
        return this;
    }

    private void draw(Graphics2D graphics) {
        chart.draw(graphics, new Rectangle2D.Double(0, 0, width, height));
    }
}
