package norma.trainer.figure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class FigureTest {
    private static final double POINTS_PER_MILLIMETRE = 72 / 25.4;
    private static final Pattern SIZE = Pattern.compile("<svg[^>]* width=\"([0-9.]+)mm\"");
    private static final Pattern FONT_SIZE = Pattern.compile("font-size=\"(\\d+)(?:px)?\"|font-size:(\\d+)");

    @TempDir
    Path folder;

    @Test
    void aFigureIsWrittenAsPngSvgAndPdf_theSameBytesEachTime() throws IOException {
        lines().write(folder, "one", FigureWidth.TWO_COLUMNS);
        lines().write(folder, "two", FigureWidth.TWO_COLUMNS);
        for (String format : List.of(".png", ".svg", ".pdf")) {
            assertThat(folder.resolve("two" + format)).hasSameBinaryContentAs(folder.resolve("one" + format));
        }
        Figure.delete(folder, "one");
        Figure.delete(folder, "two");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void onPaper_aFigureIsAsWideAsWasSaid_andItsLettersAreNoSmallerThan7Points() throws IOException {
        for (FigureWidth width : List.of(FigureWidth.ONE_COLUMN, FigureWidth.TWO_COLUMNS, new FigureWidth(120))) {
            String svg = lines().svg(width);
            var size = SIZE.matcher(svg);
            assertThat(size.find()).isTrue();
            assertThat(Double.parseDouble(size.group(1))).isCloseTo(width.millimetres(), within(0.2));
            try (PDDocument pdf = Loader.loadPDF(lines().pdf(width))) {
                assertThat(pdf.getNumberOfPages()).isEqualTo(1);
                PDRectangle page = pdf.getPage(0).getMediaBox();
                assertThat(page.getWidth() / POINTS_PER_MILLIMETRE).isCloseTo(width.millimetres(), within(0.2));
            }
            double points = width.millimetres() * POINTS_PER_MILLIMETRE / width.units();
            assertThat(FONT_SIZE.matcher(svg).results().mapToDouble(match -> {
                        String units = match.group(1) == null ? match.group(2) : match.group(1);
                        return Integer.parseInt(units) * points;
                    }))
                    .isNotEmpty()
                    .allSatisfy(size7 -> assertThat(size7).isGreaterThan(6.95));
        }
    }

    @Test
    void theLettersOfAPdfAreOutlines_soThatNoFontIsMissing() throws IOException {
        try (PDDocument pdf = Loader.loadPDF(lines().pdf(FigureWidth.ONE_COLUMN))) {
            assertThat(pdf.getPage(0).getResources().getFontNames()).isEmpty();
            assertThat(pdf.getDocumentInformation().getTitle()).isEqualTo("Lines");
            assertThat(pdf.getDocumentInformation().getCreationDate()).isNull();
        }
    }

    @Test
    void inOneColumn_panelsStandBelowEachOther_andInTwo_theLastRowIsFilled() {
        Map<String, Double> marks = Map.of("308", 0.5);
        List<Panel> panels = IntStream.range(0, 5)
                .mapToObj(i -> HistogramChart.of("panel " + i, "value", new double[] {0, 0.5, 1}, marks))
                .toList();
        Figure figure = new Figure("Histograms", "", panels, 3);
        double wide = new FigureLayout(figure, FigureWidth.TWO_COLUMNS.units()).height();
        double narrow = new FigureLayout(figure, FigureWidth.ONE_COLUMN.units()).height();
        assertThat(narrow).isGreaterThan(2 * wide);
        assertThat(figure.svg(FigureWidth.TWO_COLUMNS)).contains("308");
    }

    @Test
    void aLongTitle_isWrappedInANarrowFigure() {
        Figure figure = new Figure("A title that is much longer than one column of a page is wide", "", panel());
        Font title = ChartStyle.TITLE;
        double length = title.getStringBounds(figure.title(), new FontRenderContext(null, true, true))
                .getWidth();
        assertThat(length).isGreaterThan(FigureWidth.ONE_COLUMN.units());
        assertThat(figure.svg(FigureWidth.ONE_COLUMN)).doesNotContain(figure.title());
        assertThat(figure.svg(FigureWidth.TWO_COLUMNS)).contains(figure.title());
    }

    @Test
    void widthsThatNoPageHas_areRefused() {
        for (double width : new double[] {0, 79, 401, Double.NaN}) {
            assertThatThrownBy(() -> new FigureWidth(width)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private Figure lines() {
        double[] steps = {0, 50, 100};
        LineChart above = LineChart.of("(a) Loss", "step", "loss (nats)", false)
                .reference("whole model", steps, new double[] {9, 5, 4})
                .line("without the last checkpoint's dimensions [3, 105]", steps, new double[] {9, 6, 6})
                .band(
                        "without 2 others, mean ± std",
                        steps,
                        new double[] {9, 5, 4},
                        new double[] {9, 5, 4},
                        new double[] {9, 5.5, 4.5})
                .marks(List.of(new LineChart.Mark(90, "3")));
        LineChart below = LineChart.of("(b) Change", "step", "change (nats)", false)
                .line("without", steps, new double[] {0, 1, 2})
                .zero();
        return LineChart.stacked("Lines", "of a test", List.of(above, below));
    }

    private static Panel panel() {
        return HistogramChart.of("", "value", new double[] {0, 1}, Map.of());
    }
}
