package norma.trainer.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.title.LegendTitle;
import org.jfree.data.xy.XYDataset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class LineChartTest {
    @Test
    void stairs_keepTheirValueUntilTheNextPlace() {
        Figure figure = LineChart.of("", "step", "count", false)
                .stairs("outliers", new double[] {0, 40, 90}, new double[] {0, 1, 2})
                .figure("", "");
        XYDataset drawn = chart(figure, 0).getXYPlot().getDataset(0);
        assertThat(IntStream.range(0, drawn.getItemCount(0))
                        .mapToObj(i -> drawn.getXValue(0, i) + " " + drawn.getYValue(0, i)))
                .containsExactly("0.0 0.0", "40.0 0.0", "40.0 1.0", "90.0 1.0", "90.0 2.0");
    }

    @Test
    void eachStackedChartHasALegendOfItsOwn_andAllHaveOneRangeOfSteps() {
        LineChart above = LineChart.of("(a)", "step", "loss", false)
                .reference("whole", new double[] {0, 100}, new double[] {2, 1})
                .line("without", new double[] {0, 100}, new double[] {3, 4});
        LineChart below = LineChart.of("(b)", "step", "damage", false)
                .line("without", new double[] {20, 80}, new double[] {0, 1});
        Figure figure = LineChart.stacked("", "", List.of(above, below));
        assertThat(labels(figure, 0)).containsExactly("whole", "without");
        assertThat(labels(figure, 1)).containsExactly("without");
        assertThat(chart(figure, 1).getXYPlot().getDomainAxis().getRange())
                .isEqualTo(chart(figure, 0).getXYPlot().getDomainAxis().getRange());
    }

    @Test
    void sixLinesAndThreeBands_differInStrokeWithoutColours_andNoTwoGreysAreAlike() {
        double[] places = {0, 1};
        LineChart lines = LineChart.of("", "step", "loss", false);
        LineChart bands = LineChart.of("", "step", "loss", false);
        IntStream.range(0, 6).forEach(i -> lines.line("line " + i, places, places));
        IntStream.range(0, 3).forEach(i -> bands.band("band " + i, places, places, places, places));
        LegendItemCollection ofLines = legend(lines.figure("", ""), 0);
        assertThat(IntStream.range(0, 6).mapToObj(i -> ofLines.get(i).getLineStroke()))
                .doesNotHaveDuplicates();
        LegendItemCollection ofBands = legend(bands.figure("", ""), 0);
        assertThat(IntStream.range(0, 3).mapToObj(i -> ofBands.get(i).getLineStroke()))
                .doesNotHaveDuplicates();
        assertThat(IntStream.range(0, 3).mapToObj(i -> ofBands.get(i).getLinePaint()))
                .doesNotHaveDuplicates();
    }

    private static JFreeChart chart(Figure figure, int panel) {
        return figure.panels().get(panel).chart();
    }

    private static LegendItemCollection legend(Figure figure, int panel) {
        return ((LegendTitle) chart(figure, panel).getSubtitle(0)).getSources()[0].getLegendItems();
    }

    private static List<String> labels(Figure figure, int panel) {
        LegendItemCollection items = legend(figure, panel);
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < items.getItemCount(); i++) {
            labels.add(items.get(i).getLabel());
        }
        return labels;
    }

    private static long pixels(Figure figure, Color colour) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(figure.png(FigureWidth.TWO_COLUMNS)));
        int axes = image.getHeight() / 3; // title and legend are above
        return IntStream.range(axes, image.getHeight())
                .flatMap(y -> IntStream.range(0, image.getWidth()).map(x -> image.getRGB(x, y)))
                .filter(rgb -> rgb == colour.getRGB())
                .count();
    }

    @Test
    void whereLinesLieOnEachOther_eachIsSeen() throws IOException {
        double[] steps = IntStream.range(0, 300).asDoubleStream().toArray();
        double[] values = new double[300];
        Figure figure = LineChart.of("", "step", "loss", false)
                .broadStairs("count", steps, values)
                .line("own", steps, values)
                .line("final", steps, values)
                .figure("", "");
        assertThat(pixels(figure, ChartStyle.COLOURS.get(0))).isGreaterThan(200);
        assertThat(pixels(figure, ChartStyle.COLOURS.get(1))).isGreaterThan(200);
        assertThat(pixels(figure, ChartStyle.PALE_GREY)).isGreaterThan(200);
    }

    @Test
    void reference_threshold_countAndSecondLine_areToldApartWithoutColours() {
        double[] places = {0, 1};
        Figure figure = LineChart.of("", "step", "loss", false)
                .reference("validation loss", places, places)
                .threshold("threshold", places, 3)
                .broadStairs("outliers", places, places)
                .line("weights", places, places)
                .line("biases", places, places)
                .figure("", "");
        LegendItemCollection items = legend(figure, 0);
        assertThat(IntStream.of(0, 1, 2, 4).mapToObj(i -> items.get(i).getLineStroke()))
                .doesNotHaveDuplicates();
        assertThat(chart(figure, 0).getXYPlot().getDataset(1).getYValue(0, 0)).isEqualTo(3);
    }
}
