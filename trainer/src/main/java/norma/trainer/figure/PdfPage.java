package norma.trainer.figure;

import de.rototor.pdfbox.graphics2d.PdfBoxGraphics2D;
import java.awt.Graphics2D;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;

/** A PDF file of one drawn page. */
final class PdfPage {
    private PdfPage() {}

    /**
     * The file's bytes, which depend on the drawing alone: no date, and an identifier that is always the same.
     *
     * @param width of the page in units
     * @param height likewise
     * @param points to a unit
     */
    static byte[] of(String title, double width, double height, double points, Consumer<Graphics2D> drawing) {
        PDRectangle size = new PDRectangle((float) (width * points), (float) (height * points));
        try (PDDocument document = new PDDocument()) {
            document.setDocumentId(0L);
            document.getDocumentInformation().setTitle(title);
            document.getDocumentInformation().setProducer("Norma");
            PDPage page = new PDPage(size);
            document.addPage(page);
            PdfBoxGraphics2D graphics = new PdfBoxGraphics2D(document, size.getWidth(), size.getHeight());
            try {
                graphics.scale(points, points);
                drawing.accept(graphics);
            } finally {
                graphics.dispose();
            }
            try (PDPageContentStream content = new PDPageContentStream(document, page)) {
                content.drawForm(graphics.getXFormObject());
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            document.save(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
