package norma.trainer.figure;

import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import norma.datasets.files.DurableFiles;
import org.apache.batik.dom.GenericDOMImplementation;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Panels under a title, as PNG, SVG and PDF of any width. The same figure gives the same bytes.
 *
 * @param title in sentence case
 * @param subtitle what holds for all panels; may be empty
 * @param panels in reading order
 * @param columns panels in a row, where the width allows so many
 */
public record Figure(String title, String subtitle, List<Panel> panels, int columns) {
    /** Endings of a figure's files. */
    private static final List<String> FORMATS = List.of(".png", ".svg", ".pdf");

    private static final double PIXELS_PER_UNIT = 1.6; // about 200 to the inch of paper

    public Figure {
        panels = List.copyOf(panels);
    }

    /** A figure of one panel. */
    public Figure(String title, String subtitle, Panel panel) {
        this(title, subtitle, List.of(panel), 1);
    }

    /** As a PNG file's bytes. */
    public byte[] png(FigureWidth width) {
        FigureLayout layout = new FigureLayout(this, width.units());
        BufferedImage image =
                new BufferedImage(pixels(width.units()), pixels(layout.height()), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.scale(PIXELS_PER_UNIT, PIXELS_PER_UNIT);
            layout.draw(graphics);
        } finally {
            graphics.dispose();
        }
        return EmbeddedImages.png(image);
    }

    private static int pixels(double units) {
        return (int) Math.round(units * PIXELS_PER_UNIT);
    }

    /** As the text of an SVG file, whose size is that on paper. */
    public String svg(FigureWidth width) {
        FigureLayout layout = new FigureLayout(this, width.units());
        Document document = GenericDOMImplementation.getDOMImplementation()
                .createDocument("http://www.w3.org/2000/svg", "svg", null);
        SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
        context.setPrecision(2);
        context.setComment("Norma");
        context.setImageHandler(new EmbeddedImages());
        SVGGraphics2D graphics = new SVGGraphics2D(context, false);
        graphics.setSVGCanvasSize(new Dimension((int) width.units(), (int) layout.height()));
        try {
            layout.draw(graphics);
            Element root = graphics.getRoot();
            root.setAttributeNS(null, "viewBox", "0 0 " + (int) width.units() + " " + (int) layout.height());
            root.setAttributeNS(null, "width", millimetres(width.units()));
            root.setAttributeNS(null, "height", millimetres(layout.height()));
            StringWriter writer = new StringWriter();
            graphics.stream(root, writer, true, false);
            return writer.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            graphics.dispose();
        }
    }

    private static String millimetres(double units) {
        return String.format(Locale.ROOT, "%.2fmm", FigureWidth.millimetres(units));
    }

    /** As a PDF file's bytes: one page of the figure's size, its letters as outlines, so that no font is missing. */
    public byte[] pdf(FigureWidth width) {
        FigureLayout layout = new FigureLayout(this, width.units());
        return PdfPage.of(title, width.units(), layout.height(), FigureWidth.POINTS_PER_UNIT, layout::draw);
    }

    /** Writes {@code name.png}, {@code name.svg} and {@code name.pdf} into a folder, each whole or not at all. */
    public void write(Path folder, String name, FigureWidth width) throws IOException {
        Files.createDirectories(folder);
        DurableFiles.write(folder.resolve(name + ".pdf"), pdf(width));
        DurableFiles.write(folder.resolve(name + ".svg"), svg(width).getBytes(StandardCharsets.UTF_8));
        DurableFiles.write(folder.resolve(name + ".png"), png(width));
    }

    /** Removes what {@link #write} has left of that name, for a result that comes without its picture. */
    public static void delete(Path folder, String name) throws IOException {
        for (String format : FORMATS) {
            Files.deleteIfExists(folder.resolve(name + format));
        }
    }
}
