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
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.title.LegendTitle;
import org.jfree.data.xy.XYDataset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
class LineChartTest {
    @Test
    void stairs_keepTheirValueUntilTheNextPlace() {
        Figure figure = LineChart.of("", "", "step", "count", false)
                .stairs("outliers", new double[] {0, 40, 90}, new double[] {0, 1, 2})
                .figure();
        XYDataset drawn = figure.chart().getXYPlot().getDataset(0);
        assertThat(IntStream.range(0, drawn.getItemCount(0))
                        .mapToObj(i -> drawn.getXValue(0, i) + " " + drawn.getYValue(0, i)))
                .containsExactly("0.0 0.0", "40.0 0.0", "40.0 1.0", "90.0 1.0", "90.0 2.0");
    }

    @Test
    void whatStackedChartsShare_standsInTheLegendOnce() {
        double[] places = {0, 1};
        LineChart above = LineChart.of("", "", "step", "loss", false)
                .reference("whole", places, places)
                .line("without", places, places);
        LineChart below = LineChart.of("", "", "step", "damage", false)
                .line("without", places, places)
                .line("more", places, places);
        Figure figure = LineChart.stacked("", "", "step", List.of(above, below));
        LegendItemCollection items = ((LegendTitle) figure.chart().getSubtitle(1)).getSources()[0].getLegendItems();
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < items.getItemCount(); i++) {
            labels.add(items.get(i).getLabel());
        }
        assertThat(labels).containsExactly("whole", "without", "more");
    }

    private static long pixels(Figure figure, Color colour) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(figure.png()));
        int axis = image.getHeight() * 3 / 4; // the legend is below
        return IntStream.range(0, axis)
                .flatMap(y -> IntStream.range(0, image.getWidth()).map(x -> image.getRGB(x, y)))
                .filter(rgb -> rgb == colour.getRGB())
                .count();
    }

    @Test
    void whereLinesLieOnEachOther_eachIsSeen() throws IOException {
        double[] steps = IntStream.range(0, 300).asDoubleStream().toArray();
        double[] values = new double[300];
        Figure figure = LineChart.of("", "", "step", "loss", false)
                .broadStairs("count", steps, values)
                .line("own", steps, values)
                .line("final", steps, values)
                .figure();
        assertThat(pixels(figure, ChartStyle.COLOURS.get(0))).isGreaterThan(200);
        assertThat(pixels(figure, ChartStyle.COLOURS.get(1))).isGreaterThan(200);
        assertThat(pixels(figure, ChartStyle.GREYS.get(2))).isGreaterThan(200);
    }

    @Test
    void reference_threshold_countAndSecondLine_areToldApartWithoutColours() {
        double[] places = {0, 1};
        Figure figure = LineChart.of("", "", "step", "loss", false)
                .reference("validation loss", places, places)
                .threshold("threshold", places, 3)
                .broadStairs("outliers", places, places)
                .line("weights", places, places)
                .line("biases", places, places)
                .figure();
        LegendItemCollection items = ((LegendTitle) figure.chart().getSubtitle(1)).getSources()[0].getLegendItems();
        assertThat(IntStream.of(0, 1, 2, 4).mapToObj(i -> items.get(i).getLineStroke()))
                .doesNotHaveDuplicates();
        assertThat(figure.chart().getXYPlot().getDataset(1).getYValue(0, 0)).isEqualTo(3);
    }
}
