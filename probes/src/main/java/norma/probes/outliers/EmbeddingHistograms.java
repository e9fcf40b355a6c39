package norma.probes.outliers;

import java.util.ArrayList;
import java.util.List;
import norma.trainer.bert.PretrainedBert;
import norma.trainer.figure.Figure;
import norma.trainer.figure.FigureGrid;
import norma.trainer.figure.HistogramChart;
import norma.trainer.layernorm.LayerNormSite;

/**
 * Where an outlier comes from: all values of the embedding tables, averaged per dimension, and of the embedding
 * LayerNorm, with the outlier dimensions marked (Kovaleva et al. 2021, figure 4).
 */
public final class EmbeddingHistograms {
    private static final List<String> TABLES = List.of("word", "position", "token_type");

    private EmbeddingHistograms() {}

    /** The figure: for each table the mean over its rows, per dimension; then the LayerNorm's weight and bias. */
    public static Figure of(PretrainedBert bert, List<Integer> outliers, String title) {
        List<Figure> panels = new ArrayList<>();
        int hidden = bert.config().hiddenSize();
        for (String table : TABLES) {
            float[] values = bert.parameter("bert.embeddings." + table + "_embeddings.weight");
            panels.add(panel(
                    table.replace('_', ' ') + " embeddings: mean over " + values.length / hidden + " rows",
                    "mean value of a dimension",
                    meanOverRows(values, hidden),
                    outliers));
        }
        LayerNormSite site = bert.layerNormSites().get(0);
        panels.add(panel("embedding LayerNorm weight", "weight", doubles(bert.parameter(site.weight())), outliers));
        panels.add(panel("embedding LayerNorm bias", "bias", doubles(bert.parameter(site.bias())), outliers));
        panels.add(panel(
                "word embeddings: standard deviation over rows",
                "standard deviation of a dimension",
                deviationOverRows(bert.parameter("bert.embeddings.word_embeddings.weight"), hidden),
                outliers));
        return FigureGrid.of(title, "a value for each of " + hidden + " dimensions", panels, 3);
    }

    private static Figure panel(String title, String axis, double[] values, List<Integer> outliers) {
        List<HistogramChart.Mark> marks = outliers.stream()
                .limit(4)
                .map(d -> new HistogramChart.Mark(values[d], Integer.toString(d)))
                .toList();
        return HistogramChart.of(title, axis, values, marks);
    }

    /** (rows, H) to (H). */
    static double[] meanOverRows(float[] values, int hidden) {
        double[] mean = new double[hidden];
        for (int i = 0; i < values.length; i++) {
            mean[i % hidden] += values[i];
        }
        for (int d = 0; d < hidden; d++) {
            mean[d] /= values.length / (double) hidden;
        }
        return mean;
    }

    private static double[] deviationOverRows(float[] values, int hidden) {
        double[] mean = meanOverRows(values, hidden);
        double[] squares = new double[hidden];
        for (int i = 0; i < values.length; i++) {
            squares[i % hidden] += Math.pow(values[i] - mean[i % hidden], 2);
        }
        for (int d = 0; d < hidden; d++) {
            squares[d] = Math.sqrt(squares[d] / (values.length / (double) hidden));
        }
        return squares;
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }
}
