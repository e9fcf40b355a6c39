package norma.trainer.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
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
}
